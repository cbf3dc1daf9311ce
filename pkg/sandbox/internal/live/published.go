package live

import (
	"crypto/sha1" //nolint:gosec // names a state like Git does, protects nothing
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Environment is the record of one environment that is live.
type Environment struct {
	Name string `json:"environment"`
	// Signature is the SHA of the deployed commit of the control repository.
	Signature string `json:"signature"`
	// Revision is that of the store when it was published.
	Revision int64 `json:"revision"`
	// Date is when it was published.
	Date time.Time `json:"date"`
	// Staged is the name of the folder in which it was staged.
	Staged string `json:"staged"`
}

// Commit stands for the commit of file sync's own repository: 40 hexadecimal
// digits that differ for each publication.
func (e Environment) Commit() string {
	return hash(e.String())
}

func (e Environment) String() string {
	return fmt.Sprintf("%s %s %d\n", e.Name, e.Signature, e.Revision)
}

// Published has the live environments of one revision. It never changes.
type Published struct {
	// Revision counts publications and removals.
	Revision int64
	// Environments are in the order of their names.
	Environments []Environment
}

// Commit stands for the commit of the code of all environments.
func (p Published) Commit() string {
	var text strings.Builder
	text.WriteString("code\n")
	for _, environment := range p.Environments {
		text.WriteString(environment.String())
	}
	return hash(text.String())
}

func (p Published) find(name string) (Environment, bool) {
	at, found := slices.BinarySearchFunc(p.Environments, name, func(e Environment, name string) int {
		return strings.Compare(e.Name, name)
	})
	if !found {
		return Environment{}, false
	}
	return p.Environments[at], true
}

// with is the next revision, with an environment added or replaced.
func (p Published) with(record Environment) Published {
	next := p.without(record.Name)
	next.Environments = append(next.Environments, record)
	slices.SortFunc(next.Environments, func(a, b Environment) int { return strings.Compare(a.Name, b.Name) })
	return next
}

// without is the next revision, without an environment.
func (p Published) without(name string) Published {
	next := slices.DeleteFunc(slices.Clone(p.Environments), func(e Environment) bool { return e.Name == name })
	return Published{Revision: p.Revision + 1, Environments: next}
}

func hash(text string) string {
	sum := sha1.Sum([]byte(text)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}
