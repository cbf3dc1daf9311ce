package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// maxEvent is the largest event that GitHub sends, in bytes.
const maxEvent = 25 << 20

// unsupportedTypes are the types of webhooks that a real server knows and the
// sandbox does not.
var unsupportedTypes = []string{"bitbucket-server", "bitbucket", "tfs-git", "azure"}

// pushEvent has the relevant keys in push events of GitHub and GitLab. Their other events have no
// such ref.
type pushEvent struct {
	Ref string `json:"ref"`
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
			msg: "Unrecognized webhook type: " + strconv.Quote(shorten(kind)),
		}).write(w)
		return
	}
	if refused := mayDeploy(token); refused != nil {
		refused.write(w)
		return
	}
	var event pushEvent
	if refused := readBody(http.MaxBytesReader(w, r.Body, maxEvent), &event); refused != nil {
		refused.write(w)
		return
	}
	job := deploy.Request{Refuse: refusal(token)}
	// Other events, such as pings and pushes of tags, are valid requests, too.
	if branch, found := strings.CutPrefix(event.Ref, "refs/heads/"); found {
		if prefix := r.URL.Query().Get("prefix"); prefix != "" {
			branch = prefix + "_" + branch
		}
		job.Environments = []string{environmentOf(branch)}
	}
	batch := a.Queue.Submit(job)
	a.Log.Info("deployments queued by a webhook", "type", kind, "user", token.User, "number", len(batch.Accepted))
	writeJSON(w, http.StatusOK, a.deployments(batch.Accepted))
}
