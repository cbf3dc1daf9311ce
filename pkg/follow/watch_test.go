package follow_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// watch replays looks without a request, until nothing is in flight or until says so.
func watch(t *testing.T, until func(*follow.State) (bool, error), looks ...string) (state *follow.State, took time.Duration, err error) {
	t.Helper()
	r := &replay{t: t, seq: sequence{looks: looks}, deploys: 1}
	synctest.Test(t, func(t *testing.T) {
		r.began = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		state, err = follow.Watch(ctx, r, nil, until, follow.Options{Wall: r.wall})
		took = time.Since(r.began)
	})
	return state, took, err
}

func settled(s *follow.State) (bool, error) { return !s.InFlight(), nil }

func TestWatch(t *testing.T) {
	for name, test := range map[string]struct {
		looks []string
		want  string
	}{
		"theirs is staged, ours fails": {[]string{
			"deploying:p@10:00:00#9 queued:p@10:00:00.100#10 " + before,
			"deploying:p@10:00:00.100#10 staged:p@10:00:04=theirs on:a@10:00:05+,p=theirs",
			"failed:p@10:00:00.100#10 staged:p@10:00:04=theirs on:a@10:00:07+,p=theirs",
		}, "p failed #10 (failure of 10:00:00.100)"},
		"both between two looks": {[]string{
			"deploying:p@10:00:00#9 queued:p@10:00:00.100#10 " + before,
			"failed:p@10:00:00.100#10 staged:p@10:00:04=theirs on:a@10:00:07+,p=theirs",
		}, "p failed #10 (failure of 10:00:00.100)"},
		"ours fails, theirs is staged with a kept date": {[]string{
			"deploying:p@10:00:00#9 queued:p@10:00:00.100#10 " + before,
			"failed:p@10:00:00#9 deploying:p@10:00:00.100#10 " + before,
			"failed:p@10:00:00#9 " + before,
		}, "p complete old"},
		"ours fails, theirs is lost in a restart": {[]string{
			"deploying:p@10:00:00#9 queued:p@10:00:00.100#10 " + before,
			"failed:p@10:00:00#9 deploying:p@10:00:00.100#10 " + before,
			"503", "failed:p@10:00:00#9 " + before,
		}, "p failed #9 (failure of 10:00:00)"},
		"a deployment is lost in a restart": {[]string{
			"deploying:p@10:00:00#9 " + before, "down", before,
		}, "p lost"},
		"the first deployment of an environment is lost": {[]string{
			"deploying:p@10:00:00#9 on:a@10:00:00", "down", "on:a@10:00:05",
		}, "p lost"},
		"lost, and deployed again": {[]string{
			"deploying:p@10:00:00#9 " + before, "down", "deploying:p@10:00:20#1 " + before, "staged:p@10:00:22=new on:a@10:00:23+,p=new", "staged:p@10:00:22=new on:a@10:00:28+,p=new",
		}, "p complete new"},
		"lost, and deployed again with a kept date": {[]string{
			"deploying:p@10:00:00#9 " + before, "down", "deploying:p@10:00:20#1 " + before, before,
		}, "p complete old"},
		"lost, and the next one fails": {[]string{
			"deploying:p@10:00:00#9 " + before, "down", "deploying:p@10:00:20#1 " + before, "failed:p@10:00:20#1 " + before,
		}, "p failed #1 (failure of 10:00:20)"},
		"a failure that the server forgets": {[]string{
			"deploying:p@10:00:00#9 queued:q@10:00:00#10 " + before, "failed:p@10:00:00#9 deploying:q@10:00:00#10 " + before,
			"deploying:q@10:00:00#10 " + before, "staged:q@10:00:09=qq on:a@10:00:10+,p=old,q=qq staged:p@09:00:00=old",
			"staged:q@10:00:09=qq on:a@10:00:15+,p=old,q=qq staged:p@09:00:00=old",
		}, "p failed #9 (failure of 10:00:00); q complete qq"},
		"a failure that the server forgets, and a retry": {[]string{
			"deploying:p@10:00:00#9 " + before, "failed:p@10:00:00#9 deploying:p@10:00:03#10 " + before,
			"deploying:p@10:00:03#10 " + before, "staged:p@10:00:09=new on:a@10:00:10+,p=new", "staged:p@10:00:09=new on:a@10:00:15+,p=new",
		}, "p complete new"},
		"an id that appears tells two entries apart": {[]string{
			"queued:p@10:00:00 " + before, "deploying:p@10:00:00#8 failed:p@10:00:00#7 " + before,
			"failed:p@10:00:00#8 failed:p@10:00:00#7 " + before,
		}, "p failed #7 (failure of 10:00:00)"},
		"suspended": {[]string{
			"deploying:p@10:00:00#9 " + before, "suspended:1m " + before,
		}, "p lost"},
		"an older failure": {[]string{"failed:p@08:59:00#9 " + before}, "p complete old"},
		"an outage": {append(append([]string{"deploying:p@10:00:00#9 " + before}, repeat("down", 40)...),
			"staged:p@10:00:04=new on:a@10:00:05+,p=new"), "p complete new"},
		"looks that fail in every way": {
			[]string{
				"deploying:p@10:00:00#9 " + before, "404", "421", "429/3", "302", "html", "nothing", "null:deploys",
				"staged:p@10:00:04=new on:a@10:00:05+,p=new",
			}, "p complete new",
		},
		"a compiler goes missing": {[]string{
			"deploying:p@10:00:00#9 " + before + " on:b@10:00:00,p=old", "staged:p@10:00:04=new on:a@10:00:05+,p=new",
			"staged:p@10:00:08=newer on:a@10:00:09+,p=newer on:b@10:00:09+,p=newer",
			"staged:p@10:00:08=newer on:a@10:00:13+,p=newer on:b@10:00:13+,p=newer",
		}, "p complete newer"},
	} {
		t.Run(name, func(t *testing.T) {
			state, _, err := watch(t, settled, test.looks...)
			if err != nil || summary(state.Deployments()) != test.want {
				t.Errorf("got %q (%v), want %q", summary(state.Deployments()), err, test.want)
			}
		})
	}
}

