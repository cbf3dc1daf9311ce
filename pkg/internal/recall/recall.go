// Package recall remembers what was made of texts that come again in the same
// place: compilers have the same environments in the same order, and what was
// read or written for one need not be made anew for the next.
package recall

import "bytes"

// How much is remembered: places, and bytes of a text.
const (
	maxPlaces = 4096
	maxText   = 1024
)

// Memory remembers one text a place, and what was made of it. The zero Memory
// remembers nothing.
type Memory[T any] struct {
	places []place[T]
}

type place[T any] struct {
	text []byte
	made T
}

// At gives what was made of a text, if it is the one that was last kept in
// this place.
func (m *Memory[T]) At(i int, text []byte) (made T, ok bool) {
	if i >= len(m.places) || !bytes.Equal(m.places[i].text, text) {
		return made, false
	}
	return m.places[i].made, true
}

// Keep remembers what was made of a text, unless there is too much already.
// The text may change afterwards.
func (m *Memory[T]) Keep(i int, text []byte, made T) {
	if len(text) > maxText || i > len(m.places) || i >= maxPlaces {
		return
	}
	if i == len(m.places) {
		m.places = append(m.places, place[T]{})
	}
	m.places[i] = place[T]{append(m.places[i].text[:0], text...), made}
}
