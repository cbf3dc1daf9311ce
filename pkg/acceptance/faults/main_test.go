package faults

import (
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
