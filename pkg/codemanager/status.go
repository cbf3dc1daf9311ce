package codemanager

import "github.com/go-json-experiment/json/jsontext"

// The states of a service, of Code Manager itself and of file sync storage.
const (
	StateRunning = "running"
	StateError   = "error"
	StateUnknown = "unknown"
)

// What the status says of file sync: FileSyncEnabled is the value of file_sync
// where Code Manager syncs to compilers, FileSyncStorage the service on the
// primary that they ask.
const (
	FileSyncEnabled     = "enabled"
	FileSyncStorageName = "file-sync-storage"
)

// ServiceStatus is the answer to GET /v1/status: the health of Code Manager
// and of file sync.
type ServiceStatus struct {
	// State is StateRunning, StateError or StateUnknown.
	State  string        `json:"state"`
	Status ServiceDetail `json:"status"`
	// Alerts are what the server wants an administrator to know; their form is
	// not documented.
	Alerts []jsontext.Value `json:"alerts,omitzero"`
	// DetailLevel is "info", the only level there is.
	DetailLevel string `json:"detail_level,omitzero"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// ServiceDetail is the inner part of a ServiceStatus.
type ServiceDetail struct {
	// FileSync is FileSyncEnabled where Code Manager syncs to compilers.
	FileSync string `json:"file_sync,omitzero"`
	// Services gives the state of each, file-sync-storage above all.
	Services map[string]string `json:"services,omitzero"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}
