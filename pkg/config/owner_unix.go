//go:build unix

package config

import (
	"os"
	"os/user"
	"slices"
	"strconv"
	"syscall"
)

// foreignOwner names the owner of a file. It returns false if the owner is root, this user or one
// of the named accounts, or is not known.
func foreignOwner(path string, accounts []string) (name string, foreign bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return "", false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 || int(stat.Uid) == os.Geteuid() {
		return "", false
	}
	id := strconv.FormatUint(uint64(stat.Uid), 10)
	owner, err := user.LookupId(id)
	if err != nil {
		return "user id " + id, true
	}
	return owner.Username, !slices.Contains(accounts, owner.Username)
}
