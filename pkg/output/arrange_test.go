package output

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// library arranges as package jsontext does.
func library(value jsontext.Value) (jsontext.Value, error) {
	want := value.Clone()
	err := want.Format(jsontext.AllowInvalidUTF8(true), jsontext.CanonicalizeRawInts(false), jsontext.ReorderRawObjects(true),
		jsontext.PreserveRawStrings(false), jsontext.WithIndent("  "))
	return want, err
}

var arranging = []string{
	`{}`, `[]`, ` [ ] `, `{"a":{ },"b":[ ]}`, `null`, `true`, `-1.50e3`, `""`,
	`{"b":1,"a":2}`, `{"a":1,"b":2}`, `{"c":{"z":[1,{"y":1,"x":[]}],"a":null},"b":"x","a":false}`,
	"{\"environment\":\"caf\\u00e9\\/<&>\xff\",\"\\u0061\":\"\\ud83d\\ude00\\n\\\"\\\\\",\"aa\":12345678901234567890}",
	`[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{"b":[1],"a":{}}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]`,
	" {\t\"b\" :\r\n1 , \"a\":[ 1 ,2 ] }\n",
}

func TestArrangeIsWhatTheLibraryDoes(t *testing.T) {
	for _, text := range arranging {
		want, err := library(jsontext.Value(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var a arranger
		if got := a.arrange([]byte("before"), jsontext.Value(text), 0); !bytes.Equal(got, append([]byte("before"), want...)) {
			t.Errorf("%s: got\n%s\nwant\n%s", text, got, want)
		}
	}
}

func TestArrangeAtADepth(t *testing.T) {
	var a arranger
	got := a.arrange(nil, jsontext.Value(`{"b":[1],"a":2}`), 2)
	const want = "{\n      \"a\": 2,\n      \"b\": [\n        1\n      ]\n    }"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestArrangeKeepsNamesThatComeTwice(t *testing.T) {
	var a arranger
	const want = "{\n  \"a\": 1,\n  \"a\": 3,\n  \"b\": 2\n}"
	if got := a.arrange(nil, jsontext.Value(`{"a":1,"b":2,"\u0061":3}`), 0); string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The server's own order is kept, whatever is in it.
func TestStreamIsWhatTheLibraryDoes(t *testing.T) {
	for _, text := range append(arranging,
		`{"a":[{"b":1,"a":2},{"b":1,"a":2}],"c":{"d":[{"b":1,"a":2},{"b":1,"a":2}],"e":[{"b":1,"a":2},[{"b":1,"a":2}]]}}`,
		`{"z":1,"a":[[],[[]],{}],"z":"twice"}`) {
		if strings.HasPrefix(strings.TrimSpace(text), "[") {
			continue // an array of one is taken for the one
		}
		want := jsontext.Value(text)
		if err := want.Format(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true),
			jsontext.PreserveRawStrings(false), jsontext.WithIndent("  ")); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var b bytes.Buffer
		err := StreamDeploysStatus(&b, codemanager.NewBody(iotest.OneByteReader(strings.NewReader(text))), nil)
		if err != nil || b.String() != string(want)+"\n" {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", text, err, &b, want)
		}
	}
}

func TestWhatNestsForEver(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 500) + "1" + strings.Repeat("]}", 500)
	var a arranger
	got := a.arrange(nil, jsontext.Value(deep), 0)
	var b bytes.Buffer
	if err := StreamDeploysStatus(&b, codemanager.NewBody(strings.NewReader(deep)), nil); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]jsontext.Value{"a value": got, "a stream": b.Bytes()} {
		if len(text) > 250<<10 {
			t.Errorf("%s: %d bytes", name, len(text))
		}
		if err := text.Compact(); err != nil || string(text) != deep {
			t.Errorf("%s is another: %v", name, err)
		}
	}
}

// beyond is what may have characters that the library sorts by their UTF-16.
var beyond = regexp.MustCompile(`[\x{e000}-\x{10ffff}]|\\u[d-fD-F]`)

// Whatever JSON the library reads, both arrange alike.
func FuzzArrange(f *testing.F) {
	for _, text := range arranging {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value := jsontext.Value(text)
		if !value.IsValid(jsontext.AllowInvalidUTF8(true)) || beyond.Match(text) || bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > maxDepth {
			return
		}
		want, err := library(value)
		if err != nil {
			t.Fatal(err)
		}
		var a arranger
		if got := a.arrange(nil, value, 0); !bytes.Equal(got, want) {
			t.Errorf("%q: got\n%s\nwant\n%s", text, got, want)
		}
	})
}

// Whatever comes, it is an error or the same JSON, in the order in which it came.
func FuzzStream(f *testing.F) {
	for _, text := range append(arranging, `[{"a":1}]`, `[{},{}]`, `{"a":`, `{}{}`, `<html>`) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var b bytes.Buffer
		if err := StreamDeploysStatus(&b, codemanager.NewBody(bytes.NewReader(text)), nil); err != nil {
			return
		}
		got, want := jsontext.Value(b.Bytes()), jsontext.Value(bytes.Clone(text))
		options := []jsontext.Options{jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(false)}
		if err := want.Compact(options...); err != nil {
			t.Fatalf("%q is taken for JSON: %v", text, err)
		}
		if want.Kind() == '[' {
			want = want[1 : len(want)-1] // an array of one is taken for the one
		}
		if err := got.Compact(options...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q became %q: %v", text, got, err)
		}
	})
}
