package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/rbac"
)

// serviceCall has the advice for the errors of a call.
type serviceCall struct {
	// unanswered is the advice if the request was sent and not answered; "" if it changes nothing.
	unanswered string
	// refused is the advice if the server refuses; "" if that is about the token.
	refused string
}

const tokenLost = "The request was sent, and is not sent again. The server may have made a token that nobody has."

var (
	callCheck = serviceCall{}
	callLogin = serviceCall{
		unanswered: tokenLost,
		refused:    "check the name and the password. Ten refused logins in a row revoke the account, so puppet-code does not retry a login.",
	}
	callRenew  = serviceCall{unanswered: tokenLost}
	callRevoke = serviceCall{unanswered: "The request was sent, so the token may be revoked. To find out: puppet-code token"}
)

func (s *tokenService) checkURL() string {
	return fmt.Sprintf("check the URL of the token service, %s, from %s. It is usually https://CONSOLE:4433/rbac-api. Use --%s to name another.",
		s.url.URLForDisplay(), s.url.Origin, config.KeyRBACURL)
}

func (s *tokenService) connectionAdvice(broken *rbac.ConnectionError) []string {
	switch _, cure := transport.TLSReason(broken); {
	case broken.Sent:
		return nil
	case cure != "", is[*SignalError](broken), is[*rbac.CertificateError](broken), is[*rbac.ProxyError](broken):
		return connectionAdvice(broken)
	default:
		return []string{"What to do: " + s.checkURL()}
	}
}

// cure is the advice for a refusal.
func (s *tokenService) cure(call serviceCall, refused *rbac.APIError) string {
	switch status := refused.StatusCode; {
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return s.checkURL()
	case status >= http.StatusInternalServerError:
		return "check that the console is up. If it is, a proxy in between gave this answer."
	case !isUnaccepted(refused):
		return "check --lifetime, --label and --description. No other token of yours may have the same label."
	case refused.Kind == "puppetlabs.rbac/user-revoked", saysAccountRevoked(refused.Message):
		return accountRevoked
	case call.refused != "":
		return call.refused
	case status == http.StatusForbidden:
		return "ask an administrator for the permission to do this, in the console (Access control)."
	default:
		return tokenCure(refused)
	}
}

// tokenService is a client of the token service.
type tokenService struct {
	*rbac.Client

	// url is its address, for errors.
	url config.Value
	// token is the token that it was made for, and origin where that comes from.
	token  config.Token
	origin config.Origin
}

// failed adds the exit status and the advice to the error of a call. Nil stays nil.
func (s *tokenService) failed(call serviceCall, err error) error {
	if err == nil {
		return nil
	}
	ended := &exitError{err: err, status: ExitFailure}
	if broken, ok := errors.AsType[*rbac.ConnectionError](err); ok {
		ended.status, ended.advice = ExitConnection, s.connectionAdvice(broken)
		if broken.Sent && call.unanswered != "" {
			ended.status, ended.advice = ExitUnknown, []string{call.unanswered}
		}
	} else if refused, ok := errors.AsType[*rbac.APIError](err); ok {
		ended.advice = []string{"What to do: " + s.cure(call, refused)}
		if isUnaccepted(refused) {
			ended.status = ExitToken
		}
	} else if is[*rbac.ResponseError](err) {
		ended.advice = []string{"What to do: " + s.checkURL()}
	}
	return ended
}

// isUnaccepted reports whether a refusal is about the token, the password or a permission. The
// documentation has 400 for a token that is unknown.
func isUnaccepted(refused *rbac.APIError) bool {
	return refused.Unauthorized() || refused.Kind == "puppetlabs.rbac/invalid-token"
}

// check asks about a token.
func (s *tokenService) check(ctx context.Context, token config.Token) (rbac.TokenInfo, error) {
	info, err := s.WithToken(token.Reveal()).Authenticate(ctx)
	return info, s.failed(callCheck, err)
}

// tokenService makes a client for a token, which may be zero. It sends nothing.
func (a *app) tokenService(cfg config.Config, token config.Token) (*tokenService, error) {
	endpoint, err := cfg.RBACEndpoint()
	if err != nil {
		return nil, wrongUsage(err)
	}
	address, _ := cfg.RBACURL() // RBACEndpoint has its error
	opts, err := a.serviceOptions(cfg, endpoint, token)
	if err != nil {
		return nil, err
	}
	client, err := rbac.New(opts)
	return &tokenService{Client: client, url: address, token: token}, wrongUsage(err)
}

// tokenServiceInUse makes a client for the token that the other actions use.
func (a *app) tokenServiceInUse(cfg config.Config) (*tokenService, error) {
	token, origin, err := cfg.ReadToken(a.sys.In)
	if err != nil {
		return nil, noToken(err)
	}
	a.secrets.hide(token.Reveal())
	service, err := a.tokenService(cfg, token)
	if err != nil {
		return nil, err
	}
	service.origin = origin
	return service, nil
}

// validUntil is the user of a token and, if the server reports it, when it expires.
func validUntil(info rbac.TokenInfo) string {
	text := "for " + info.Login
	if info.Expires.IsZero() {
		return text + "; the server does not say when it expires"
	}
	return fmt.Sprintf("%s, valid until %s (for %s)", text, pointInTime(info.Expires), output.Age(remaining(info)))
}

// remaining is how long a token is still valid, by the server's clock if it is known.
func remaining(info rbac.TokenInfo) time.Duration {
	now := info.ServerTime
	if now.IsZero() {
		now = time.Now()
	}
	return info.Expires.Sub(now)
}

// pointInTime is a time in the time zone of this machine, "" for the zero time.
func pointInTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05 MST")
}
