package transport

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine of a client is left when a test has ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
