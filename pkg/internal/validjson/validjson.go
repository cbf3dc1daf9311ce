// Package validjson takes JSON apart that a decoder found to be valid. It
// checks nothing, and so takes a fraction of the time: what it does with other
// texts is not defined, it may panic.
package validjson

import "bytes"

// Member is a member of an object: the name with its quotes, and the value, as
// they stand in it.
type Member struct{ Name, Value []byte }

// Members appends the members of an object to a list, in their order.
func Members(list []Member, object []byte) []Member {
	pos := blank(object, 1)
	for object[pos] != '}' {
		name := pos
		nameEnd := after(object, name)
		value := blank(object, blank(object, nameEnd)+1)
		end := after(object, value)
		list = append(list, Member{object[name:nameEnd:nameEnd], object[value:end:end]})
		pos = separator(object, end)
	}
	return list
}

// Elements appends the elements of an array to a list, in their order.
func Elements(list [][]byte, array []byte) [][]byte {
	pos := blank(array, 1)
	for array[pos] != ']' {
		end := after(array, pos)
		list = append(list, array[pos:end:end])
		pos = separator(array, end)
	}
	return list
}

// Trim gives a value without the white space around it.
func Trim(value []byte) []byte { return bytes.Trim(value, " \t\r\n") }

// separator passes over a comma, if there is one, and the white space around it.
func separator(in []byte, pos int) int {
	if pos = blank(in, pos); in[pos] == ',' {
		pos = blank(in, pos+1)
	}
	return pos
}

// blank passes over white space.
func blank(in []byte, pos int) int {
	for in[pos] == ' ' || in[pos] == '\n' || in[pos] == '\t' || in[pos] == '\r' {
		pos++
	}
	return pos
}

// after is where the value at pos ends.
func after(in []byte, pos int) int {
	switch in[pos] {
	case '"':
		return afterString(in, pos)
	case '{', '[':
		return afterBrackets(in, pos)
	}
	for pos < len(in) {
		switch in[pos] {
		case ',', ']', '}', ' ', '\n', '\t', '\r':
			return pos
		}
		pos++
	}
	return pos
}

func afterBrackets(in []byte, pos int) int {
	for depth := 0; ; {
		switch in[pos] {
		case '"':
			pos = afterString(in, pos)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return pos + 1
			}
		}
		pos++
	}
}

func afterString(in []byte, pos int) int {
	for pos++; ; pos++ {
		pos += bytes.IndexByte(in[pos:], '"')
		slashes := 0
		for in[pos-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return pos + 1
		}
	}
}
