// Package codemanager is a client for Code Manager, the service of Puppet Enterprise that deploys
// the branches of a control repo as environments.
//
// [New] makes a [Client]. [Client.Deploy] starts deployments and, with [DeployRequest.Wait],
// returns their outcome; [Client.DeploysStatus] gets the queue, the failures, and the staged and
// live code; [Client.Status] gets the health of the service.
//
// A deployment that fails is part of a successful answer: look at [Deployment.Failed]. A request
// that fails returns one of three errors, for [errors.As]: [*APIError] if the server refused it,
// [*ResponseError] if the answer is not from Code Manager, [*ConnectionError] if there is no
// answer.
//
// The client follows no redirects, speaks TLS 1.2 or later, and sends the token in one header. It
// sends a deployment a second time only if the first one never left this machine. Neither its
// errors nor its log have the token in them, even if a server echoes it.
package codemanager
