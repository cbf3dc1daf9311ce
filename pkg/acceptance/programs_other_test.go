//go:build !unix

package acceptance

// testPrograms are the programs that this test program can run as.
func testPrograms() map[string]func() { return map[string]func(){"puppet-code": puppetCode} }
