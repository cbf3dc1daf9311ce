package transport_test

import "syscall"

// As in winsock2.h and winerror.h.
var numbers = map[syscall.Errno]string{
	10061: "refused",
	1225:  "refused",
	10054: "reset",
	10053: "reset",
	10052: "reset",
	64:    "reset",
	1236:  "reset",
	10051: "unreachable",
	10065: "unreachable",
	10050: "unreachable",
	10064: "unreachable",
	1231:  "unreachable",
	1232:  "unreachable",
	10060: "timeout",
	121:   "timeout",
	10013: "", // not permitted
}
