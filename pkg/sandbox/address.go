package sandbox

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// splitListen splits HOST:PORT or HOST. Without a port it returns 0, for a free port.
func splitListen(listen string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(listen)
	if err != nil {
		// No port: a name, 127.0.0.1, ::1 or [::1].
		host = strings.TrimSuffix(strings.TrimPrefix(listen, "["), "]")
		port = "0"
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return "", "", fmt.Errorf("%q: use HOST:PORT, such as %s", listen, DefaultListen)
		}
	}
	if number, err := strconv.Atoi(port); err != nil || number < 0 || number > 65535 {
		return "", "", fmt.Errorf("%q: the port must be a number from 0 to 65535", listen)
	}
	return host, port, nil
}

// isLoopback reports whether only this machine can connect to a host.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// certificateHosts are the names and addresses in the certificate: those of the loopback interface,
// the listening addresses, and this machine's name if one of them is any address.
func certificateHosts(hosts ...string) (names []string, addresses []net.IP) {
	names = []string{"localhost"}
	addresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	for _, host := range hosts {
		ip := net.ParseIP(host)
		switch {
		case host == "" || ip != nil && ip.IsUnspecified():
			if hostname, err := os.Hostname(); err == nil {
				names = append(names, hostname)
			}
		case ip != nil:
			addresses = append(addresses, ip)
		case !strings.EqualFold(host, "localhost"):
			names = append(names, host)
		}
	}
	return names, addresses
}

// urlHost is the host in the URL: localhost if that connects.
func urlHost(host string) string {
	ip := net.ParseIP(host)
	switch {
	case host == "", ip != nil && ip.IsUnspecified(), ip.Equal(net.IPv4(127, 0, 0, 1)), ip.Equal(net.IPv6loopback):
		return "localhost"
	default:
		return host
	}
}
