//go:build unix && !linux

package r10k

import (
	"os/exec"
	"strconv"
	"strings"
)

// children are the processes that a process has started, as ps tells.
func children(parent int) []int {
	listing, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output() //nolint:noctx // it is short, and there to end things
	if err != nil {
		return nil
	}
	var found []int
	for line := range strings.Lines(string(listing)) {
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(fields[0]); err == nil {
			found = append(found, pid)
		}
	}
	return found
}
