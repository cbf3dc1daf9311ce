package transport

import "crypto/tls"

// secure completes a configuration for connections to Puppet's services: TLS 1.2 or later, and
// HTTP/1.1. A server that requires HTTP/2 refuses before anything is sent.
func secure(config *tls.Config) *tls.Config {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config = config.Clone()
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	config.NextProtos = []string{"http/1.1"}
	if config.CipherSuites == nil {
		config.CipherSuites = cipherSuites()
	}
	return config
}

// cipherSuites are Go's own for TLS 1.2, followed by the only ones of Code Manager until PE 2017.2
// (trapperkeeper-webserver-jetty9 before 2.0): AES with RSA key exchange. They have no forward
// secrecy, and are used only if a server offers nothing better. Those with SHA-256 are left out,
// because Go does not protect them against Lucky Thirteen.
func cipherSuites() []uint16 {
	var ids []uint16
	for _, suite := range tls.CipherSuites() {
		ids = append(ids, suite.ID)
	}
	return append(ids,
		tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA)
}
