package output

import (
	"encoding/binary"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// batchSize is how much JSON is arranged at once, in bytes.
const batchSize = 32 << 10

// deploymentsJSON is an array of environments as the server wrote them. Beyond
// the first batch they are arranged in a goroutine of its own, while the next
// ones are read.
type deploymentsJSON struct {
	arranger arranger
	spool    Spool
	buffer   []byte
	some     bool
	// batch are elements that were not arranged yet, each after its length.
	batch []byte
	// batches go to the goroutine, and come back when they are done; nil where
	// there is none.
	batches, free chan []byte
}

// NewDeploymentsJSON makes a JSON array of environments, in the form of
// WriteJSON.
func NewDeploymentsJSON() DeploymentWriter { return &deploymentsJSON{} }

func (j *deploymentsJSON) Add(_ codemanager.Deployment, raw jsontext.Value) error {
	if len(j.batch)+len(raw) > batchSize {
		j.hand()
	}
	j.batch = binary.AppendUvarint(j.batch, uint64(len(raw)))
	j.batch = append(j.batch, raw...)
	return nil
}

// hand gives the batch to the goroutine.
func (j *deploymentsJSON) hand() {
	if j.batches == nil {
		const count = 3 // one that is filled, one that waits, one that is arranged
		j.batches, j.free = make(chan []byte, count), make(chan []byte, count)
		for range count - 1 {
			j.free <- make([]byte, 0, batchSize+binary.MaxVarintLen64)
		}
		go func() {
			for batch := range j.batches {
				j.arrange(batch)
				j.free <- batch[:0]
			}
			close(j.free)
		}()
	}
	j.batches <- j.batch
	j.batch = <-j.free
}

// finish arranges what is left; after it there is no goroutine.
func (j *deploymentsJSON) finish() {
	if j.batches != nil {
		close(j.batches)
		for range j.free {
			continue // until it is closed
		}
		j.batches, j.free = nil, nil
	}
	j.arrange(j.batch)
	j.batch = j.batch[:0]
}

func (j *deploymentsJSON) arrange(batch []byte) {
	for len(batch) > 0 {
		length, n := binary.Uvarint(batch)
		raw := batch[n : n+int(length)] //nolint:gosec // what Add wrote
		batch = batch[n+len(raw):]
		begin := "[\n  "
		if j.some {
			begin = ",\n  "
		}
		j.some = true
		j.buffer = j.arranger.arrange(append(j.buffer[:0], begin...), raw, 1)
		_, _ = j.spool.Write(j.buffer)
	}
}

func (j *deploymentsJSON) Reset() {
	j.finish()
	j.some = false
	j.spool.Reset()
}

func (j *deploymentsJSON) Write(w io.Writer) error {
	j.finish()
	end := "\n]\n"
	if !j.some {
		end = "[]\n"
	}
	if _, err := io.Copy(w, j.spool.Reader()); err != nil {
		return err
	}
	_, err := io.WriteString(w, end)
	return err
}

func (j *deploymentsJSON) Close() {
	j.finish()
	j.spool.Close()
}
