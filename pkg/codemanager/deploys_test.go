package codemanager_test

import (
	stdjson "encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// deployed returns the result of a client for an answer to a deployment.
func deployed(t *testing.T, body string) ([]codemanager.Deployment, error) {
	t.Helper()
	client := serve(t, answers(200, "application/json", body))
	return client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
}

func TestReadDeployments(t *testing.T) {
	const first = `{ "id" : 7, "environ\u006dent":"caf\u00e9", "status":"paused", "file-sync":{"code-commit":"c"}, "deploy-signature":null, "new-key":[1] }`
	const second = `{"environment":"b","status":"failed","error":{"kind":"k","msg":"m","details":{"corrected-name":"c"}},"id":null}`
	list, err := deployed(t, " [\n"+first+" , "+second+" ]\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || string(list[0].Raw) != first || string(list[1].Raw) != second {
		t.Fatalf("%+v", list)
	}
	a, b := list[0], list[1]
	if a.Environment != "café" || a.ID != "7" || a.Status != "paused" || a.DeploySignature != "" || string(a.FileSync) != `{"code-commit":"c"}` || a.Failed() {
		t.Errorf("%+v", a)
	}
	if b.Environment != "b" || b.ID != "" || !b.Failed() || b.Error.Msg != "m" || b.Error.CorrectedName() != "c" {
		t.Errorf("%+v", b)
	}
}

func TestReadDeploymentsRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"environment":"a"}`:     "expected a JSON array, got an object",
		`"x"`:                     "expected a JSON array, got a string",
		`[{"environment":"a"},5]`: "unexpected value at /1: a number",
		`[{"status":"complete"}]`: "an element of the array names no environment",
		`[{"environment":"","status":"complete"}]`:                         "an element of the array names no environment",
		`[{"environment":"a","status":"complete","status":"failed"}]`:      `the name "status" comes twice in one object`,
		`[{"environment":"a","status":"failed","st\u0061tus":"complete"}]`: `the name "status" comes twice in one object`,
		`[{"environment":5}]`:                 "unexpected value at /0/environment: a number",
		`[{"environment":"a","status":true}]`: "unexpected value at /0/status: a boolean",
		`[{"environment":"a"}] []`:            "invalid JSON at byte",
		`[`:                                   "cut off",
		`[{"environment":"a"}`:                "cut off",
		`[{"environment":"a"},`:               "cut off",
		`[{"environment":"a`:                  "cut off",
		``:                                    "empty body",
	} {
		_, err := deployed(t, text)
		if _, ok := errors.AsType[*codemanager.ResponseError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error lacks %q: %T %v", text, want, err, err)
		}
	}
}

// An unexpected form of another key does not lose the outcome.
func TestUnexpectedFormsKeepTheResult(t *testing.T) {
	for text, want := range map[string]codemanager.Deployment{
		`"id":"5"`:                          {ID: "5"},
		`"id":1.5`:                          {ID: "1.5"},
		`"id":true`:                         {ID: "true"},
		`"id":12.0`:                         {ID: "12.0"},
		`"id":[7]`:                          {ID: "[7]"},
		`"id":{"queue":[1]}`:                {ID: `{"queue":[1]}`},
		`"id":9007199254740993000000`:       {ID: "9007199254740993000000"},
		`"file-sync":"c"`:                   {FileSync: []byte(`"c"`)},
		`"file-sync":{"code-commit":5}`:     {FileSync: []byte(`{"code-commit":5}`)},
		`"file-sync":null`:                  {FileSync: []byte(`null`)},
		`"error":null`:                      {},
		`"error":"it broke"`:                {Error: &codemanager.ErrorObject{Msg: "it broke"}},
		`"error":12`:                        {Error: &codemanager.ErrorObject{Details: []byte("12")}},
		`"error":["it broke"]`:              {Error: &codemanager.ErrorObject{Details: []byte(`["it broke"]`)}},
		`"error":{"msg":5}`:                 {Error: &codemanager.ErrorObject{Details: []byte(`{"msg":5}`)}},
		`"error":{"msg":"m","details":"d"}`: {Error: &codemanager.ErrorObject{Msg: "m", Details: []byte(`"d"`)}},
		`"status":"complete","new":{"a":1}`: {Status: codemanager.StatusComplete},
	} {
		raw := `{"environment":"a",` + text + `}`
		list, err := deployed(t, "["+raw+"]")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want.Environment, want.Raw = "a", []byte(raw)
		if !reflect.DeepEqual(list[0], want) {
			t.Errorf("%s: %+v, want %+v", text, list[0], want)
		}
		if failed := want.Error != nil; list[0].Failed() != failed {
			t.Errorf("%s: failed is %t", text, list[0].Failed())
		}
	}
}

// A Deployment keeps its keys in a round trip through JSON, with both packages.
func TestRoundTrips(t *testing.T) {
	for _, text := range []string{
		`{"environment":"a"}`,
		`{"environment":"a","id":7,"status":"queued"}`,
		`{"status":"complete","id":9007199254740993,"environment":"a","deploy-signature":"s","file-sync":{"code-commit":"c","x":1},"new":{"b":1,"a":null}}`,
		`{"environment":"a","id":null,"status":"failed","error":{"msg":"m","kind":"k","details":{"z":[1.50]},"more":true}}`,
		`{"environment":"a","file-sync":"odd","error":"odd","id":"odd"}`,
		`{"environment":"Müller","new":"😀"}`,
	} {
		for name, by := range map[string]struct {
			marshal   func(any) ([]byte, error)
			unmarshal func([]byte, any) error
		}{
			"encoding/json": {stdjson.Marshal, stdjson.Unmarshal},
			"go-json-experiment/json": {
				func(v any) ([]byte, error) { return json.Marshal(v) },
				func(text []byte, v any) error { return json.Unmarshal(text, v) },
			},
		} {
			var first, second codemanager.Deployment
			if err := by.unmarshal([]byte(text), &first); err != nil {
				t.Errorf("%s: %s: %v", name, text, err)
				continue
			}
			again, err := by.marshal(first)
			if err != nil || string(again) != text {
				t.Errorf("%s: %s becomes %s, %v", name, text, again, err)
			}
			if err := by.unmarshal(again, &second); err != nil || !reflect.DeepEqual(first, second) {
				t.Errorf("%s: %+v becomes %+v, %v", name, first, second, err)
			}
		}
	}
}

// Without Raw, only the fields with a value are written.
func TestDeploymentWithoutRawWritesItsFields(t *testing.T) {
	for want, d := range map[string]codemanager.Deployment{
		`{"environment":"a"}`: {Environment: "a"},
		`{"environment":"a","id":7,"status":"complete","deploy-signature":"s","file-sync":{"code-commit":"c"}}`: {
			Environment: "a", ID: "7", Status: codemanager.StatusComplete, DeploySignature: "s",
			FileSync: []byte(`{"code-commit":"c"}`),
		},
		`{"environment":"a","id":"07","status":"failed","error":{"msg":"m"}}`: {
			Environment: "a", ID: "07", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: "m"},
		},
	} {
		old, oldErr := stdjson.Marshal(d)
		text, err := json.Marshal(&d)
		if err != nil || oldErr != nil || string(text) != want || string(old) != want {
			t.Errorf("%s, %v and %s, %v, want %s", old, oldErr, text, err, want)
		}
	}
}

func TestInvalidUTF8CanBeWrittenAgain(t *testing.T) {
	list, err := deployed(t, "[{\"environment\":\"a\",\"status\":\"failed\",\"error\":{\"msg\":\"M\xfcller\"},\"new\":1}]")
	if err != nil || list[0].Error.Msg != "M\uFFFDller" {
		t.Fatalf("%v %v", list, err)
	}
	if text, err := json.Marshal(list); err != nil || !strings.Contains(string(text), "M\uFFFDller") {
		t.Errorf("%s %v", text, err)
	}
	if text, err := stdjson.Marshal(list); err != nil || !strings.Contains(string(text), "M\uFFFDller") {
		t.Errorf("%s %v", text, err)
	}
}
