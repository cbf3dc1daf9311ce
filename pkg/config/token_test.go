package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const secret = "0Vs1xO-test_token"

func tokenIn(path string) Config {
	return Config{TokenFile: Value{Text: path, Origin: Origin{Layer: LayerFlag, Name: "--token-file"}}}
}

func TestTokens(t *testing.T) {
	const jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.c2ln-_"
	for name, test := range map[string]struct{ text, want string }{
		"as puppet access writes it": {secret, secret},
		"a line end":                 {secret + "\n", secret},
		"line ends of Windows":       {secret + "\r\n\r\n", secret},
		"JWT":                        {jwt + "\n", jwt},
		"a byte order mark":          {"\xef\xbb\xbf" + secret + "\r\n", secret},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got, _, err := tokenIn(w.file("token", test.text)).ReadToken(nil)
			if err != nil || got.Reveal() != test.want {
				t.Errorf("%q %v", got.Reveal(), err)
			}
		})
	}
}

func TestInvalidTokens(t *testing.T) {
	const malformed = "Malformed token: token does not match expected formats"
	const required = "Code Manager requires a token, please use `puppet-code login` to generate a token"
	for name, test := range map[string]struct{ text, want, why string }{
		"empty":              {"", required, "is empty"},
		"line ends alone":    {"\r\n\n", required, "is empty"},
		"two lines":          {secret + "\n" + secret + "\n", malformed, "more than one line"},
		"a JSON document":    {`{"token":"` + secret + `"}`, malformed, "is a JSON document"},
		"a space at its end": {secret + " ", malformed, "characters that no token has"},
		"two parts":          {"abc.def", malformed, "characters that no token has"},
		"an empty part":      {"abc..def", malformed, "characters that no token has"},
		"too large":          {strings.Repeat("a", maxToken+1), malformed, "too large"},
		"UTF-16":             {"\xff\xfet\x00", malformed, "is UTF-16: save it as UTF-8"},
		"other characters":   {"täken", malformed, "characters that no token has"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			path := w.file("token", test.text)
			_, _, err := tokenIn(path).ReadToken(nil)
			if _, ok := errors.AsType[*TokenError](err); !ok {
				t.Fatalf("%T %v", err, err)
			}
			for _, want := range []string{test.want, test.why, path} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q: %.300s", want, err.Error())
				}
			}
			if strings.Contains(err.Error(), secret) {
				t.Error("the token is in the error")
			}
		})
	}
}

func TestTokenFilesThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	_, _, err := tokenIn(w.dir).ReadToken(nil)
	if token, ok := errors.AsType[*TokenError](err); !ok || token.Missing || !strings.Contains(err.Error(), "it is a directory") {
		t.Errorf("a directory: %T %v", err, err)
	}
	_, _, err = tokenIn(filepath.Join(w.dir, "none")).ReadToken(nil)
	if token, ok := errors.AsType[*TokenError](err); !ok || !token.Missing || !strings.Contains(err.Error(), "there is no file") ||
		!strings.Contains(err.Error(), "the command line (--token-file)") {
		t.Errorf("no file: %T %v", err, err)
	}
	_, _, err = Config{}.ReadToken(nil)
	if token, ok := errors.AsType[*TokenError](err); !ok || !token.Missing || !strings.Contains(err.Error(), "no home directory") {
		t.Errorf("no home: %T %v", err, err)
	}
	if runtime.GOOS == "windows" {
		t.Skip("there, a mode takes nobody's right to read away")
	}
	if os.Geteuid() == 0 {
		t.Skip("root reads files whatever their mode")
	}
	path := w.file("unreadable", secret)
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, _, err = tokenIn(path).ReadToken(nil)
	if token, ok := errors.AsType[*TokenError](err); !ok || token.Missing || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("no permission: %T %v", err, err)
	}
}

func TestTokenFromStandardInput(t *testing.T) {
	got, origin, err := tokenIn("-").ReadToken(strings.NewReader(secret + "\n"))
	if err != nil || got.Reveal() != secret || origin.Name != "standard input" {
		t.Errorf("%q %v %v", got.Reveal(), origin, err)
	}
	endless := io.MultiReader(strings.NewReader(strings.Repeat("a", maxToken)), endlessReader{})
	if _, _, err := tokenIn("-").ReadToken(endless); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("an endless input: %v", err)
	}
}

type endlessReader struct{}

func (endlessReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func TestTokenInTheEnvironment(t *testing.T) {
	w := newWorld(t)
	w.file("home/token", "from-the-default-file")
	w.env[EnvToken] = secret
	read := func() (string, Origin) {
		t.Helper()
		token, origin, err := w.mustLoad().ReadToken(nil)
		if err != nil {
			t.Fatal(err)
		}
		return token.Reveal(), origin
	}
	if got, origin := read(); got != secret || origin != (Origin{Layer: LayerEnv, Name: EnvToken}) {
		t.Errorf("over the default: %q %v", got, origin)
	}
	w.env[EnvTokenFile] = w.file("other", "from-the-variable")
	if got, _ := read(); got != secret {
		t.Errorf("over PUPPET_CODE_TOKEN_FILE: %q", got)
	}
	w.flags[KeyTokenFile] = w.file("flag", "from-the-flag")
	if got, origin := read(); got != "from-the-flag" || origin.Name != w.flags[KeyTokenFile] {
		t.Errorf("the command line is highest: %q %v", got, origin)
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
