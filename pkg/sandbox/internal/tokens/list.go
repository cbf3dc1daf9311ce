package tokens

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/go-json-experiment/json"
)

// listEntry is one token in a file of tokens.
type listEntry struct {
	Token string `json:"token"`
	User  string `json:"user"`
	// Expires is when the token ends, in RFC 3339.
	Expires time.Time `json:"expires,omitzero"`
	// Revoked means that the token was revoked, UserRevoked that its user was.
	Revoked     bool `json:"revoked,omitzero"`
	UserRevoked bool `json:"user-revoked,omitzero"`
	// Environments are the environments that the user may deploy: all of them without the key or
	// with null, no environment with an empty array.
	Environments *[]string `json:"environments"`
}

// AddList accepts the tokens of a file: {"tokens": [{"token": …, "user": …}]}. No
// error repeats a token.
func (s *Store) AddList(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var file struct {
		Tokens []listEntry `json:"tokens"`
	}
	// A mistyped key would allow more than was meant.
	if err := json.Unmarshal(text, &file, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("%s: %w", path, withoutValue(err))
	}
	if len(file.Tokens) == 0 {
		return fmt.Errorf(`%s has no tokens: use {"tokens": [{"token": "…", "user": "…"}]}`, path)
	}
	for i, entry := range file.Tokens {
		if err := entry.check(); err != nil {
			return fmt.Errorf("%s: token %d: %w", path, i+1, err)
		}
		if !s.Add(entry.Token, entry.token()) {
			return fmt.Errorf("%s: token %d is a duplicate", path, i+1)
		}
	}
	return nil
}

// withoutValue removes the unreadable text from an error, because it may be a token.
func withoutValue(err error) error {
	if wrong := (*json.SemanticError)(nil); errors.As(err, &wrong) {
		if wrong.JSONPointer == "" {
			return errors.New("it must be a JSON object")
		}
		return fmt.Errorf("%s is unknown, or has the wrong type", wrong.JSONPointer)
	}
	return errors.New("it is not valid JSON")
}

func (e listEntry) check() error {
	switch {
	case e.Token == "":
		return errors.New(`the key "token" is missing`)
	case !tokenForm.MatchString(e.Token):
		return errors.New("it must consist of letters, digits, - and _, or be a JWT")
	case e.User == "":
		return errors.New(`the key "user" is missing`)
	}
	return nil
}

func (e listEntry) token() Token {
	token := Token{User: e.User, Expires: e.Expires, Revoked: e.Revoked, UserRevoked: e.UserRevoked}
	if e.Environments != nil {
		token.Limited, token.Environments = true, *e.Environments
	}
	return token
}
