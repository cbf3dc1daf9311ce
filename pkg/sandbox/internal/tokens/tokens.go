// Package tokens keeps the tokens that a server accepts, and their permissions.
package tokens

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"
)

// Token describes a token, without its text.
type Token struct {
	// User is the user of the token.
	User string
	// Expires is when the token ends; zero is never.
	Expires time.Time
	// Revoked means that the token was revoked, UserRevoked that its user was.
	Revoked, UserRevoked bool
	// Limited tokens allow only the Environments.
	Limited      bool
	Environments []string
	// Made and LastActive are when the token was made and used; zero is unknown.
	Made, LastActive time.Time
	// Label, Description and Client are the values from its creation.
	Label, Description, Client string
}

// Allows reports whether an environment may be deployed.
func (t Token) Allows(environment string) bool {
	return !t.Limited || slices.Contains(t.Environments, environment)
}

// AllowsAny reports whether there is an environment that may be deployed.
func (t Token) AllowsAny() bool { return !t.Limited || len(t.Environments) > 0 }

// Why a token is not accepted.
var (
	ErrUnknown     = errors.New("the token is unknown")
	ErrExpired     = errors.New("the token has expired")
	ErrRevoked     = errors.New("the token has been revoked")
	ErrUserRevoked = errors.New("the user of the token has been revoked")
)

// Store holds tokens by their hashes. It is safe for concurrent use.
type Store struct {
	now func() time.Time

	mu     sync.Mutex
	tokens map[[sha256.Size]byte]Token
}

// NewStore makes an empty store; now is the clock that tokens expire by.
func NewStore(now func() time.Time) *Store {
	return &Store{now: now, tokens: map[[sha256.Size]byte]Token{}}
}

// Add accepts a token with this text. It returns false, and changes nothing, if
// there is one already.
func (s *Store) Add(text string, token Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(text))
	if _, found := s.tokens[key]; found {
		return false
	}
	s.tokens[key] = token
	return true
}

// Issue makes the text of a new token, accepts it, and returns it.
func (s *Store) Issue(token Token) string {
	token.Made, token.LastActive = s.now(), s.now()
	text := random()
	s.Add(text, token)
	return text
}

// Lookup returns the token with this text, with an error if it is not accepted. It
// counts as a use.
func (s *Store) Lookup(text string) (Token, error) {
	token, err := s.Peek(text)
	if err != nil {
		return token, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(text))
	used := s.tokens[key]
	used.LastActive = s.now()
	s.tokens[key] = used
	return token, nil
}

// Peek is Lookup without a use.
func (s *Store) Peek(text string) (Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, found := s.tokens[sha256.Sum256([]byte(text))]
	switch {
	case !found:
		return Token{}, ErrUnknown
	case token.UserRevoked:
		return token, ErrUserRevoked
	case token.Revoked:
		return token, ErrRevoked
	case !token.Expires.IsZero() && !s.now().Before(token.Expires):
		return token, ErrExpired
	}
	return token, nil
}

// Revoke takes a token back. It reports whether there was one.
func (s *Store) Revoke(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(text))
	token, found := s.tokens[key]
	if found {
		token.Revoked = true
		s.tokens[key] = token
	}
	return found
}

// RevokeLabel takes the tokens of a user with this label back.
func (s *Store) RevokeLabel(user, label string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, token := range s.tokens {
		if token.User == user && token.Label == label && label != "" {
			token.Revoked = true
			s.tokens[key] = token
		}
	}
}

// RevokeUser takes a user's account back, and with it all tokens of this moment.
func (s *Store) RevokeUser(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, token := range s.tokens {
		if token.User == user {
			token.UserRevoked = true
			s.tokens[key] = token
		}
	}
}

// HasLabel reports whether a token of a user that is not over has this label.
func (s *Store) HasLabel(user, label string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, token := range s.tokens {
		over := token.Revoked || !token.Expires.IsZero() && !s.now().Before(token.Expires)
		if token.User == user && token.Label == label && !over {
			return true
		}
	}
	return false
}

// ExpireAll ends all tokens of this moment at a time, if they do not end before.
func (s *Store) ExpireAll(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, token := range s.tokens {
		if token.Expires.IsZero() || token.Expires.After(at) {
			token.Expires = at
			s.tokens[key] = token
		}
	}
}

// random is the text of a token: 64 hexadecimal digits.
func random() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return hex.EncodeToString(secret)
}
