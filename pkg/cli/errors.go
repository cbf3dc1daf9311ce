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
	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// Rules for errors: one "Error:" in each run, with the problem and its place; then the server's
// details, unchanged; then a few labelled lines, the last of which begins with "What to do:".

// exitError is an error with everything that the end of the program needs. It is made where the
// reason is known; an error without an exitError ends with ExitFailure.
type exitError struct {
	// err is the error, nil if the failed environments are the error.
	err    error
	status int
	// advice are the lines after the error.
	advice []string
	// failed are the environments that failed, nil if none did.
	failed *failures
	// open is true if a wait ended without an outcome.
	open bool
}

func (e *exitError) Error() string {
	if e.err == nil {
		return e.failed.String()
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// wrongUsage is a wrong command line or configuration. Nothing was sent. Nil stays nil.
func wrongUsage(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{err: err, status: ExitUsage}
}

// badArguments is a wrong command line, with the command whose help shows the right one. It may be
// wrong because a token stands in the wrong place.
func badArguments(cmd *cobra.Command, err error) error {
	return &exitError{err: errors.New(withoutTokens(err.Error())), status: ExitUsage, advice: []string{"Run '" + cmd.CommandPath() + " --help' for usage."}}
}

// printError is the only writer of errors. Scripts search these texts, so only terminals get
// colours, even if colours are forced.
func (a *app) printError(err error) {
	style := a.style(a.sys.Err)
	style.Color = style.Color && a.sys.Err.Terminal
	var b strings.Builder
	var failed *failures
	var advice []string
	isFailed := false
	if ended, ok := errors.AsType[*exitError](err); ok {
		failed, advice, isFailed = ended.failed, ended.advice, ended.err == nil
	}
	for _, text := range messages(err) {
		if isFailed {
			text += ":"
		}
		b.WriteString(a.sys.Err.wrap(style.Bad("Error:") + " " + output.Clean(style.Redact(text)) + "\n"))
	}
	switch {
	case isFailed:
		b.WriteString(a.failures(failed.list))
	case failed != nil:
		b.WriteString(a.sys.Err.wrap(failed.String() + ":\n"))
		b.WriteString(a.failures(failed.list))
	}
	if api, ok := errors.AsType[*codemanager.APIError](err); ok {
		b.WriteString(details(api, style, a.sys.Err))
	}
	for _, line := range advice {
		b.WriteString(a.sys.Err.wrap(output.Clean(style.Redact(line)) + "\n"))
	}
	text := b.String()
	if a.inActions() {
		text = a.annotations(err, failed) + output.ForActions(text)
	}
	_, _ = a.sys.Err.Write([]byte(text))
}

// messages are the texts of the error: one, or those of errors that were joined.
func messages(err error) []string {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []string{message(err)}
	}
	var texts []string
	for _, one := range joined.Unwrap() {
		texts = append(texts, message(one))
	}
	return texts
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
	tlsReason, _ := transport.TLSReason(err)
	switch {
	case fips140.Enabled() && transport.FIPSReason(err) != "":
		return transport.FIPSReason(err)
	case tlsReason != "":
		return tlsReason
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
	if err.Details == nil || string(err.Details) == "null" {
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
	formatted := jsontext.Value(slices.Clone(err.Details))
	if formatted.Format(jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true)) != nil {
		return ""
	}
	return output.Clean(string(formatted)) + "\n" + reason
}
