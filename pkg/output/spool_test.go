package output

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fill writes size bytes in pieces that fit no block, and gives all of them.
func fill(s *Spool, size int) []byte {
	var all []byte
	for i := 0; len(all) < size; i++ {
		piece := bytes.Repeat([]byte{byte('a' + i%26)}, 1000+i%7)
		all = append(all, piece...)
		_, _ = s.Write(piece)
	}
	return all
}

func demandAll(t *testing.T, s *Spool, want []byte) {
	t.Helper()
	for range 2 {
		got, err := io.ReadAll(s.Reader())
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes came back of %d: %v", len(got), len(want), err)
		}
	}
}

func TestSpool(t *testing.T) {
	for _, size := range []int{0, 1, spoolBlock, spoolMemory - 2000, spoolMemory + 5000, 5*spoolMemory + 12345} {
		dir := t.TempDir()
		t.Setenv("TMPDIR", dir)
		var s Spool
		want := fill(&s, size)
		if large := size > spoolMemory; (s.file != nil) != large {
			t.Errorf("%d bytes: a file, %t", size, !large)
		}
		if named, _ := filepath.Glob(filepath.Join(dir, "*")); len(named) > 0 && runtime.GOOS != "windows" {
			t.Errorf("others see %v", named)
		}
		demandAll(t, &s, want)
		s.Reset()
		demandAll(t, &s, nil)
		demandAll(t, &s, fill(&s, 3000))
		s.Close()
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("it left %v", left)
		}
	}
}

func TestSpoolWithoutAFile(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	t.Setenv("TMP", os.Getenv("TMPDIR"))
	var s Spool
	demandAll(t, &s, fill(&s, 3*spoolMemory))
	if s.file != nil {
		t.Error("it has a file")
	}
}

func TestSpoolOnAFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	s := Spool{file: full}
	defer s.Close()
	want := fill(&s, 3*spoolMemory)
	if !s.inMemory || s.inFile != 0 {
		t.Errorf("in memory: %t, %d bytes in the file", s.inMemory, s.inFile)
	}
	// What is read of the device itself is nothing but zeros.
	if got, err := io.ReadAll(io.MultiReader(s.Reader())); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes came back of %d: %v", len(got), len(want), err)
	}
}

func TestTables(t *testing.T) {
	var b strings.Builder
	table := newTable(Style{}, column{title: "NAME", limit: 5}, column{title: "N", right: true}, column{title: "TEXT", limit: 9, atWords: true})
	if err := table.write(&b); err != nil || b.String() != "" {
		t.Errorf("a table of nothing: %v, %q", err, b.String())
	}
	table.add("a", "1", "short")
	table.add("abcdefgh", "1234", "words that do not fit")
	table.add("世界世界", "", "")
	table.add("", "5", "")
	const want = `
NAME      N  TEXT
a         1  short
abcde  1234  words
fgh          that do
             not fit
世界
世界
          5
`
	if err := table.write(&b); err != nil || b.String() != want[1:] {
		t.Errorf("%v, got\n%s\nwant\n%s", err, b.String(), want)
	}
}
