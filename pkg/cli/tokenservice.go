package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/rbac"
)

// serviceError is a failed call of the token service.
type serviceError struct {
	err  error
	call serviceCall
	// url is the configured address of the service, with its origin.
	url config.Value
}

// serviceCall is the purpose of a call.
type serviceCall int

const (
	callCheck serviceCall = iota
	callLogin
	callRenew
	callRevoke
)

func (e *serviceError) Error() string { return e.err.Error() }
func (e *serviceError) Unwrap() error { return e.err }

// isUnknownService reports whether a call that changes something was sent and got no answer.
func isUnknownService(err error) bool {
	service, isService := errors.AsType[*serviceError](err)
	broken, isBroken := errors.AsType[*rbac.ConnectionError](err)
	return isService && isBroken && service.call != callCheck && broken.Sent
}

func (e *serviceError) hints() []string {
	if broken, ok := errors.AsType[*rbac.ConnectionError](e.err); ok {
		return e.connectionHints(broken)
	}
	if refused, ok := errors.AsType[*rbac.APIError](e.err); ok {
		return []string{"What to do: " + e.cure(refused)}
	}
	if is[*rbac.ResponseError](e.err) {
		return []string{"What to do: " + e.checkURL()}
	}
	return nil
}

func (e *serviceError) checkURL() string {
	return fmt.Sprintf("check the URL of the token service, %s, from %s. Use --%s to name another.", e.url.URLForDisplay(), e.url.Origin, config.KeyRBACURL)
}

func (e *serviceError) connectionHints(broken *rbac.ConnectionError) []string {
	switch {
	case broken.Sent && e.call == callRevoke:
		return []string{"The request was sent, so the token may be revoked. To find out: puppet-code token"}
	case broken.Sent && e.call != callCheck:
		return []string{"The request was sent, and is not sent again. The server may have made a token that nobody has."}
	case broken.Sent, is[*SignalError](e.err):
		return nil
	case is[*rbac.CertificateError](e.err), is[*rbac.ProxyError](e.err):
		return connectionHints(broken)
	default:
		return []string{"What to do: " + e.checkURL()}
	}
}

// cure is the advice for a refusal.
func (e *serviceError) cure(refused *rbac.APIError) string {
	switch status := refused.StatusCode; {
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return e.checkURL()
	case status >= http.StatusInternalServerError:
		return "check that the console is up. If it is, a proxy in between gave this answer."
	case !refused.Unauthorized():
		return "check --lifetime, --label and --description. No other token of yours may have the same label."
	case refused.Kind == "puppetlabs.rbac/user-revoked", saysAccountRevoked(refused.Message):
		return accountRevoked
	case e.call == callLogin:
		return "check the name and the password. Ten refused logins in a row revoke the account, so puppet-code does not retry a login."
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

// failed adds the hints to the error of a call.
func (s *tokenService) failed(call serviceCall, err error) error {
	if err == nil {
		return nil
	}
	return &serviceError{err: err, call: call, url: s.url}
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
		return nil, &usageError{err: err}
	}
	address, _ := cfg.RBACURL() // RBACEndpoint has its error
	trust, err := a.trust(cfg)
	if err != nil {
		return nil, err
	}
	client, err := rbac.New(rbac.Options{
		BaseURL:   endpoint,
		Token:     token.Reveal(),
		TLS:       trust,
		LookupEnv: a.sys.LookupEnv,
		UserAgent: "puppet-code/" + a.sys.Build.Version,
		Logger:    a.logger(),
		Retries:   int(min(a.flags.retries, math.MaxInt32)),
		OnRetry:   a.retrying,
	})
	return &tokenService{Client: client, url: address, token: token}, unusable(cfg, err)
}

// tokenServiceInUse makes a client for the token that the other actions use.
func (a *app) tokenServiceInUse(cfg config.Config) (*tokenService, error) {
	token, origin, err := cfg.ReadToken(a.sys.In)
	if err != nil {
		return nil, err
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
	return fmt.Sprintf("%s, valid until %s (for %s)", text, pointInTime(info.Expires), span(remaining(info)))
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
