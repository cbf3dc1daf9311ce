// Command floor is a minimal Go program for comparison with puppet-code: one request over verified
// TLS, the body of its answer copied to standard output. It takes the file of trusted authorities,
// the method, the URL and the body to send; the token comes from the environment. With the URL of
// deploys/status as well, it gets that first, over a connection of its own, as a wait does.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	pem, err := os.ReadFile(os.Args[1])
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}}}
	if len(os.Args) > 5 {
		send(client, io.Discard, http.MethodGet, os.Args[5], "")
		client.CloseIdleConnections()
	}
	send(client, os.Stdout, os.Args[2], os.Args[3], os.Args[4])
}

func send(client *http.Client, out io.Writer, method, url, body string) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	check(err)
	request.Header.Set("X-Authentication", os.Getenv("PUPPET_CODE_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	check(err)
	defer response.Body.Close()
	_, err = io.Copy(out, response.Body)
	check(err)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
