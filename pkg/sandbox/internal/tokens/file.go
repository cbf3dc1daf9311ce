package tokens

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

// tokenForm is the form of a token: a JWT, or characters that need no quoting.
var tokenForm = regexp.MustCompile(`^([A-Za-z0-9_-]+|[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$`)

// ReadFile reads the single line of a token file. Errors never contain the token.
func ReadFile(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	token := strings.TrimRight(string(text), "\r\n")
	if token == "" {
		return "", fmt.Errorf("%s is empty: write a token into it", path)
	}
	if !tokenForm.MatchString(token) {
		return "", fmt.Errorf("%s must contain one token of letters, digits, - and _, or a JWT", path)
	}
	return token, nil
}

// MakeFile writes a new token into a file that only its owner may read, unless
// there is one already. It returns the token of the file.
func MakeFile(path string) (string, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("token file: %w", err)
	}
	token := random()
	_, err = file.WriteString(token + "\n")
	return token, errors.Join(err, file.Close())
}
