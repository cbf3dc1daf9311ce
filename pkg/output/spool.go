package output

import (
	"bytes"
	"io"
	"os"
)

// What a Spool keeps in memory before it goes to a file, in bytes.
const (
	spoolMemory = 512 << 10
	spoolBlock  = 64 << 10
)

// Spool holds a result until all of it is there: what is said about it comes
// before it, and half a result is none. Beyond half a megabyte it goes to a
// temporary file, which has no name where the system allows that; where none can
// be made, on a full or read-only disk, it stays in memory. The zero Spool is
// empty.
type Spool struct {
	// blocks are what is not in the file; used of them have something in them.
	blocks [][]byte
	used   int
	file   *os.File
	// leftover is the file's name as long as it has one.
	leftover string
	inFile   int64
	// inMemory is true once there can be no file, or no more of it.
	inMemory bool
}

// Write never fails.
func (s *Spool) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		block := s.room()
		n := min(len(rest), cap(*block)-len(*block))
		*block = append(*block, rest[:n]...)
		rest = rest[n:]
	}
	return len(p), nil
}

// room is the block to write to.
func (s *Spool) room() *[]byte {
	if s.used > 0 {
		if last := &s.blocks[s.used-1]; len(*last) < cap(*last) {
			return last
		}
	}
	if s.used*spoolBlock >= spoolMemory && !s.inMemory {
		s.spill()
	}
	if s.used == len(s.blocks) {
		s.blocks = append(s.blocks, make([]byte, 0, spoolBlock))
	}
	s.used++
	return &s.blocks[s.used-1]
}

// spill moves the blocks to the file, as far as that goes.
func (s *Spool) spill() {
	if s.file == nil && !s.create() {
		return
	}
	for i, block := range s.blocks[:s.used] {
		n, err := s.file.Write(block)
		s.inFile += int64(n)
		if err != nil {
			s.inMemory = true
			s.blocks = append([][]byte{block[n:]}, s.blocks[i+1:s.used]...)
			s.used = len(s.blocks)
			return
		}
		s.blocks[i] = block[:0]
	}
	s.used = 0
}

func (s *Spool) create() bool {
	file, err := os.CreateTemp("", "puppet-code-*")
	if err != nil {
		s.inMemory = true
		return false
	}
	s.file = file
	if os.Remove(file.Name()) != nil { // Windows removes nothing that is open
		s.leftover = file.Name()
	}
	return true
}

// Reader gives all that was written, from the beginning.
func (s *Spool) Reader() io.Reader {
	readers := make([]io.Reader, 0, s.used+1)
	if s.file != nil {
		readers = append(readers, io.NewSectionReader(s.file, 0, s.inFile))
	}
	for _, block := range s.blocks[:s.used] {
		readers = append(readers, bytes.NewReader(block))
	}
	return io.MultiReader(readers...)
}

// Reset empties the spool.
func (s *Spool) Reset() {
	s.Close()
	*s = Spool{}
}

// Close gives the file back. Nothing can be read after it.
func (s *Spool) Close() {
	if s.file == nil {
		return
	}
	_ = s.file.Close()
	if s.leftover != "" {
		_ = os.Remove(s.leftover)
	}
	s.file = nil
}
