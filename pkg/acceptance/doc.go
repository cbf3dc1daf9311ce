// Package acceptance tests the real programs as their users run them. It has no code of its own:
// the scripts are in testdata, other tests in the folder of their subject.
package acceptance
