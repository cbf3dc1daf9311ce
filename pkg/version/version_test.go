package version

import (
	"runtime/debug"
	"slices"
	"testing"
)

func TestString(t *testing.T) {
	for want, info := range map[string]Info{
		"devel": {Version: Devel},
		"1.2.3": {Version: "1.2.3"},
		"1.2.3 (commit 0123456789ab, 2026-01-31)":                    {Version: "1.2.3", Commit: "0123456789abcdef", Date: "2026-01-31T23:30:00Z"},
		"1.2.3 (commit 0123456789ab, 2026-02-01)":                    {Version: "1.2.3", Commit: "0123456789abcdef", Date: "2026-01-31T23:30:00-01:00"},
		"devel (commit 0123456789ab-modified, 2026-01-31)":           {Version: Devel, Commit: "0123456789abcdef-modified", Date: "2026-01-31T00:00:00Z"},
		"1.2.3 (commit 012, FIPS 140-3)":                             {Version: "1.2.3", Commit: "012", FIPS: true},
		"1.2.3 (commit 012, one day)":                                {Version: "1.2.3", Commit: "012", Date: "one day"},
		"0.0.0-20260101000000-0123456789ab (2026-01-01, FIPS 140-3)": {Version: "0.0.0-20260101000000-0123456789ab", Date: "2026-01-01T00:00:00Z", FIPS: true},
	} {
		if got := info.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	clone := []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123"},
		{Key: "vcs.time", Value: "2026-01-31T00:00:00Z"},
		{Key: "vcs.modified", Value: "false"},
	}
	changed := slices.Concat(clone[:2], []debug.BuildSetting{{Key: "vcs.modified", Value: "true"}})
	for name, test := range map[string]struct {
		set   Info
		build debug.BuildInfo
		want  Info
	}{
		"nothing is known": {Info{Version: Devel}, debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, Info{Version: Devel}},
		"the linker wins": {
			Info{Version: "1.2.3", Commit: "ffff", Date: "2025-01-01T00:00:00Z"},
			debug.BuildInfo{Settings: clone},
			Info{Version: "1.2.3", Commit: "ffff", Date: "2025-01-01T00:00:00Z"},
		},
		"a clone": {
			Info{Version: Devel},
			debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20260131000000-0123"}, Settings: clone},
			Info{Version: Devel, Commit: "0123", Date: "2026-01-31T00:00:00Z"},
		},
		"a clone with changes": {
			Info{Version: Devel},
			debug.BuildInfo{Settings: changed},
			Info{Version: Devel, Commit: "0123-modified", Date: "2026-01-31T00:00:00Z"},
		},
		"go install of a release": {
			Info{Version: Devel},
			debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}},
			Info{Version: "1.2.3"},
		},
	} {
		if test.set.complete(&test.build); test.set != test.want {
			t.Errorf("%s: %+v, want %+v", name, test.set, test.want)
		}
	}
}
