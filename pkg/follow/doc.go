// Package follow tells what becomes of deployments from the answers of deploys/status.
//
// [Read] turns one answer into a [State]: each environment, each compiler. [Deploy] sends a request,
// watches while the server holds it, and concludes the outcome itself if the request ends without an
// answer; [Watch] watches without a request. Both use one loop. The rules of evidence are in
// docs/following.md, and in the comments of this package in the same words.
package follow
