package tokens

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLifeOfAToken issues, looks up, expires and revokes.
func TestLifeOfAToken(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store := NewStore(func() time.Time { return now })
	check := func(text string, want error) {
		t.Helper()
		if _, err := store.Lookup(text); !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
	}
	hour := store.Issue(Token{User: "ci", Expires: now.Add(time.Hour)})
	forever := store.Issue(Token{User: "admin"})
	if found, err := store.Lookup(hour); err != nil || found.User != "ci" || !tokenForm.MatchString(hour) || hour == forever {
		t.Errorf("%+v, %v", found, err)
	}
	if store.Add(forever, Token{User: "other"}) {
		t.Error("one text for two tokens")
	}
	check("unknown", ErrUnknown)
	now = now.Add(time.Hour)
	check(hour, ErrExpired)
	check(forever, nil)
	store.ExpireAll(now.Add(time.Minute))
	check(forever, nil)
	now = now.Add(time.Minute)
	check(forever, ErrExpired)
	if !store.Revoke(forever) || store.Revoke("unknown") {
		t.Error("revoked the wrong one")
	}
	check(forever, ErrRevoked)
	check(store.Issue(Token{User: "later"}), nil)
}

func TestInvalidTokenFiles(t *testing.T) {
	for text, want := range map[string]string{
		``:                                  "it is not valid JSON",
		`{`:                                 "it is not valid JSON",
		`[]`:                                "it must be a JSON object",
		`{"tokens": []}`:                    "has no tokens",
		`{"tokens": [{"user": "x"}]}`:       `token 1: the key "token" is missing`,
		`{"tokens": [{"token": "secret"}]}`: `token 1: the key "user" is missing`,
		`{"tokens": [{"token": "secret secret", "user": "x"}]}`:                     "token 1: it must consist of letters",
		`{"tokens": [{"token": "secret", "user": "x", "environment": ["a"]}]}`:      "/tokens/0/environment is unknown, or has the wrong type",
		`{"tokens": [{"token": "secret", "user": "x", "expires": "secret"}]}`:       "/tokens/0/expires is unknown, or has the wrong type",
		`{"tokens": [{"token": ["secret"], "user": "x"}]}`:                          "/tokens/0/token is unknown, or has the wrong type",
		`{"tokens": [{"token":"secret","user":"x"},{"token":"secret","user":"y"}]}`: "token 2 is a duplicate",
	} {
		path := filepath.Join(t.TempDir(), "tokens.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := NewStore(time.Now).AddList(path)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	if err := NewStore(time.Now).AddList(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("nothing was read")
	}
}
