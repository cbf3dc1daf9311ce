package output_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/output"
)

// arranging are values whose order or form is easily changed by mistake.
var arranging = []string{
	`{}`, `{"a":{ },"b":[ ]}`, `null`, `true`, `-1.50e3`, `""`,
	`{"b":1,"a":2}`, `{"a":1,"b":2}`, `{"c":{"z":[1,{"y":1,"x":[]}],"a":null},"b":"x","a":false}`,
	"{\"environment\":\"caf\\u00e9\\/<&>\xff\",\"\\u0061\":\"\\ud83d\\ude00\\n\\\"\\\\\",\"aa\":12345678901234567890}",
	" {\t\"b\" :\r\n1 , \"a\":[ 1 ,2 ] }\n",
	`{"a":[{"b":1,"a":2},{"b":1,"a":2}],"c":{"d":[{"b":1,"a":2},{"b":1,"a":2}],"e":[{"b":1,"a":2},[{"b":1,"a":2}]]}}`,
	`{"z":1,"a":[[],[[]],{}],"z":"twice"}`,
}

// Both functions write JSON without characters that a terminal would interpret, and with the same
// value.
func TestJSONForTerminals(t *testing.T) {
	text := "a\u001b]0;evil\a\u007f\u009b\u202e\u2066\u200f\u2028\ufeff\U000e0041 café 😀 \u200d"
	const want = `"a\u001b]0;evil\u0007\u007f\u009b\u202e\u2066\u200f\u2028\ufeff\udb40\udc41 café 😀 ` + "\u200d\"\n"
	var written, copied bytes.Buffer
	if err := output.WriteJSON(&written, text); err != nil || written.String() != want {
		t.Errorf("%v: %s", err, &written)
	}
	if err := output.CopyJSON(&copied, []byte(want), nil); err != nil || copied.String() != want {
		t.Errorf("%v: %s", err, &copied)
	}
	for char, escape := range map[string]string{"\u007f": `\u007f`, "\u0080": `\u0080`, "\u202e": `\u202e`} { // alone
		var b bytes.Buffer
		if err := output.WriteJSON(&b, char); err != nil || b.String() != `"`+escape+"\"\n" {
			t.Errorf("%v: %s", err, &b)
		}
	}
	// Longer than any buffer on the way.
	long := `{"a":"` + strings.Repeat("ä\u202e", 100_000) + `","b":[` + strings.Repeat(`"ä",`, 100_000) + `1]}`
	var value, again map[string]any
	var b bytes.Buffer
	if err := output.CopyJSON(&b, []byte(long), nil); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(json.Unmarshal([]byte(long), &value), json.Unmarshal(b.Bytes(), &again)); err != nil || !reflect.DeepEqual(value, again) {
		t.Errorf("another value: %v", err)
	}
}

// With names, other environments are left out.
func TestCopyJSONOfSomeEnvironments(t *testing.T) {
	const text = `{"deploys-status":{"queued":[{"environment":"a_b","id":1},{"environment":"c","id":2}],"new":[{"odd":1}]}}`
	var b bytes.Buffer
	err := output.CopyJSON(&b, []byte(text), []string{"a/b", "missing"})
	const want = `{
  "deploys-status": {
    "queued": [
      {
        "environment": "a_b",
        "id": 1
      }
    ],
    "new": [
      {
        "odd": 1
      }
    ]
  }
}
`
	if err != nil || b.String() != want {
		t.Errorf("%v, got\n%s", err, &b)
	}
}

// The JSON stays the same, in the same order.
func FuzzCopyJSON(f *testing.F) {
	for _, text := range append(arranging, `[{"a":1}]`, `[{},{}]`) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		options := []jsontext.Options{jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(false)}
		want := jsontext.Value(bytes.Clone(text))
		if want.Compact(options...) != nil {
			return
		}
		var b bytes.Buffer
		if err := output.CopyJSON(&b, text, nil); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got := jsontext.Value(b.Bytes())
		if err := got.Compact(options...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q became %q: %v", text, got, err)
		}
	})
}
