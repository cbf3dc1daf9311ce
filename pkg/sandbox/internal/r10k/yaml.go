package r10k

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNesting is the maximum nesting of an r10k.yaml. Real files need five levels. It also ends an
// alias that contains itself.
const maxNesting = 50

// r10k.yaml is edited as nodes, not as values, so that Ruby's booleans (yes) and symbols (:correct)
// stay as written.

func scalar(text string) *yaml.Node {
	node := &yaml.Node{}
	node.SetString(text)
	node.Style = yaml.DoubleQuotedStyle
	return node
}

// mapping is a mapping with at most one member.
func mapping(member ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if len(member) == 2 {
		set(node, member[0].(string), member[1].(*yaml.Node))
	}
	return node
}

// sameKey compares a key with a name. r10k takes keys as strings and as
// symbols: sources, :sources.
func sameKey(key *yaml.Node, name string) bool { return strings.TrimPrefix(key.Value, ":") == name }

// get returns the value of a key, nil if it is missing.
func get(node *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if sameKey(node.Content[i], name) {
			return node.Content[i+1]
		}
	}
	return nil
}

// set replaces all keys that r10k treats as the same.
func set(node *yaml.Node, name string, value *yaml.Node) {
	remove(node, name)
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, value)
}

func remove(node *yaml.Node, name string) {
	var kept []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		if !sameKey(node.Content[i], name) {
			kept = append(kept, node.Content[i], node.Content[i+1])
		}
	}
	node.Content = kept
}

// flatten copies a node and resolves its aliases and merge keys, because their anchors may be in a
// dropped part.
func flatten(node *yaml.Node, depth int) (*yaml.Node, error) {
	if depth > maxNesting {
		return nil, errors.New("the file is nested too deeply, or an alias contains itself")
	}
	if node.Kind == yaml.AliasNode {
		return flatten(node.Alias, depth+1)
	}
	flat := *node
	flat.Anchor, flat.Content = "", nil
	var merged []*yaml.Node
	for i := 0; i < len(node.Content); i++ {
		child, err := flatten(node.Content[i], depth+1)
		if err != nil {
			return nil, err
		}
		if node.Kind == yaml.MappingNode && i%2 == 0 && child.Tag == "!!merge" {
			i++
			into, err := flatten(node.Content[i], depth+1)
			if err != nil {
				return nil, err
			}
			merged = append(merged, into)
			continue
		}
		flat.Content = append(flat.Content, child)
	}
	for _, other := range merged {
		merge(&flat, other)
	}
	return &flat, nil
}

// merge adds the mappings of a merge key. Existing keys take precedence.
func merge(node, other *yaml.Node) {
	if other.Kind == yaml.SequenceNode {
		for _, each := range other.Content {
			merge(node, each)
		}
		return
	}
	for i := 0; i+1 < len(other.Content); i += 2 {
		if get(node, strings.TrimPrefix(other.Content[i].Value, ":")) == nil {
			node.Content = append(node.Content, other.Content[i], other.Content[i+1])
		}
	}
}
