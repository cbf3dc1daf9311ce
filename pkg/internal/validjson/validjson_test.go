package validjson_test

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/validjson"
)

// library takes an object or an array apart as package jsontext does.
func library(t *testing.T, text []byte) (parts [][]byte) {
	t.Helper()
	in := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if _, err := in.ReadToken(); err != nil {
		t.Fatal(err)
	}
	for in.PeekKind() != '}' && in.PeekKind() != ']' {
		value, err := in.ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, value.Clone())
	}
	return parts
}

func apart(text []byte) (parts [][]byte) {
	if text[0] == '[' {
		return validjson.Elements(nil, text)
	}
	for _, m := range validjson.Members(nil, text) {
		parts = append(parts, m.Name, m.Value)
	}
	return parts
}

func same(t *testing.T, text []byte) {
	t.Helper()
	text = validjson.Trim(text)
	want, got := library(t, text), apart(text)
	if len(got) != len(want) {
		t.Fatalf("%s: %q, want %q", text, got, want)
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("%s: part %d is %q, want %q", text, i, got[i], want[i])
		}
	}
}

var texts = []string{
	`{}`, `[]`, ` { } `, "[\n]\t", `[1,-2.5e3 , true,null,"x" ]`, `{"a":1,"b":{"c":[{"d":"}"}]},"e":"]"}`,
	`{"":"","\\":"\\","\"":"\"\\\"","\\\"":"\\\\"}`, "\r\n{\t\"a\" :\r\n1 , \"a\":[ 1 ,2 ] }\n", "[\"\xff\",\"\\u0022\"]",
}

func TestApart(t *testing.T) {
	for _, text := range texts {
		same(t, []byte(text))
	}
}

func FuzzApart(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value := jsontext.Value(text)
		if value.IsValid(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) && (value.Kind() == '{' || value.Kind() == '[') {
			same(t, text)
		}
	})
}
