//go:build !unix

package acceptance

// testPrograms are what this test program can be.
func testPrograms() map[string]func() { return map[string]func(){"puppet-code": puppetCode} }
