package certs

import (
	"bytes"
	"encoding/asn1"
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// attribute is one part of a distinguished name: CN=Puppet CA.
type attribute struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// partSET are the attributes of one part, most often one. Package asn1 knows a
// set by the end of its type's name.
type partSET []attribute

// sameName reports whether two distinguished names in DER have the same attributes in the same
// order, with the same characters. Only the types of their strings may differ.
func sameName(a, b []byte) bool {
	first, ok := parseName(a)
	second, okToo := parseName(b)
	return ok && okToo && slices.EqualFunc(first, second, func(a, b partSET) bool {
		return slices.EqualFunc(a, b, sameAttribute)
	})
}

func parseName(der []byte) (parts []partSET, ok bool) {
	rest, err := asn1.Unmarshal(der, &parts)
	return parts, err == nil && len(rest) == 0 && len(parts) > 0
}

func sameAttribute(a, b attribute) bool {
	if !a.Type.Equal(b.Type) {
		return false
	}
	if bytes.Equal(a.Value.FullBytes, b.Value.FullBytes) {
		return true
	}
	first, ok := characters(a.Value)
	second, okToo := characters(b.Value)
	return ok && okToo && first == second
}

// characters decodes a string of ASN.1. It is not ok for anything else, and for
// bytes that the string's type does not allow.
func characters(value asn1.RawValue) (text string, ok bool) {
	const tagVisible, tagUniversal = 26, 28
	if value.Class != asn1.ClassUniversal || value.IsCompound {
		return "", false
	}
	switch value.Tag {
	case asn1.TagUTF8String:
		return string(value.Bytes), utf8.Valid(value.Bytes)
	case asn1.TagPrintableString, asn1.TagIA5String, asn1.TagNumericString, tagVisible:
		ascii := !slices.ContainsFunc(value.Bytes, func(b byte) bool { return b >= utf8.RuneSelf })
		return string(value.Bytes), ascii
	case asn1.TagT61String: // OpenSSL takes it for Latin-1 too
		runes := make([]rune, 0, len(value.Bytes))
		for _, b := range value.Bytes {
			runes = append(runes, rune(b))
		}
		return string(runes), true
	case asn1.TagBMPString:
		return wide(value.Bytes, 2)
	case tagUniversal:
		return wide(value.Bytes, 4)
	default:
		return "", false
	}
}

// wide decodes characters of 2 or 4 bytes.
func wide(text []byte, size int) (decoded string, ok bool) {
	if len(text)%size != 0 {
		return "", false
	}
	var runes []rune
	for chunk := range slices.Chunk(text, size) {
		code := binary.BigEndian.Uint32(append(make([]byte, 4-size), chunk...))
		if code > utf8.MaxRune || !utf8.ValidRune(rune(code)) {
			return "", false
		}
		runes = append(runes, rune(code))
	}
	return string(runes), true
}
