// Package version says which version of a program this is, and what it was
// built from.
package version

import (
	"crypto/fips140"
	"runtime/debug"
	"strings"
	"time"
)

// Devel is the version of a program that is no release.
const Devel = "devel"

// Info is what a program was built from.
type Info struct {
	// Version is that of the release without a leading v, or Devel.
	Version string
	// Commit is the commit SHA, "" where it is not known.
	Commit string
	// Date is when that commit was made, by RFC 3339; "" where it is not known.
	// It is not the time of the build: the same commit makes the same program.
	Date string
	// FIPS is true where the program runs with Go's FIPS 140-3 module on.
	FIPS bool
}

// Of completes what the linker set in a release by what the Go command noted:
// the version of a module that was installed with go install, the commit of a
// clone.
func Of(version, commit, date string) Info {
	info := Info{Version: version, Commit: commit, Date: date, FIPS: fips140.Enabled()}
	if info.released() {
		return info
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		info.complete(build)
	}
	return info
}

// released reports whether the linker set anything.
func (i *Info) released() bool { return i.Version != Devel || i.Commit != "" }

func (i *Info) complete(build *debug.BuildInfo) {
	if i.released() {
		return
	}
	modified := false
	for _, setting := range build.Settings {
		switch setting.Key {
		case "vcs.revision":
			i.Commit = setting.Value
		case "vcs.time":
			i.Date = setting.Value
		case "vcs.modified":
			modified = setting.Value == "true"
		}
	}
	if modified {
		i.Commit += "-modified"
	}
	if i.Commit == "" && strings.HasPrefix(build.Main.Version, "v") {
		i.Version = strings.TrimPrefix(build.Main.Version, "v")
	}
}

// String is what --version says: 1.2.3 (commit 0123456789ab, 2026-01-31).
func (i Info) String() string {
	var more []string
	if i.Commit != "" {
		more = append(more, "commit "+shortCommit(i.Commit))
	}
	if day := day(i.Date); day != "" {
		more = append(more, day)
	}
	if i.FIPS {
		more = append(more, "FIPS 140-3")
	}
	if len(more) == 0 {
		return i.Version
	}
	return i.Version + " (" + strings.Join(more, ", ") + ")"
}

// shortCommit keeps twelve digits of a SHA, and what stands after it.
func shortCommit(commit string) string {
	sha, rest, found := strings.Cut(commit, "-")
	sha = sha[:min(len(sha), 12)]
	if !found {
		return sha
	}
	return sha + "-" + rest
}

func day(date string) string {
	parsed, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return date
	}
	return parsed.UTC().Format(time.DateOnly)
}
