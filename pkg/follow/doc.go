// Package follow derives the outcome of deployments from the answers of deploys/status.
//
// [Read] turns one answer into a [State] of all environments and compilers. [Deploy] sends a
// request, watches until the server answers, and derives the outcome itself if the request ends
// without an answer. [Watch] watches without a request. Both use the same loop. The rules of
// evidence are in docs/inside/following.md.
package follow
