package cli

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// adviceOf is the advice after an error of the client.
func adviceOf(err error) []string {
	ended, _ := errors.AsType[*exitError](fromServer(err))
	return ended.advice
}

func TestTokenCures(t *testing.T) {
	for _, test := range []struct {
		status        int
		kind, message string
		want, wantNot string
	}{
		{401, "puppetlabs.rbac/user-unauthenticated", "Route requires authentication", "new token", "administrator"},
		{401, "puppetlabs.rbac/invalid-token", "", "to this Puppet installation", "administrator"},
		{401, "puppetlabs.rbac/token-expired", "The provided token has expired.", "--lifetime", "administrator"},
		{401, "puppetlabs.rbac/token-revoked", "Authentication token has been revoked.", "somebody revoked this token", "administrator"},
		{401, "puppetlabs.rbac/user-revoked", "", "ask an administrator to reinstate the account", "puppet access login"},
		{401, "puppetlabs.rbac/user-unauthenticated", "This account has been revoked.", "ask an administrator to reinstate the account", "puppet access login"},
		{401, "", "This account has been revoked", "ask an administrator to reinstate the account", "puppet access login"},
		{401, "puppetlabs.rbac/new-kind", "", "new token", "administrator"},
		{401, "", "Unauthorized", "new token", "administrator"},
		{403, "puppetlabs.rbac/permission-denied", "", "role Code Deployers", "new token"},
		{403, "", "", "role Code Deployers", "new token"},
		{403, "puppetlabs.rbac/user-revoked", "", "ask an administrator to reinstate", "new token"},
	} {
		got := strings.Join(adviceOf(&codemanager.APIError{StatusCode: test.status, Kind: test.kind, Message: test.message}), "\n")
		if !strings.HasPrefix(got, "What to do: ") || !strings.Contains(got, test.want) || strings.Contains(got, test.wantNot) {
			t.Errorf("%d %s %q: %s", test.status, test.kind, test.message, got)
		}
	}
}

func TestServiceURLHints(t *testing.T) {
	const usual = "https://primary:8170/code-manager"
	for serviceURL, want := range map[string]string{
		"https://primary:8170":                            "check the service URL https://primary:8170, which is usually " + usual + ".",
		"https://primary:8170/code-manager":               "check the service URL " + usual + ": another server answers there.",
		"https://primary:4433/rbac-api":                   "check the service URL https://primary:4433/rbac-api, which is usually " + usual + ".",
		"https://primary:8170/code-manager/v1":            "check the service URL https://primary:8170/code-manager/v1, which is usually " + usual + ".",
		"https://[2001:db8::1]:8140/code-manager":         "usually https://[2001:db8::1]:8170/code-manager.",
		"https://gateway.example.com:8443/puppet/deploys": "check the service URL https://gateway.example.com:8443/puppet/deploys, which is usually https://gateway.example.com:8170/code-manager.",
	} {
		for _, endpoint := range []string{"/deploys", "/status"} {
			err := &codemanager.APIError{StatusCode: http.StatusNotFound, Endpoint: endpoint, URL: serviceURL + "/v1" + endpoint + "?level=info"}
			got := strings.Join(adviceOf(err), "\n")
			if !strings.HasPrefix(got, "URL: "+err.URL+"\nWhat to do: ") || !strings.Contains(got, want) {
				t.Errorf("%s: %s, want %s", serviceURL, got, want)
			}
		}
	}
}

// Advice depends on whether the request was sent, and never repeats the command that has just failed.
func TestAdvice(t *testing.T) {
	eof := errors.New("EOF")
	for name, test := range map[string]struct {
		err  error
		want string // a part of the advice, "" for none
	}{
		"sent":                  {&codemanager.ConnectionError{Method: http.MethodPost, Sent: true, Err: eof}, "may be running"},
		"not sent":              {&codemanager.ConnectionError{Method: http.MethodPost, Err: eof}, "check the service URL"},
		"a read":                {&codemanager.ConnectionError{Method: http.MethodGet, Sent: true, Err: eof}, ""},
		"a signal, sent":        {&codemanager.ConnectionError{Method: http.MethodPost, Sent: true, Err: &SignalError{}}, "may be running"},
		"a signal, before":      {&codemanager.ConnectionError{Method: http.MethodPost, Err: &SignalError{}}, ""},
		"another service":       {&codemanager.ResponseError{StatusCode: http.StatusOK}, "proxy or login page"},
		"an unknown deployment": {&codemanager.APIError{StatusCode: http.StatusNotFound, Endpoint: "/deploys/status", Kind: "puppetlabs.code-manager/unknown-deployment"}, ""},
		"a gateway":             {&codemanager.APIError{StatusCode: http.StatusBadGateway, Endpoint: "/deploys"}, "primary is up, with `puppet-code status`."},
		"a gateway, status":     {&codemanager.APIError{StatusCode: http.StatusBadGateway, Endpoint: "/status"}, "primary is up. "},
	} {
		got := strings.Join(adviceOf(test.err), "\n")
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
