package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

func TestMisspelt(t *testing.T) {
	for name, others := range map[string]map[string]bool{
		"tesing":    {"testing": true, "production": false},
		"testting":  {"testing": true},
		"tseting":   {"testing": true},
		"rest":      {"test": true},
		"featurex":  {"feature_x": true},
		"testing":   {"testing": false, "testing2": false, "testing_new": false, "resting_x": false},
		"issue_123": {"issue_124": false, "issue_12": false, "issue_132": false},
		"team_a":    {"team_b": false, "team_c_d": false},
		"a_team":    {"b_team": false},
		"uat":       {"qa": false, "eat": false},
		"hotfix":    {"hotfix_2": false, "": false},
		"":          {"testing": false},
	} {
		for other, want := range others {
			if got := misspelt(name, other); got != want {
				t.Errorf("%s and %s: %v, want %v", name, other, got, want)
			}
		}
	}
}

// Suggestions are in alphabetical order in every run.
func TestSimilarNamesAreInOrder(t *testing.T) {
	near := []string{"hofix", "hotfi", "hotfx", "htfix", "otfix"}
	status := &codemanager.DeploysStatus{}
	for _, name := range near {
		status.Storage.Deployed = append(status.Storage.Deployed, codemanager.DeployedEnvironment{Environment: name})
	}
	for range 20 {
		sys, _, _ := testSystem()
		err := (&app{sys: sys}).notThereBefore(follow.Read(status, nil), []string{"hotfix"})
		if err == nil || !slices.Equal(strings.Fields(err.Error())[len(strings.Fields(err.Error()))-len(near):], near) {
			t.Fatalf("error %v", err)
		}
	}
}
