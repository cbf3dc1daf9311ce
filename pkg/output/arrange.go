package output

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// arranger writes JSON that is known to be valid as scripts expect it: the
// names of every object in alphabetical order, indented by two spaces. Package
// jsontext can do the same, in some four times the time, most of which it
// takes to make sure that the JSON is valid.
type arranger struct {
	in  []byte
	pos int
	out []byte
	// keep leaves the names in the order in which they come, and those that come
	// twice.
	keep bool
	// plain is true where no string has an escape or bytes that are no UTF-8.
	plain bool
	// members are those of the objects that are open, the outermost first.
	members []arranged
	spare   []byte
}

// arranged is where a member stands in what was written: its name with the
// quotes, and all of it without the comma.
type arranged struct{ begin, name, nameEnd, end int }

const indentation = "                                                                "

// arrange appends a value to out at a depth of indentation. Errors: a
// codemanager.ShapeError for a name that comes twice.
func (a *arranger) arrange(out []byte, value jsontext.Value, depth int) ([]byte, error) {
	a.in, a.pos, a.out = value, 0, out
	a.plain = bytes.IndexByte(value, '\\') < 0 && utf8.Valid(value)
	err := a.value(depth)
	return a.out, err
}

func (a *arranger) value(depth int) error {
	switch a.next() {
	case '{':
		return a.object(depth)
	case '[':
		return a.array(depth)
	case '"':
		a.text()
	default:
		a.literal()
	}
	return nil
}

// literal copies a number, a boolean or null.
func (a *arranger) literal() {
	begin := a.pos
	for a.pos < len(a.in) {
		switch a.in[a.pos] {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			a.out = append(a.out, a.in[begin:a.pos]...)
			return
		}
		a.pos++
	}
	a.out = append(a.out, a.in[begin:]...)
}

// next is the next byte that is no white space.
func (a *arranger) next() byte {
	for {
		switch b := a.in[a.pos]; b {
		case ' ', '\t', '\r', '\n':
			a.pos++
		default:
			return b
		}
	}
}

// skip passes over the next byte that is no white space.
func (a *arranger) skip() byte {
	b := a.next()
	a.pos++
	return b
}

func (a *arranger) line(depth int) {
	a.out = append(a.out, '\n')
	for n := 2 * depth; n > 0; n -= len(indentation) {
		a.out = append(a.out, indentation[:min(n, len(indentation))]...)
	}
}

func (a *arranger) array(depth int) error {
	a.out = append(a.out, a.skip())
	if a.next() == ']' {
		a.out = append(a.out, a.skip())
		return nil
	}
	for {
		a.line(depth + 1)
		if err := a.value(depth + 1); err != nil {
			return err
		}
		if a.next() == ']' {
			a.line(depth)
			a.out = append(a.out, a.skip())
			return nil
		}
		a.out = append(a.out, a.skip())
	}
}

func (a *arranger) object(depth int) error {
	a.out = append(a.out, a.skip())
	if a.next() == '}' {
		a.out = append(a.out, a.skip())
		return nil
	}
	first := len(a.members)
	for {
		m := arranged{begin: len(a.out)}
		a.line(depth + 1)
		m.name = len(a.out)
		a.next()
		a.text()
		m.nameEnd = len(a.out)
		a.skip()
		a.out = append(a.out, ':', ' ')
		if err := a.value(depth + 1); err != nil {
			return err
		}
		m.end = len(a.out)
		a.members = append(a.members, m)
		if a.skip() == '}' {
			break
		}
		a.out = append(a.out, ',')
	}
	var err error
	if !a.keep {
		err = a.sort(a.members[first:])
	}
	a.members = a.members[:first]
	a.line(depth)
	a.out = append(a.out, '}')
	return err
}

// sort puts members into the order of their names.
func (a *arranger) sort(members []arranged) error {
	begin, name := members[0].begin, func(m arranged) []byte { return a.out[m.name+1 : m.nameEnd-1] }
	compare := func(x, y arranged) int { return bytes.Compare(name(x), name(y)) }
	sorted := slices.IsSortedFunc(members, compare)
	if !sorted {
		slices.SortFunc(members, compare)
	}
	for i := 1; i < len(members); i++ {
		if compare(members[i-1], members[i]) == 0 {
			return codemanager.ShapeError(fmt.Sprintf("the name %q comes twice", name(members[i])))
		}
	}
	if sorted {
		return nil
	}
	a.spare = a.spare[:0]
	for i, m := range members {
		if i > 0 {
			a.spare = append(a.spare, ',')
		}
		a.spare = append(a.spare, a.out[m.begin:m.end]...)
	}
	copy(a.out[begin:], a.spare)
	return nil
}

// text copies a string, in the shortest form where it has escapes or bytes that
// are no UTF-8.
func (a *arranger) text() {
	begin := a.pos
	if a.plain {
		a.pos += 2 + bytes.IndexByte(a.in[begin+1:], '"')
		a.out = append(a.out, a.in[begin:a.pos]...)
		return
	}
	for a.pos++; a.in[a.pos] != '"'; a.pos++ {
		if a.in[a.pos] == '\\' {
			a.pos++
		}
	}
	a.pos++
	raw := a.in[begin:a.pos]
	// Its only error is about bytes that are no UTF-8, which it has replaced.
	text, _ := jsontext.AppendUnquote(nil, raw)
	a.out, _ = jsontext.AppendQuote(a.out, text)
}
