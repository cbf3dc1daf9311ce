// Package acceptance tests the real programs as their users run them. It has no code of its own.
package acceptance
