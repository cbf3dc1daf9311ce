package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// tokenForm is what a token looks like: a JWT, or characters that need no
// quoting anywhere.
var tokenForm = regexp.MustCompile(`^([A-Za-z0-9_-]+|[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$`)

// readToken reads the one line of a token file. The token is in no error.
func readToken(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	token := strings.TrimRight(string(text), "\r\n")
	if token == "" {
		return "", fmt.Errorf("%s is empty: write one token into it", path)
	}
	if !tokenForm.MatchString(token) {
		return "", fmt.Errorf("%s must hold one token of letters, digits, - and _, or a JWT", path)
	}
	return token, nil
}

// makeToken writes a random token into a file that only its owner may read,
// unless one is there already.
func makeToken(path string) (string, error) {
	found, err := exists(path)
	if err != nil {
		return "", err
	}
	if found {
		return readToken(path)
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	token := hex.EncodeToString(secret)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("token file: %w", err)
	}
	_, err = file.WriteString(token + "\n")
	return token, errors.Join(err, file.Close())
}
