// Package harness runs the real programs for tests: against a Code Manager that deploys, a server
// with recorded answers, or a network with faults. Every run ends with a search for secrets.
package harness
