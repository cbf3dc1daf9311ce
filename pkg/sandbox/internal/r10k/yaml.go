package r10k

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

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

// refuseAliases refuses YAML's anchors and aliases, because an anchor may be in a setting that is
// dropped.
func refuseAliases(node *yaml.Node) error {
	if node.Anchor != "" || node.Kind == yaml.AliasNode {
		return fmt.Errorf("line %d: the sandbox reads no anchors and aliases (& and *): write the value out", node.Line)
	}
	for _, child := range node.Content {
		if err := refuseAliases(child); err != nil {
			return err
		}
	}
	return nil
}
