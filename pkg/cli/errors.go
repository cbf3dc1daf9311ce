package cli

import (
	"crypto/fips140"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/follow"
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

// hints are the lines after the error, with advice about likely mistakes.
func hints(err error) []string {
	if usage, ok := errors.AsType[*usageError](err); ok && usage.command != "" {
		return []string{"Run '" + usage.command + " --help' for usage."}
	}
	if failed, ok := errors.AsType[*failedError](err); ok && len(failed.near) > 0 {
		return []string{"Did you mean " + strings.Join(failed.near, " or ") + "?"}
	}
	if wait, ok := errors.AsType[*waitError](err); ok {
		return waitHints(wait)
	}
	if is[*lostError](err) {
		return []string{"What to do: check the log of Code Manager, or deploy again."}
	}
	if isMissingToken(err) {
		return []string{"What to do: get a token with `puppet-code login`."}
	}
	if service, ok := errors.AsType[*serviceError](err); ok {
		return service.hints()
	}
	if api, ok := errors.AsType[*codemanager.APIError](err); ok {
		return apiHints(api)
	}
	if broken, ok := errors.AsType[*codemanager.ConnectionError](err); ok {
		if broken.Sent && is[*dryRunError](err) {
			return nil // nothing is deployed, and a second dry run does no harm
		}
		return connectionHints(broken)
	}
	if is[*codemanager.ResponseError](err) {
		return []string{"What to do: check the service URL, and any proxy or login page in between."}
	}
	return nil
}

// waitHints list the unfinished environments and how to continue. They claim only known facts.
func waitHints(wait *waitError) []string {
	unfinished, isUnfinished := errors.AsType[*follow.UnfinishedError](wait.err)
	switch {
	case isUnfinished && !wait.deploys:
		lines := append(stateHints(wait.state()), "To keep watching: "+wait.watch)
		if wait.instead != "" {
			lines = slices.Insert(lines, 0, wait.instead)
		}
		return lines
	case isUnfinished && !unfinished.Sent:
		return []string{"No deployment was requested."}
	case is[*follow.UnknownError](wait.err):
		return append(stateHints(wait.state()), "What to do: check the state before you deploy again: "+wait.watch)
	case is[*follow.RefusedError](wait.err), isUnfinished:
		return append(stateHints(wait.state()), "The deployment may still be running. To watch it: "+wait.watch)
	case is[*follow.NoCheckInError](wait.err):
		return []string{"What to do: check file sync on the compilers, with `puppet-code status` and their logs."}
	default:
		return hints(wait.err)
	}
}

func stateHints(state *follow.State) []string {
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
	return lines
}

func apiHints(err *codemanager.APIError) []string {
	switch err.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return []string{"What to do: " + tokenCure(err)}
	case http.StatusNotFound:
		if err.Kind != "" && err.Endpoint == "/deploys/status" {
			return nil // the deployment is unknown, not the service
		}
		return []string{"URL: " + err.URL, "What to do: " + wrongURL(err.URL, err.Endpoint)}
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

func connectionHints(err *codemanager.ConnectionError) []string {
	if cert, ok := errors.AsType[*codemanager.CertificateError](err); ok {
		return certificateHints(cert)
	}
	switch {
	case err.Sent && err.Method == http.MethodPost:
		return []string{"The request was sent and is not sent again. The deployment may be running: check the log of Code Manager."}
	case err.Sent, is[*SignalError](err):
		return nil
	}
	if is[*codemanager.ProxyError](err) {
		return []string{"What to do: check the address of the proxy, or list the primary in NO_PROXY if it can be reached directly."}
	}
	return []string{"What to do: check the service URL, and that the primary can be reached from here."}
}
