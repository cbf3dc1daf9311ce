package output

import (
	"bytes"
	"io"
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
		got, err := a.arrange([]byte("before"), jsontext.Value(text), 0)
		if err != nil || !bytes.Equal(got, append([]byte("before"), want...)) {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", text, err, got, want)
		}
	}
}

func TestArrangeAtADepth(t *testing.T) {
	var a arranger
	got, err := a.arrange(nil, jsontext.Value(`{"b":[1],"a":2}`), 2)
	const want = "{\n      \"a\": 2,\n      \"b\": [\n        1\n      ]\n    }"
	if err != nil || string(got) != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, got, want)
	}
}

func TestArrangeRefusesNamesThatComeTwice(t *testing.T) {
	for _, text := range []string{`{"a":1,"b":2,"a":3}`, `{"x":[{"a":1,"\u0061":1}]}`, `{"a":1,"a":1}`} {
		var a arranger
		if _, err := a.arrange(nil, jsontext.Value(text), 0); err == nil || err.Error() != `the name "a" comes twice` {
			t.Errorf("%s: %v", text, err)
		}
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

// beyond is what may have characters that the library sorts by their UTF-16.
var beyond = regexp.MustCompile(`[\x{e000}-\x{10ffff}]|\\u[d-fD-F]`)

func TestArrangeRefusesWhatNestsForEver(t *testing.T) {
	var a arranger
	if _, err := a.arrange(nil, jsontext.Value(strings.Repeat("[", 202)+strings.Repeat("]", 202)), 0); err == nil {
		t.Error("202 levels are written")
	}
	body := codemanager.NewBody(strings.NewReader(`{"a":` + strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 201)))
	if err := StreamDeploysStatus(io.Discard, body, nil); err == nil || !strings.Contains(err.Error(), "nests deeper than 200 levels") {
		t.Error(err)
	}
}

// Whatever JSON the library reads, both arrange alike.
func FuzzArrange(f *testing.F) {
	for _, text := range arranging {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value := jsontext.Value(text)
		want, err := library(value)
		if beyond.Match(text) {
			return
		}
		if !value.IsValid(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) {
			return
		}
		var a arranger
		got, twice := a.arrange(nil, value, 0)
		if twice != nil && strings.Contains(twice.Error(), "nests deeper") {
			return
		}
		if (err == nil) != (twice == nil) {
			t.Fatalf("%q: %v, the library says %v", text, twice, err)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("%q: got\n%s\nwant\n%s", text, got, want)
		}
	})
}
