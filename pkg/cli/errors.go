package cli

import (
	"crypto/fips140"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// Rules for errors: one "Error:" in each run, with the problem and its place; then the server's
// details, unchanged; then a few labelled lines, the last of which begins with "What to do:".

// usageError is a wrong command line or configuration. Nothing was sent.
type usageError struct {
	err error
	// command is the command whose help to suggest, "" if the command line is right.
	command string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// asUsage makes an error of the configuration a usage error. Nil stays nil.
func asUsage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err: err}
}

// unhealthyError is a service that is not healthy.
type unhealthyError struct{ problems []string }

func (e *unhealthyError) Error() string { return strings.Join(e.problems, "\n") }

// printError is the only writer of errors. Scripts search these texts, so only terminals get
// colours, even if colours are forced.
func (a *app) printError(err error) {
	style := a.style(a.sys.Err)
	style.Color = style.Color && a.sys.Err.Terminal
	var b strings.Builder
	failed, isFailed := errors.AsType[*failedError](err)
	if wait, ok := errors.AsType[*waitError](err); ok && !isFailed {
		failed = wait.failed()
	}
	for _, text := range messages(err) {
		if isFailed {
			text += ":"
		}
		b.WriteString(a.sys.Err.wrap(style.Bad("Error:") + " " + output.Clean(style.Redact(text)) + "\n"))
	}
	switch {
	case isFailed:
		b.WriteString(a.failures(failed.failed, aroundResult))
	case failed != nil:
		b.WriteString(a.sys.Err.wrap(failed.Error() + ":\n"))
		b.WriteString(a.failures(failed.failed, aroundWait))
	}
	if api, ok := errors.AsType[*codemanager.APIError](err); ok {
		b.WriteString(details(api, style, a.sys.Err))
	}
	for _, hint := range hints(err) {
		b.WriteString(a.sys.Err.wrap(output.Clean(style.Redact(hint)) + "\n"))
	}
	text := b.String()
	if a.inActions() {
		text = a.annotations(failed) + output.ForActions(text)
	}
	_, _ = a.sys.Err.Write([]byte(text))
}

func isMissingToken(err error) bool {
	token, ok := errors.AsType[*config.TokenError](err)
	return ok && token.Missing
}

// messages are the texts of the error. Only an unhealthy service can have several.
func messages(err error) []string {
	if unhealthy, ok := errors.AsType[*unhealthyError](err); ok {
		return unhealthy.problems
	}
	return []string{message(err)}
}

// message is the error in one sentence.
func message(err error) string {
	if signal, ok := errors.AsType[*SignalError](err); ok {
		return signal.Error()
	}
	if timeout, ok := errors.AsType[*timeoutError](err); ok {
		return timeout.Error()
	}
	if broken, ok := errors.AsType[*codemanager.ConnectionError](err); ok {
		return "no answer to " + broken.Method + " " + broken.URL + ": " + reason(broken)
	}
	if api, ok := errors.AsType[*codemanager.APIError](err); ok {
		return indented(api.Error())
	}
	return err.Error()
}

// reasonOf is the text of an error in a line of progress.
func reasonOf(err error) string {
	if broken, ok := errors.AsType[*codemanager.ConnectionError](err); ok {
		return reason(broken)
	}
	return err.Error()
}

// reason explains a failed connection without the names of system calls.
func reason(err *codemanager.ConnectionError) string {
	if proxy, ok := errors.AsType[*codemanager.ProxyError](err); ok {
		return "the proxy " + proxy.Proxy + ": " + reason(&codemanager.ConnectionError{Err: proxy.Err})
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return fmt.Sprintf("there is no host named %s", dns.Name)
		}
		return fmt.Sprintf("the name %s cannot be resolved: %s", dns.Name, dns.Err)
	}
	switch {
	case fips140.Enabled() && transport.FIPSReason(err) != "":
		return transport.FIPSReason(err)
	case transport.IsRefused(err):
		return "the connection was refused: nothing listens on that port"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the server speaks plain HTTP on that port, not TLS"
	case is[tls.RecordHeaderError](err):
		return "the server does not speak TLS on that port"
	case transport.IsTimeout(err):
		return "the host did not respond in time"
	case errors.Is(err, io.EOF):
		return "the server or a proxy closed the connection"
	case transport.IsReset(err):
		return "the connection was reset"
	case transport.IsUnreachable(err):
		return "there is no route to the host"
	default:
		return err.Err.Error()
	}
}

// indented indents all lines of a server's text except the first.
func indented(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ")
}

// details are the details of the error object, or the beginning of the body if there is no error
// object. If they are a text of r10k, its reason follows, and a terminal shows the text line by
// line.
func details(err *codemanager.APIError, style output.Style, to Stream) string {
	if err.Snippet != "" {
		return to.wrap(fmt.Sprintf("The answer of %s begins: %s\n", err.URL, output.CleanLine(style.Redact(err.Snippet))))
	}
	if err.Details == nil || err.Details.Kind() == 'n' {
		return ""
	}
	var text, reason string
	if json.Unmarshal(err.Details, &text) == nil {
		if reason = style.ReasonIn(text); reason != "" {
			reason = to.wrap("Reason: " + reason + "\n")
		}
		if to.Terminal {
			return to.wrap("  "+output.Clean(style.Redact(indented(text)))+"\n") + reason
		}
	}
	formatted := err.Details.Clone()
	if formatted.Format(jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true)) != nil {
		return ""
	}
	return output.Clean(string(formatted)) + "\n" + reason
}
