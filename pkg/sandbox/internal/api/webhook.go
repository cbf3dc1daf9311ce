package api

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// maxEvent is the largest event that GitHub sends, in bytes.
const maxEvent = 25 << 20

// unsupportedTypes are the types of webhooks that a real server knows and the
// sandbox does not.
var unsupportedTypes = []string{"bitbucket-server", "bitbucket", "tfs-git", "azure"}

// pushEvent has the relevant keys in push events of GitHub and GitLab.
type pushEvent struct {
	Ref string `json:"ref"`
	// After is the commit that was pushed. Other events with a ref have no such key.
	After string `json:"after"`
	// Kind is GitLab's kind of event, which GitHub has in a header.
	Kind string `json:"object_kind"`
}

// branch is the branch that was pushed, "" if the event is another one or unknown.
func (e pushEvent) branch(r *http.Request) string {
	kind := cmp.Or(e.Kind, r.Header.Get("X-GitHub-Event"), "push")
	branch, found := strings.CutPrefix(e.Ref, "refs/heads/")
	if !found || kind != "push" || e.After == "" {
		return ""
	}
	return branch
}

// postWebhook answers POST /v1/webhook: it deploys the branch that was pushed.
// For a branch that was deleted, the deployment fails and cleans up.
func (a *api) postWebhook(w http.ResponseWriter, r *http.Request, token tokens.Token) {
	kind := r.URL.Query().Get("type")
	switch {
	case kind == "github", kind == "gitlab":
	case slices.Contains(unsupportedTypes, kind):
		(&problem{
			status: http.StatusNotImplemented, kind: KindInvalidRequest,
			msg: "the sandbox does not understand webhooks of the type " + kind + ", only github and gitlab",
		}).write(w)
		return
	default:
		(&problem{
			status: http.StatusBadRequest, kind: KindWebhookType,
			msg: "Unrecognized webhook type: " + strconv.Quote(engine.Shorten(kind)),
		}).write(w)
		return
	}
	if refused := a.mayDeploy(); refused != nil {
		refused.write(w)
		return
	}
	var event pushEvent
	// An event repeats what people wrote; an odd commit message must not stop it.
	lenient := []json.Options{jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)}
	if refused := readBody(http.MaxBytesReader(w, r.Body, maxEvent), &event, lenient...); refused != nil {
		refused.write(w)
		return
	}
	var job deploy.Request
	// Other events, such as pings and pushes of tags, are valid requests, too.
	if branch := event.branch(r); branch != "" {
		if prefix := r.URL.Query().Get("prefix"); prefix != "" {
			branch = prefix + "_" + branch
		}
		job.Environments = []string{environmentOf(branch)}
	}
	batch := a.Queue.Submit(job)
	a.Log.Info("deployments queued by a webhook", "type", kind, "user", token.User, "number", len(batch.Accepted))
	writeJSON(w, http.StatusOK, a.deployments(batch.Accepted))
}
