// Package version has the version and the build of a program.
package version

import (
	"crypto/fips140"
	"runtime/debug"
	"strings"
	"time"
)

// Devel is the version of a program that is not a release.
const Devel = "devel"

// Info describes the build of a program.
type Info struct {
	// Version is the version of the release without a leading v, or Devel.
	Version string
	// Commit is the commit SHA, "" if it is not known.
	Commit string
	// Date is the date of the commit in RFC 3339, "" if it is not known. It is not the time of the
	// build, so that the same commit makes the same program.
	Date string
	// FIPS is true if Go's FIPS 140-3 module is enabled.
	FIPS bool
}

// Of completes the values that the linker set in a release with those of the Go command: the
// version of a module that was installed with go install, or the commit of a clone.
func Of(version, commit, date string) Info {
	info := Info{Version: version, Commit: commit, Date: date, FIPS: fips140.Enabled()}
	if build, ok := debug.ReadBuildInfo(); ok {
		info.complete(build)
	}
	return info
}

func (i *Info) complete(build *debug.BuildInfo) {
	if i.Version != Devel || i.Commit != "" {
		return // the linker set the values of a release
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

// String is the output of --version: 1.2.3 (commit 0123456789ab, 2026-01-31).
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

// shortCommit keeps twelve digits of a SHA, and any text after it.
func shortCommit(commit string) string {
	sha, _, _ := strings.Cut(commit, "-")
	return sha[:min(len(sha), 12)] + commit[len(sha):]
}

func day(date string) string {
	parsed, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return date
	}
	return parsed.UTC().Format(time.DateOnly)
}
