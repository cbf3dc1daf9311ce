// Package jsonread has the option for JSON from servers.
package jsonread

import "github.com/go-json-experiment/json/jsontext"

// Lenient accepts text that is not UTF-8, such as half of a surrogate pair in an escape: it becomes
// U+FFFD, and the answer is not lost.
var Lenient = jsontext.AllowInvalidUTF8(true)
