package codemanager

import (
	"errors"
	"fmt"
	"io"
)

// Body is the body of an answer that is read as it arrives. A decoder holds
// the value that it is in the middle of: Body bounds how much that can be.
type Body struct {
	in io.Reader
	// left is what may still come in all, stretch what may come before Next.
	left, stretch int64
	// head is the beginning, for errors; broken is what broke the connection.
	head   []byte
	broken error
}

// NewBody bounds what comes from in.
func NewBody(in io.Reader) *Body {
	return &Body{in: in, left: maxStream, stretch: maxElement}
}

// Next says that an element was read, or a part of similar size, and that
// another one may follow.
func (b *Body) Next() { b.stretch = maxElement }

// Read returns a ShapeError once there is too much of it.
func (b *Body) Read(p []byte) (int, error) {
	if b.left < 0 || b.stretch < 0 {
		return 0, b.excess()
	}
	n, err := b.in.Read(p)
	b.left -= int64(n)
	b.stretch -= int64(n)
	if room := snippetLength + 1 - len(b.head); room > 0 {
		b.head = append(b.head, p[:min(n, room)]...)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.broken = err
	}
	return n, err
}

func (b *Body) excess() error {
	if b.left < 0 {
		return ShapeError(fmt.Sprintf("more than %d MB", maxStream>>20))
	}
	return ShapeError(fmt.Sprintf("more than %d MB in one piece", maxElement>>20))
}
