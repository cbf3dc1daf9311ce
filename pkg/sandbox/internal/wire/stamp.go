package wire

import "time"

// Time parses the timestamp; ok is false where it is empty or not RFC 3339.
func (t Timestamp) Time() (parsed time.Time, ok bool) {
	parsed, err := time.Parse(time.RFC3339Nano, string(t))
	return parsed, err == nil
}

// InFlight reports whether a deployment in this status will still change.
func (s Status) InFlight() bool {
	switch s {
	case StatusNew, StatusQueued, StatusPending, StatusDeploying:
		return true
	default:
		return false
	}
}
