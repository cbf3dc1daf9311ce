package certs

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
)

// sameName reports whether two distinguished names in DER have the same attributes in the same
// order, with the same characters. Only the types of their strings may differ.
func sameName(a, b []byte) bool {
	first, ok := parseName(a)
	second, okToo := parseName(b)
	return ok && okToo && slices.EqualFunc(first, second, slices.Equal[[]attribute])
}

// attribute is one part of a distinguished name: CN=Puppet CA.
type attribute struct{ kind, text string }

// parseName is not ok for a name in which a value is no string.
func parseName(der []byte) (name [][]attribute, ok bool) {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &sequence); err != nil || len(rest) > 0 {
		return nil, false
	}
	for _, set := range sequence {
		var list []attribute
		for _, part := range set {
			text, ok := part.Value.(string)
			if !ok {
				return nil, false
			}
			list = append(list, attribute{part.Type.String(), text})
		}
		name = append(name, list)
	}
	return name, len(name) > 0
}
