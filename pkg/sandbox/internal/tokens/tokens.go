// Package tokens keeps the tokens that a server accepts.
package tokens

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/internal/rename"
)

// Token describes a token, without its text.
type Token struct {
	// User is the user of the token.
	User string `json:"user"`
	// Expires is when the token ends; zero is never.
	Expires time.Time `json:"expires,omitzero"`
	// Revoked means that the token was revoked, UserRevoked that its user was.
	Revoked     bool `json:"revoked,omitzero"`
	UserRevoked bool `json:"user-revoked,omitzero"`
	// Made and LastActive are when the token was made and used.
	Made       time.Time `json:"made"`
	LastActive time.Time `json:"last-active"`
	// Label, Description and Client are the values from its creation.
	Label       string `json:"label,omitzero"`
	Description string `json:"description,omitzero"`
	Client      string `json:"client,omitzero"`
}

// Refusal is why a token is not accepted, as both services of a real server report it.
type Refusal struct{ Kind, Msg string }

func (r *Refusal) Error() string { return r.Msg }

// All refusals.
var (
	ErrMissing     = &Refusal{"puppetlabs.rbac/user-unauthenticated", "Route requires authentication"}
	ErrUnknown     = &Refusal{"puppetlabs.rbac/invalid-token", "The provided token is not valid."}
	ErrExpired     = &Refusal{"puppetlabs.rbac/token-expired", "The provided token has expired."}
	ErrRevoked     = &Refusal{"puppetlabs.rbac/token-revoked", "Authentication token has been revoked."}
	ErrUserRevoked = &Refusal{"puppetlabs.rbac/user-revoked", "This account has been revoked."}
)

// Store holds tokens by their hashes. It is safe for concurrent use.
type Store struct {
	now func() time.Time
	log *slog.Logger
	// file keeps the tokens for the next run, as hashes; "" keeps nothing.
	file string

	mu     sync.Mutex
	tokens map[string]Token
}

// Open reads the tokens of an earlier run from a file, if there is one; now is the clock that
// tokens expire by.
func Open(file string, now func() time.Time, log *slog.Logger) (*Store, error) {
	s := &Store{now: now, log: log, file: file, tokens: map[string]Token{}}
	if file == "" {
		return s, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	return s, json.Unmarshal(text, &s.tokens)
}

// Accept accepts a token with this text, whatever it was before.
func (s *Store) Accept(text string, token Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token.Made, token.LastActive = s.now(), s.now()
	s.tokens[hash(text)] = token
	s.save()
}

// Issue makes the text of a new token, accepts it, and returns it.
func (s *Store) Issue(token Token) string {
	text := random()
	s.Accept(text, token)
	return text
}

// Lookup returns the token with this text, or a *Refusal. It counts as a use.
func (s *Store) Lookup(text string) (Token, error) {
	token, err := s.Peek(text)
	if err == nil {
		s.change(func(key string, _ Token) bool { return key == hash(text) }, func(t *Token) { t.LastActive = s.now() })
	}
	return token, err
}

// Peek is Lookup without a use.
func (s *Store) Peek(text string) (Token, error) {
	if text == "" {
		return Token{}, ErrMissing
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	token, found := s.tokens[hash(text)]
	switch {
	case !found:
		return Token{}, ErrUnknown
	case token.UserRevoked:
		return token, ErrUserRevoked
	case token.Revoked:
		return token, ErrRevoked
	case s.expired(token):
		return token, ErrExpired
	}
	return token, nil
}

func (s *Store) expired(token Token) bool {
	return !token.Expires.IsZero() && !s.now().Before(token.Expires)
}

// Revoke takes a token back. It reports whether there was one.
func (s *Store) Revoke(text string) bool {
	defer s.saveLocked()
	return s.change(func(key string, _ Token) bool { return key == hash(text) }, func(t *Token) { t.Revoked = true })
}

// RevokeLabel takes the tokens of a user with this label back.
func (s *Store) RevokeLabel(user, label string) {
	defer s.saveLocked()
	s.change(func(_ string, t Token) bool { return t.User == user && t.Label == label && label != "" },
		func(t *Token) { t.Revoked = true })
}

// RevokeUser takes a user's account back, and with it all tokens of this moment.
func (s *Store) RevokeUser(user string) {
	defer s.saveLocked()
	s.change(func(_ string, t Token) bool { return t.User == user }, func(t *Token) { t.UserRevoked = true })
}

// ExpireAll ends all tokens of this moment at a time, if they do not end before.
func (s *Store) ExpireAll(at time.Time) {
	s.change(func(_ string, t Token) bool { return t.Expires.IsZero() || t.Expires.After(at) },
		func(t *Token) { t.Expires = at })
}

// change changes the tokens that match, and reports whether there was one.
func (s *Store) change(matches func(key string, token Token) bool, edit func(*Token)) (found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, token := range s.tokens {
		if matches(key, token) {
			found = true
			edit(&token)
			s.tokens[key] = token
		}
	}
	return found
}

// HasLabel reports whether a token of a user that is not over has this label.
func (s *Store) HasLabel(user, label string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, token := range s.tokens {
		if token.User == user && token.Label == label && !token.Revoked && !s.expired(token) {
			return true
		}
	}
	return false
}

func (s *Store) saveLocked() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.save()
}

// save writes the tokens in one step. The caller holds the lock.
func (s *Store) save() {
	if s.file == "" {
		return
	}
	text, err := json.Marshal(s.tokens, json.Deterministic(true))
	if err == nil {
		err = os.WriteFile(s.file+".new", text, 0o600)
	}
	if err == nil {
		err = rename.To(s.file+".new", s.file)
	}
	if err != nil {
		s.log.Error("the tokens cannot be saved for the next run", "error", err)
	}
}

// hash is the name of a token.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// random is the text of a token: 64 hexadecimal digits.
func random() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return hex.EncodeToString(secret)
}