// The commit before is known once the watch has seen the staging change: what the first look shows may
// be the result of the deployment already.
func TestWatchKnowsTheCommitBefore(t *testing.T) {
	const staged = "staged:p@10:00:04=new on:a@10:00:05+,p=new"
	for name, test := range map[string]struct {
		looks []string
		want  string
	}{
		"staged before the watch":      {[]string{"staged:p@09:59:57=new " + strings.Replace(before, "staged:p@09:00:00=old", "", 1), "staged:p@09:59:57=new on:a@10:00:05+,p=new"}, ""},
		"nothing in flight":            {[]string{before}, ""},
		"staged during the watch":      {[]string{"deploying:p@10:00:00#9 " + before, staged}, "old -> new"},
		"the same commit, staged anew": {[]string{"deploying:p@10:00:00#9 " + before, "staged:p@10:00:04=old on:a@10:00:05+,p=old"}, "old -> old"},
		"staged for the first time":    {[]string{"deploying:p@10:00:00#9 on:a@10:00:00", staged}, " -> new"},
		"failed":                       {[]string{"deploying:p@10:00:00#9 " + before, "failed:p@10:00:00#9 " + before}, ""},
	} {
		state, _, err := watch(t, settled, test.looks...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := ""
		if e := state.Environment("p"); e.BeforeKnown {
			got = e.Before + " -> " + e.Signature
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// The parts of a wait for a commit, or for an environment to be gone.
func TestWatchForACommit(t *testing.T) {
	for name, test := range map[string]struct {
		until  func(*follow.State) (bool, error)
		looks  []string
		within time.Duration
	}{
		"a commit on every compiler, while the next is deployed": {
			func(s *follow.State) (bool, error) {
				p := s.Environment("p")
				return p != nil && p.Staged && p.Everywhere && p.Signature == "new", nil
			},
			[]string{before, "staged:p@10:00:04=new " + strings.Replace(before, "staged:p@09:00:00=old", "", 1), "deploying:p@10:00:06#8 staged:p@10:00:04=new on:a@10:00:05,p=new"},
			10 * time.Second,
		},
		"gone from the primary and all compilers but one that is down": {
			func(s *follow.State) (bool, error) {
				p := s.Environment("p")
				return p == nil || !p.Staged && p.On == 0, nil
			},
			[]string{before + " on:b@08:00:00,p=old", "null:storage on:a@10:00:04 on:b@08:00:00,p=old", "on:a@10:00:05,p=old on:b@08:00:00,p=old", "on:a@10:00:09 on:b@08:00:00,p=old"},
			time.Minute,
		},
		"a failure that appears": {
			func(s *follow.State) (bool, error) {
				for _, f := range s.Failures {
					if f.Appeared && f.ID != "9" {
						return true, errors.New("the failure of before appeared")
					}
					if f.Appeared {
						return true, nil
					}
				}
				return false, nil
			},
			[]string{"failed:p@09:59:00#8 " + before, "failed:p@09:59:00#8 deploying:p@10:00:00#9 " + before, "failed:p@09:59:00#8 failed:p@10:00:00#9 " + before},
			10 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			last := len(test.looks) - 1
			_, took, err := watch(t, test.until, test.looks...)
			if err != nil || took > test.within {
				t.Errorf("%v after %s", err, took)
			}
			// What does not hold yet, holds for no reason later.
			if _, took, _ := watch(t, test.until, test.looks[:last]...); took < 14*time.Minute {
				t.Errorf("it held after %s, before the last look", took)
			}
		})
	}
}

func TestEndsOfWatching(t *testing.T) {
	noHost := &codemanager.ConnectionError{Err: &net.DNSError{IsNotFound: true}}
	wrongCA := &codemanager.ConnectionError{Err: &codemanager.CertificateError{Err: errors.New("unknown authority")}}
	for name, failure := range map[string]error{"no such host": noHost, "a wrong CA": wrongCA} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				_, err := follow.Watch(t.Context(), failing{failure}, nil, settled, follow.Options{})
				if !errors.Is(err, failure) || time.Since(began) > 0 {
					t.Errorf("%v after %s", err, time.Since(began))
				}
			})
		})
	}
	for name, test := range map[string]struct {
		look     string
		from, to time.Duration
	}{
		"404 at first":         {"404", 0, 0},
		"refused at first":     {"401", 0, 0},
		"out of reach":         {"down", time.Hour, time.Hour + 10*time.Second},
		"a gateway, all along": {"503", time.Hour, time.Hour + 10*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			state, took, err := watch(t, settled, test.look)
			if err == nil || state != nil || took < test.from || took > test.to {
				t.Errorf("%v after %s", err, took)
			}
		})
	}
	t.Run("refused later", func(t *testing.T) {
		state, took, err := watch(t, settled, "deploying:p@10:00:00#9 "+before, "401")
		if api, ok := errors.AsType[*codemanager.APIError](err); !ok || !api.Unauthorized() || state == nil || took > 2*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		state, _, err := watch(t, settled, "deploying:p@10:00:00#9 "+before)
		if unfinished, ok := errors.AsType[*follow.UnfinishedError](err); !ok || unfinished.Sent || state == nil {
			t.Errorf("%T %v", err, err)
		}
	})
}

type failing struct{ err error }

func (f failing) DeploysStatus(context.Context) (*codemanager.DeploysStatus, error) {
	return nil, f.err
}
