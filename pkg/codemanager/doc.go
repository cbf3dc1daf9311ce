// Package codemanager is a typed client for the HTTP API of Puppet's Code
// Manager: its requests, its answers and its errors. It knows no screen and no
// flags.
package codemanager
