package cli

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/internal/certs"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// fromServer adds the exit status and the advice to an error of the client of Code Manager. Nil stays nil.
func fromServer(err error) error {
	if err == nil {
		return nil
	}
	ended := &exitError{err: err, status: ExitFailure}
	if api, ok := errors.AsType[*codemanager.APIError](err); ok {
		ended.advice = apiAdvice(api)
		if api.Unauthorized() {
			ended.status = ExitToken
		}
	} else if broken, ok := errors.AsType[*codemanager.ConnectionError](err); ok {
		ended.status, ended.advice = ExitConnection, connectionAdvice(broken)
	} else if is[*codemanager.ResponseError](err) {
		ended.advice = []string{"What to do: check the service URL, and any proxy or login page in between."}
	}
	return ended
}

// noToken adds the exit status to an error of reading the token. Nil stays nil.
func noToken(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{err: err, status: ExitToken}
}

func stateLines(state *follow.State) []string {
	if state == nil {
		return nil
	}
	var waiting, lines []string
	for _, e := range state.Unsettled() {
		status := string(e.Status)
		if e.Status == follow.Unseen {
			status = "not seen yet"
		}
		waiting = append(waiting, fmt.Sprintf("%s (%s)", e.Name, status))
	}
	if len(waiting) > 0 {
		lines = append(lines, "Not finished: "+names(waiting))
	}
	if behind := append(state.Hosts(follow.Behind), state.Hosts(follow.Missing)...); len(behind) > 0 {
		lines = append(lines, "Compilers behind: "+names(behind))
	}
	if down := state.Hosts(follow.Down); len(down) > 0 {
		lines = append(lines, "Compilers that have not checked in for 15 minutes, or never did: "+names(down))
	}
	return lines
}

func apiAdvice(err *codemanager.APIError) []string {
	switch err.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return []string{"What to do: " + tokenCure(err)}
	case http.StatusNotFound:
		if err.Kind != "" && err.Endpoint == "/deploys/status" {
			return nil // the deployment is unknown, not the service
		}
		asked, _, _ := strings.Cut(err.URL, "?")
		return []string{"URL: " + err.URL, "What to do: " + config.ServiceURLHint(strings.TrimSuffix(asked, "/v1"+err.Endpoint))}
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		with := ", with `puppet-code status`"
		if err.Endpoint == "/status" {
			with = ""
		}
		return []string{"What to do: check that the primary is up" + with + ". If it is, a proxy in between gave this answer."}
	default:
		return nil
	}
}

func connectionAdvice(err *codemanager.ConnectionError) []string {
	if _, cure := transport.TLSReason(err); cure != "" {
		return []string{"What to do: " + cure}
	}
	switch cert, ok := errors.AsType[*codemanager.CertificateError](err); {
	case ok:
		return certificateLines(cert)
	case err.Sent && err.Method == http.MethodPost:
		return []string{"The request was sent and is not sent again. The deployment may be running: check the log of Code Manager."}
	case err.Sent, is[*SignalError](err):
		return nil
	case is[*codemanager.ProxyError](err):
		return []string{"What to do: check the address of the proxy, or list the primary in NO_PROXY if it can be reached directly."}
	default:
		return []string{"What to do: check the service URL, and that the primary can be reached from here."}
	}
}

// kindCures have the advice for errors of the token service, by kind, without the prefix
// puppetlabs.rbac/.
var kindCures = map[string]string{
	"invalid-token":     "check that the token is complete and belongs to this Puppet installation, or " + newToken,
	"token-expired":     newToken + " Its option --lifetime sets how long the new token is valid.",
	"token-revoked":     "somebody revoked this token: " + newToken,
	"token-timeout":     "the token has been unused for too long: " + newToken,
	"user-revoked":      accountRevoked,
	"permission-denied": mayNotDeploy,
	"not-permitted":     mayNotDeploy,
}

const (
	newToken       = "get a new token with `puppet-code login`."
	accountRevoked = "ask an administrator to reinstate the account in the console (Access control, Users). Another token does not help."
	mayNotDeploy   = "ask an administrator for the permission to deploy these environments (the role Code Deployers has it)."
)

// tokenCure is the advice for a 401 or a 403: by the kind of the error, else by its message, else
// by its status.
func tokenCure(err *codemanager.APIError) string {
	if kind, ok := strings.CutPrefix(err.Kind, "puppetlabs.rbac/"); ok && kindCures[kind] != "" {
		return kindCures[kind]
	}
	switch {
	case saysAccountRevoked(err.Message):
		return accountRevoked
	case err.StatusCode == http.StatusForbidden:
		return mayNotDeploy
	default:
		return newToken
	}
}

// saysAccountRevoked recognizes "This account has been revoked", which servers send with more than
// one kind.
func saysAccountRevoked(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "revoked") && (strings.Contains(message, "account") || strings.Contains(message, "user"))
}

// certificateLines show the certificate, the trusted authorities, and what to do.
func certificateLines(err *codemanager.CertificateError) []string {
	trusted := "the system's authorities"
	if untrusted, ok := errors.AsType[*certs.Error](err); ok && untrusted.File != "" {
		trusted = untrusted.File
	}
	lines := []string{"Trusted: " + trusted}
	if cert := err.Certificate; cert != nil {
		const day = "2006-01-02 15:04:05 MST"
		lines = append(lines,
			"The certificate is for: "+certificateNames(cert),
			"Issued by: "+cert.Issuer.String(),
			fmt.Sprintf("Valid: from %s until %s", cert.NotBefore.UTC().Format(day), cert.NotAfter.UTC().Format(day)),
		)
	}
	return append(lines, "What to do: "+certificateAdvice(err))
}

func certificateNames(cert *x509.Certificate) string {
	list := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		list = append(list, ip.String())
	}
	if len(list) == 0 {
		return cert.Subject.CommonName + " (common name only)"
	}
	return names(uniq(list))
}

func certificateAdvice(err *codemanager.CertificateError) string {
	invalid, _ := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case is[x509.UnknownAuthorityError](err):
		return "use --cacert with the CA certificate of this Puppet installation, usually /etc/puppetlabs/puppet/ssl/certs/ca.pem on the primary."
	case is[x509.HostnameError](err) && err.NoSAN():
		return "use --use-cn-verification, or regenerate the certificate with subject alternative names."
	case is[x509.HostnameError](err):
		return "use one of these names in the service URL, or regenerate the certificate with the name " + err.Host + "."
	case invalid.Reason == x509.Expired:
		return "renew the certificate on the primary, or correct the clock of this machine."
	default:
		return "regenerate the certificate on the primary."
	}
}
