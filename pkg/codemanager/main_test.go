package codemanager_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// No goroutine of a client is left when a test has ended.
func TestMain(m *testing.M) {
	testneeds.WithoutProxies()
	goleak.VerifyTestMain(m)
}
