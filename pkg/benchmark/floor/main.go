// Command floor is a minimal Go program for comparison with puppet-code: one request over verified
// TLS, the body of its answer copied to standard output. It takes the file of trusted authorities,
// the method, the URL and the body to send; the token comes from the environment.
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
	request, err := http.NewRequest(os.Args[2], os.Args[3], strings.NewReader(os.Args[4]))
	check(err)
	request.Header.Set("X-Authentication", os.Getenv("PUPPET_CODE_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	check(err)
	defer response.Body.Close()
	_, err = io.Copy(os.Stdout, response.Body)
	check(err)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
