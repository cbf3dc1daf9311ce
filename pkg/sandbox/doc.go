// Package sandbox is a local Code Manager: a server that answers the HTTP API of Puppet's Code
// Manager over TLS and with tokens, and that really deploys the branches of a Git repository, on a
// primary and on compilers. It is for trying clients and for tests.
//
//	server, err := sandbox.Start(ctx, sandbox.Options{})
//	if err != nil { … }
//	defer server.Close()
//	fmt.Println(server.URL(), server.CACertFile(), server.TokenFile())
package sandbox
