package rbac_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/rbac"
)

const (
	oldToken = "0old-token-0123456789"
	newToken = "0new-token-0123456789"
	password = `pass "word" <&> ü`
)

// server stands in for a token service, and records its requests.
type server struct {
	answer func(r *http.Request) (status int, body string)
	seen   []string
	bodies []string
	auth   []string
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.seen = append(s.seen, r.Method+" "+r.URL.Path)
	s.auth = append(s.auth, r.Header.Get("X-Authentication"))
	body := []byte{}
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	s.bodies = append(s.bodies, string(body))
	status, text := s.answer(r)
	if status == 0 {
		return nil, errors.New(text)
	}
	return &http.Response{
		StatusCode: status, ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text)), Request: r,
		Header: http.Header{"Content-Type": {"application/json"}, "Date": {"Wed, 25 Nov 2026 12:00:00 GMT"}},
	}, nil
}

func always(status int, body string) *server {
	return &server{answer: func(*http.Request) (int, string) { return status, body }}
}

// client talks to a server, and logs everything.
func client(t *testing.T, s *server) (*rbac.Client, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	c, err := rbac.New(rbac.Options{
		BaseURL: "https://console.example.com:4433/rbac-api/", Token: oldToken, RoundTripper: s, Retries: 3,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, &log
}

func TestLogIn(t *testing.T) {
	s := always(200, `{"token":"`+newToken+`"}`)
	c, log := client(t, s)
	token, err := c.LogIn(t.Context(), "admin", password, rbac.TokenOptions{Lifetime: "4h", Label: "ci"})
	if token != newToken || err != nil {
		t.Fatalf("%q, %v", token, err)
	}
	want := `{"login":"admin","password":"pass \"word\" <&> ü","lifetime":"4h","label":"ci"}`
	if s.seen[0] != "POST /rbac-api/v1/auth/token" || s.bodies[0] != want || s.auth[0] != "" {
		t.Errorf("sent %q %q %q", s.seen, s.bodies, s.auth)
	}
	wantNoSecret(t, log.String())
}

func TestNewToken(t *testing.T) {
	s := always(200, `{"token":"`+newToken+`"}`)
	c, _ := client(t, s)
	token, err := c.NewToken(t.Context(), rbac.TokenOptions{})
	if token != newToken || err != nil || s.seen[0] != "POST /rbac-api/v1/tokens" || s.bodies[0] != "{}" || s.auth[0] != oldToken {
		t.Errorf("%q, %v; sent %q %q %q", token, err, s.seen, s.bodies, s.auth)
	}
}

func TestAuthenticate(t *testing.T) {
	s := always(200, `{"login":"admin","display_name":"Ann","email":null,"label":"ci","creation":"2026-11-25T11:00:00Z",
		"expiration":"2026-11-25T13:00:00.5Z","last_active":null,"is_revoked":false,"role_ids":[1],"unknown":1}`)
	c, _ := client(t, s)
	info, err := c.Authenticate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(info.Login, info.DisplayName, info.Email, info.Label, info.Description, info.Created, info.Expires, info.LastActive.IsZero(), info.ServerTime)
	want := fmt.Sprint("admin", "Ann", "", "ci", "", time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 25, 13, 0, 0, 5e8, time.UTC), true, time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	if got != want || !strings.Contains(string(info.Raw), `"unknown":1`) {
		t.Errorf("got  %s %s\nwant %s", got, info.Raw, want)
	}
	if want := `{"token":"` + oldToken + `","update_last_activity?":false}`; s.bodies[0] != want || s.auth[0] != "" {
		t.Errorf("sent %s %q", s.bodies[0], s.auth)
	}
}

func TestRevoke(t *testing.T) {
	for status, body := range map[int]string{204: "", 200: `{"revoked":1}`} {
		s := always(status, body)
		c, log := client(t, s)
		err := c.Revoke(t.Context())
		if err != nil || s.seen[0] != "DELETE /rbac-api/v2/tokens" || s.bodies[0] != `{"revoke_tokens":["`+oldToken+`"]}` || s.auth[0] != oldToken {
			t.Errorf("%v; sent %q %q", err, s.seen, s.bodies)
		}
		wantNoSecret(t, log.String())
	}
	for _, body := range []string{"<html>welcome", "", "null", "[]", `"revoked"`, `{"kind":"k","msg":"no"}`} {
		c, _ := client(t, always(200, body))
		if err := c.Revoke(t.Context()); err == nil {
			t.Errorf("%s is taken for a revocation", body)
		}
	}
}

func TestRevokedTokenIsRefused(t *testing.T) {
	c, _ := client(t, always(200, `{"login":"admin","is_revoked":true}`))
	_, err := c.Authenticate(t.Context())
	if refused, ok := errors.AsType[*rbac.APIError](err); !ok || !refused.Unauthorized() {
		t.Errorf("error %v", err)
	}
}

// answers are faults of every kind, by servers that repeat the secret they were sent: SENT. NEW is a
// token that they issued.
var answers = map[string]struct {
	status     int
	body, want string
}{
	"HTML":                      {200, "<html>SENT", "not a valid response"},
	"an empty object":           {200, "{}", "the JSON object has no"},
	"an empty body":             {200, "", "empty body"},
	"a token with a newline":    {200, `{"token":"NEW\nx"}`, "not a valid response"},
	"cut in the token":          {200, `{"token":"NEW`, "not a valid response"},
	"a token that is no text":   {200, `{"token":["NEW"],"login":1}`, "not a valid response"},
	"a refusal":                 {401, `{"kind":"puppetlabs.rbac/user-unauthenticated","msg":"no: SENT"}`, "[401] no: <redacted>"},
	"a refusal with details":    {401, `{"kind":"k","msg":"no","details":{"password":"SENT"}}`, "[401] no"},
	"a refusal in an answer":    {200, `{"kind":"puppetlabs.rbac/x","msg":"no"}`, "[200] no"},
	"a refusal as text":         {401, "SENT is not known", "[401] Unauthorized"},
	"a revoked account":         {401, `{"kind":"puppetlabs.rbac/user-revoked","msg":"This account has been revoked."}`, "[401] This account"},
	"a permission":              {403, `{"kind":"puppetlabs.rbac/permission-denied","msg":"not you"}`, "[403] not you"},
	"a path of another service": {404, "<html>404", "[404] Not Found"},
	"a request with faults":     {400, `{"kind":"malformed-request","msg":"label"}`, "[400] label"},
	"a server that is over":     {500, "SENT", "[500] Internal Server Error"},
	"a redirect":                {302, "SENT", "redirect"},
	"no connection":             {0, "broken", "broken"},
}

func TestErrorsContainNoSecret(t *testing.T) {
	logIn := func(ctx context.Context, c *rbac.Client) error {
		_, err := c.LogIn(ctx, "admin", password, rbac.TokenOptions{})
		return err
	}
	for fault, answer := range answers {
		for name, call := range map[string]func(context.Context, *rbac.Client) error{
			"LogIn": logIn,
			"NewToken": func(ctx context.Context, c *rbac.Client) error {
				_, err := c.NewToken(ctx, rbac.TokenOptions{})
				return err
			},
			"Authenticate": func(ctx context.Context, c *rbac.Client) error { _, err := c.Authenticate(ctx); return err },
			"Revoke":       func(ctx context.Context, c *rbac.Client) error { return c.Revoke(ctx) },
		} {
			t.Run(name+"/"+fault, func(t *testing.T) {
				sent, issued := oldToken, newToken
				switch name {
				case "LogIn":
					sent = password
					if strings.HasPrefix(answer.body, "{") {
						sent = strings.ReplaceAll(password, `"`, `\"`)
					}
				case "Authenticate", "Revoke":
					issued = oldToken
				}
				s := always(answer.status, strings.NewReplacer("SENT", sent, "NEW", issued).Replace(answer.body))
				c, log := client(t, s)
				err := call(t.Context(), c)
				if revoked := name == "Revoke" && strings.HasSuffix(answer.body, "}") && answer.status == 200; err == nil && !revoked {
					t.Fatal("no error")
				} else if revoked && err == nil {
					return // any JSON object confirms a revocation
				}
				if (name != "Revoke" || answer.status != 200) && !strings.Contains(err.Error(), answer.want) {
					t.Errorf("error %v lacks %q", err, answer.want)
				}
				if len(s.seen) != 1 {
					t.Errorf("sent %q", s.seen)
				}
				text := err.Error() + log.String()
				if refused, ok := errors.AsType[*rbac.APIError](err); ok {
					text += fmt.Sprintf("%+v %s", *refused, refused.Details)
				}
				wantNoSecret(t, text)
			})
		}
	}
}

func wantNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{oldToken, newToken, password, `pass \"word`} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in %s", secret, text)
		}
	}
}
