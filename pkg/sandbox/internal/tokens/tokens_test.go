package tokens

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLifeOfAToken issues, looks up, expires and revokes, over restarts.
func TestLifeOfAToken(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	file := filepath.Join(t.TempDir(), "tokens.json")
	var store *Store
	restart := func() {
		t.Helper()
		var err error
		if store, err = Open(file, func() time.Time { return now }, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(text string, want error) {
		t.Helper()
		for range 2 {
			if _, err := store.Lookup(text); !errors.Is(err, want) {
				t.Errorf("error %v, want %v", err, want)
			}
			restart()
		}
	}
	restart()
	hour := store.Issue(Token{User: "ci", Expires: now.Add(time.Hour)})
	forever := store.Issue(Token{User: "admin"})
	if found, err := store.Lookup(hour); err != nil || found.User != "ci" || !tokenForm.MatchString(hour) || hour == forever {
		t.Errorf("%+v, %v", found, err)
	}
	check("", ErrMissing)
	check("unknown", ErrUnknown)
	check(hour, nil)
	now = now.Add(time.Hour)
	check(hour, ErrExpired)
	check(forever, nil)
	if !store.Revoke(forever) || store.Revoke("unknown") {
		t.Error("revoked the wrong one")
	}
	check(forever, ErrRevoked)
	later := store.Issue(Token{User: "later"})
	check(later, nil)
	store.RevokeUser("later")
	check(later, ErrUserRevoked)
	text, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(text), forever) {
		t.Errorf("%v: a token is in the file", err)
	}
}

func TestExpireAll(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store, err := Open("", func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	forever := store.Issue(Token{User: "admin"})
	store.ExpireAll(now.Add(time.Minute))
	if _, err := store.Lookup(forever); err != nil {
		t.Error(err)
	}
	now = now.Add(time.Minute)
	if _, err := store.Lookup(forever); !errors.Is(err, ErrExpired) {
		t.Errorf("error %v", err)
	}
}
