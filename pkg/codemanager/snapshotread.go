package codemanager

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/recall"
)

// snapshotReader reads an answer to GET /v1/deploys/status token by token, so
// that its size in memory is that of the Snapshot. Keys come in any order;
// those that it does not know are passed over.
type snapshotReader struct {
	in       *jsontext.Decoder
	body     *Body
	snapshot *Snapshot
	// before are the environments of the compilers before.
	before recall.Memory[pair]
}

// ReadSnapshot reads the object, or the array of one object that some
// documentation shows. Errors name the place in the JSON.
func ReadSnapshot(r io.Reader) (*Snapshot, error) {
	body, ok := r.(*Body)
	if !ok {
		body = NewBody(r)
	}
	reader := snapshotReader{in: jsontext.NewDecoder(body, lenient, jsontext.AllowDuplicateNames(true)), body: body, snapshot: &Snapshot{}}
	wrapped := reader.in.PeekKind() == '['
	if wrapped {
		if _, err := reader.in.ReadToken(); err != nil {
			return nil, err
		}
	}
	err := reader.object(map[string]func() error{
		"deploys-status":           reader.queue,
		"file-sync-storage-status": reader.storage,
		"file-sync-client-status":  reader.clients,
	})
	if err == nil && wrapped {
		err = reader.end(']', "an array of more than one object")
	}
	if err == nil {
		err = reader.eof()
	}
	if err != nil {
		return nil, err
	}
	return reader.snapshot, nil
}

// object reads an object and calls the function of each key; nil skips it.
func (r *snapshotReader) object(members map[string]func() error) error {
	if err := r.begin('{', "an object"); err != nil {
		return err
	}
	for r.in.PeekKind() != '}' {
		name, err := r.in.ReadToken()
		if err != nil {
			return err
		}
		if read := members[name.String()]; read != nil {
			err = read()
		} else {
			err = r.in.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := r.in.ReadToken()
	return err
}

// array reads an array and calls the function for each element. A null in its
// place is an empty one.
func (r *snapshotReader) array(element func() error) error {
	if r.in.PeekKind() == 'n' {
		return r.in.SkipValue()
	}
	if err := r.begin('[', "an array"); err != nil {
		return err
	}
	for count := 0; r.in.PeekKind() != ']'; count++ {
		if count == maxElements {
			return ShapeError(fmt.Sprintf("more than %d elements at %s", maxElements, pointer(r.in.StackPointer())))
		}
		if err := element(); err != nil {
			return err
		}
		r.body.Next()
	}
	_, err := r.in.ReadToken()
	return err
}

func (r *snapshotReader) begin(kind jsontext.Kind, what string) error {
	switch found := r.in.PeekKind(); found {
	case kind, 0:
		_, err := r.in.ReadToken()
		return err
	default:
		return r.unexpected(found, what)
	}
}

func (r *snapshotReader) unexpected(found jsontext.Kind, due string) error {
	return ShapeError(fmt.Sprintf("%s where %s is due at %s", kindName(found, []byte{1}), due, pointer(r.in.StackPointer())))
}

func (r *snapshotReader) end(kind jsontext.Kind, otherwise string) error {
	token, err := r.in.ReadToken()
	if err == nil && token.Kind() != kind {
		return ShapeError(otherwise)
	}
	return err
}

func (r *snapshotReader) eof() error {
	if _, err := r.in.ReadToken(); !errors.Is(err, io.EOF) {
		return ShapeError("something follows the object")
	}
	return nil
}

// value reads a value of any type into one of Go.
func value[T any](r *snapshotReader, into *T) error {
	return json.UnmarshalDecode(r.in, into, lenient)
}

func (r *snapshotReader) queue() error {
	list := func(into *[]QueuedDeploy) func() error {
		return func() error {
			return r.array(func() error {
				var d QueuedDeploy
				err := value(r, &d)
				*into = append(*into, d)
				return err
			})
		}
	}
	return r.object(map[string]func() error{
		"new":       list(&r.snapshot.New),
		"queued":    list(&r.snapshot.Queued),
		"deploying": list(&r.snapshot.Deploying),
		"failed":    list(&r.snapshot.Failed),
	})
}

func (r *snapshotReader) storage() error {
	return r.object(map[string]func() error{
		"deployed": func() error {
			return r.array(func() error {
				var d DeployedEnvironment
				err := value(r, &d)
				r.snapshot.Staged = append(r.snapshot.Staged, d)
				return err
			})
		},
	})
}

func (r *snapshotReader) clients() error {
	return r.object(map[string]func() error{
		"all-synced":        func() error { return value(r, &r.snapshot.AllSynced) },
		"file-sync-clients": r.hosts,
	})
}

func (r *snapshotReader) hosts() error {
	if err := r.begin('{', "an object"); err != nil {
		return err
	}
	for r.in.PeekKind() != '}' {
		host, err := r.in.ReadToken()
		if err != nil {
			return err
		}
		c := Compiler{Host: host.String()}
		err = r.object(map[string]func() error{
			"last_check_in_time":            func() error { return value(r, &c.LastCheckIn) },
			"synced-with-file-sync-storage": func() error { return value(r, &c.Synced) },
			"deployed":                      func() error { return r.array(func() error { return r.deployed(&c) }) },
		})
		if err != nil {
			return err
		}
		r.snapshot.Compilers = append(r.snapshot.Compilers, c)
	}
	_, err := r.in.ReadToken()
	return err
}

// deployed reads one environment of a compiler. There can be 200,000 of them:
// nothing is made for one but two numbers, and one that the compiler before had
// in the same place, to the letter, is not looked into.
func (r *snapshotReader) deployed(c *Compiler) error {
	if kind := r.in.PeekKind(); kind != '{' && kind != 0 {
		return r.unexpected(kind, "an object")
	}
	raw, err := r.in.ReadValue()
	if err != nil {
		return err
	}
	place := len(c.deployed)
	p, known := r.before.At(place, raw)
	if !known {
		if p, err = r.pair(raw); err != nil {
			return err
		}
		r.before.Keep(place, raw, p)
	}
	c.deployed = append(c.deployed, p)
	return nil
}

// pair reads what counts of one environment. A key that is missing, or null, is
// an empty text.
func (r *snapshotReader) pair(raw jsontext.Value) (pair, error) {
	var d struct {
		Environment     string `json:"environment"`
		DeploySignature string `json:"deploy-signature"`
	}
	if err := json.Unmarshal(raw, &d, lenient, jsontext.AllowDuplicateNames(true)); err != nil {
		if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
			err = ShapeError(fmt.Sprintf("%s where a string is due at %s%s",
				kindName(semantic.JSONKind, raw), r.in.StackPointer(), semantic.JSONPointer))
		}
		return pair{}, err
	}
	return pair{r.snapshot.names.number(d.Environment), r.snapshot.signatures.number(d.DeploySignature)}, nil
}
