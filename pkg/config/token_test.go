package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const secret = "0Vs1xO-test_token"

func TestNoTokenFileWithoutAHome(t *testing.T) {
	_, _, err := Config{}.ReadToken(nil)
	if !isMissing(err) || !strings.Contains(err.Error(), "no home directory") {
		t.Errorf("%T %v", err, err)
	}
}

func TestTokensAreNeverPrinted(t *testing.T) {
	token := Token{secret}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", token, "in", []any{token, &token})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", token, "in", struct{ T Token }{token})
	encoded, err := json.Marshal(map[string]any{"t": token, "p": &token})
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		all += fmt.Sprintf(verb, token) + fmt.Sprintf(verb, &token) + fmt.Sprintf(verb, []Token{token}) + fmt.Sprintf(verb, struct{ T Token }{token})
	}
	if strings.Contains(all, secret) || strings.Contains(all, fmt.Sprintf("%x", secret)) {
		t.Errorf("the token is in: %s", all)
	}
	if !strings.Contains(all, redacted) || (Token{}).String() != "" {
		t.Errorf("not marked: %s", all)
	}
}
