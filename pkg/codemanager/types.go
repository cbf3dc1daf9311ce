package codemanager

import (
	stdjson "encoding/json"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
)

// RawJSON is JSON as the server wrote it.
type RawJSON = stdjson.RawMessage

// Status is the server's status of the deployment of one environment.
type Status string

// The statuses that a Code Manager reports for an environment. Servers before PE 2018 report
// StatusPending instead of StatusQueued.
const (
	StatusNew       Status = "new"
	StatusQueued    Status = "queued"
	StatusPending   Status = "pending"
	StatusDeploying Status = "deploying"
	StatusComplete  Status = "complete"
	StatusFailed    Status = "failed"
)

// ID is a place in the server's queue, as the server wrote it: usually the digits of a number. It
// is empty if the server gives no id. It is kept as text, so that no form of it is lost or changed.
type ID string

// UnmarshalJSON takes a number, or the text of a string; null is no ID.
func (id *ID) UnmarshalJSON(text []byte) error {
	switch jsontext.Value(text).Kind() {
	case 'n':
		*id = ""
		return nil
	case '"':
		return json.Unmarshal(text, (*string)(id), jsonread.Lenient)
	default:
		*id = ID(text)
		return nil
	}
}

// MarshalJSON writes a number if it is a number, else a string.
func (id ID) MarshalJSON() ([]byte, error) {
	if text := []byte(id); len(id) > 0 && stdjson.Valid(text) && (text[0] == '-' || text[0] >= '0' && text[0] <= '9') {
		return text, nil
	}
	return json.Marshal(string(id))
}

// Timestamp is a point in time as a server wrote it, by the server's clock: RFC 3339, usually with
// milliseconds, in UTC. It is kept as text, so that an unknown form is shown and not lost.
type Timestamp string

// NewTimestamp formats t as a Code Manager does.
func NewTimestamp(t time.Time) Timestamp {
	return Timestamp(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// Time parses the timestamp; ok is false if it is empty or not RFC 3339.
func (t Timestamp) Time() (parsed time.Time, ok bool) {
	parsed, err := time.Parse(time.RFC3339Nano, string(t))
	return parsed, err == nil
}

// EnvironmentName is the name of the environment that r10k derives from a branch: every character
// except ASCII letters, digits and underscore becomes an underscore.
func EnvironmentName(branch string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			return r
		default:
			return '_'
		}
	}, branch)
}
