package recall_test

import (
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/recall"
)

func TestMemory(t *testing.T) {
	var m recall.Memory[int]
	text := []byte("one")
	m.Keep(0, text, 1)
	text[0] = 'X'
	m.Keep(1, []byte("two"), 2)
	for _, test := range []struct {
		place int
		text  string
		made  int
		ok    bool
	}{{0, "one", 1, true}, {1, "two", 2, true}, {0, "two", 0, false}, {0, "", 0, false}, {2, "", 0, false}, {9, "one", 0, false}} {
		if made, ok := m.At(test.place, []byte(test.text)); made != test.made || ok != test.ok {
			t.Errorf("%q in place %d: %d, %t", test.text, test.place, made, ok)
		}
	}
	m.Keep(0, []byte("three"), 3)
	if _, ok := m.At(0, []byte("one")); ok {
		t.Error("it remembers what was replaced")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var m recall.Memory[int]
	large := []byte(strings.Repeat("x", 2000))
	m.Keep(0, large, 1)
	if _, ok := m.At(0, large); ok {
		t.Error("it remembers a large text")
	}
	for i := range 5000 {
		m.Keep(i, []byte("x"), i)
	}
	if made, ok := m.At(4095, []byte("x")); !ok || made != 4095 {
		t.Errorf("place 4095 has %d, %t", made, ok)
	}
	if _, ok := m.At(4096, []byte("x")); ok {
		t.Error("it remembers place 4096")
	}
}
