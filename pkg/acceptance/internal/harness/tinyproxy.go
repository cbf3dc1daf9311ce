package harness

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// ownAddress is a non-loopback address of this machine, "" if it has no such address. Programs do
// not use a proxy for loopback addresses.
func ownAddress() string {
	addresses, _ := net.InterfaceAddrs()
	for _, address := range addresses {
		if n, ok := address.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	return ""
}

// hasOwnAddress is the condition [interface]. In CI it must hold.
func hasOwnAddress() (bool, error) {
	if ownAddress() == "" && os.Getenv("CI") == "true" {
		return false, fmt.Errorf("CI must have an address that is not the loopback")
	}
	return ownAddress() != "", nil
}

// hasIPv6 is the condition [ipv6]: has the loopback an IPv6 address?
func hasIPv6() (bool, error) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err == nil {
		listener.Close()
	}
	return err == nil, nil
}

// cmdTinyproxy starts a forward proxy that connects only to the port of the service URL. PROXY is
// its address, proxy.log its log.
//
//	tinyproxy [USER PASSWORD]
func cmdTinyproxy(ts *testscript.TestScript, _ bool, args []string) {
	address := freePort(ts)
	host, port, err := net.SplitHostPort(address)
	ts.Check(err)
	lines := []string{
		"Listen " + host, "Port " + port, "LogLevel Info", "LogFile " + strconv.Quote(ts.MkAbs("proxy.log")),
		"Allow 127.0.0.1", "MaxClients 20", "ConnectPort " + portOf(ts, ts.Getenv("PUPPET_CODE_SERVICE_URL")),
	}
	if len(args) == 2 {
		lines = append(lines, "BasicAuth "+args[0]+" "+args[1])
	}
	file := ts.MkAbs("tinyproxy.conf")
	ts.Check(os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	ts.Check(os.RemoveAll(ts.MkAbs("proxy.log")))
	command := exec.Command("tinyproxy", "-d", "-c", file)
	ts.Check(command.Start())
	ts.Defer(func() { _ = command.Process.Kill(); _ = command.Wait() })
	ts.Setenv("PROXY", address)
	for end := time.Now().Add(20 * time.Second); ; {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("tinyproxy does not listen: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
