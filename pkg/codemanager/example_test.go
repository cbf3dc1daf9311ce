package codemanager_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// Deploys two environments, waits for them, and distinguishes the kinds of failure.
func Example() {
	// Stands in for a Code Manager.
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `[
			{"environment": "production", "id": 7, "status": "complete", "deploy-signature": "482f8d3a"},
			{"environment": "testing", "id": 8, "status": "failed",
				"error": {"kind": "puppetlabs.code-manager/deploy-failure", "msg": "no branch of that name"}}
		]`)
	}))
	defer server.Close()
	authorities := x509.NewCertPool() // AppendCertsFromPEM reads /etc/puppetlabs/puppet/ssl/certs/ca.pem
	authorities.AddCert(server.Certificate())

	client, err := codemanager.New(codemanager.Options{
		BaseURL: server.URL + "/code-manager",
		Token:   "the text of ~/.puppetlabs/token",
		TLS:     &tls.Config{RootCAs: authorities},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	deployments, err := client.Deploy(context.Background(), codemanager.DeployRequest{
		Environments: []string{"production", "testing"},
		Wait:         true,
	})
	var refused *codemanager.APIError
	var broken *codemanager.ConnectionError
	switch {
	case errors.As(err, &refused):
		fmt.Println("refused:", refused.Message)
		return
	case errors.As(err, &broken) && !broken.Sent:
		fmt.Println("nothing was deployed:", err)
		return
	case err != nil:
		fmt.Println("the deployment may go on:", err)
		return
	}
	for _, d := range deployments {
		if d.Failed() {
			fmt.Printf("%s failed: %s\n", d.Environment, d.Error.Msg)
		} else {
			fmt.Printf("%s is at %s\n", d.Environment, d.DeploySignature)
		}
	}
	// Output:
	// production is at 482f8d3a
	// testing failed: no branch of that name
}
