//go:build !windows

//go:debug x509negativeserial=1

package faults

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// Old authorities signed certificates with negative serial numbers. curl accepts them. It is the
// programs that tell crypto/x509 to do so, and not a test binary.
func TestNegativeSerialNumber(t *testing.T) {
	t.Parallel()
	ca, err := testtls.NewAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	template, err := testtls.Template("negative")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"state":"running","status":{"services":{}}}`)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if server.TLS, err = ca.Config(template); err != nil {
		t.Fatal(err)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	program := exec.CommandContext(t.Context(), filepath.Join(harness.Programs(t), "puppet-code"), "status")
	program.Env = append(os.Environ(), "HOME="+t.TempDir(), "PUPPET_CODE_SERVICE_URL="+server.URL+"/code-manager", "PUPPET_CODE_CACERT="+ca.File)
	if said, err := program.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
