//go:build !windows

package acceptance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	longestLine     = 100 // columns of a page, outside of tables and code
	longestSentence = 35  // words
)

// turns are unidiomatic turns of phrase, or those that have to be read twice.
var turns = []struct{ name, instead, pattern string }{
	{"a bare what after a preposition", "name the thing", `\b(?:with|of|for|from|than|into|by|beside|at|after|before) what\b`},
	{"what at the beginning of a statement", "name the thing", `(?:^|[.:] )What (?:is|was|stands|broke|follows|it|a|the|has)\b[^?]*[.:]`},
	{"what stands, what became of", "name the thing, or its outcome", `\bwhat (?:stands|became|becomes|comes)\b|\b(?:became|becomes|become) of\b`},
	{"a bare who", "say anyone who, or name the person", `\b(?:that|for|of|to|by|with|from) who\b`},
	{"who at the beginning of a statement", "say anyone who", `(?:^|[.:] )Who (?:has|is|can|may|asks|reads|makes)\b[^?]*[.:]`},
	{"none as a noun", "no, or without", `\b(?:that is|is|are|was|has|gives|there is|half a result is) none\b`},
	{"nothing as a quantity", "zero", `\b(?:more|less|longer) than nothing\b`},
	{"for in the place of because", "because", `, for (?:it|they|he|there|nobody)\b`},
	{"all that", "everything, or the thing", `\b[Aa]ll that (?:is|it|was|has|are)\b`},
	{"in the place of", "instead of", `\bin the place of\b`},
	{"the one and the other", "name both", `\bthe one way\b|\bthe one and the other\b`},
	{"as says", "in parentheses: (--timeout)", `, as --?\w+ says\b`},
	{"give with an option", "use", `\bgive ` + "`?" + `--\w`},
	{"until when, since when", "when it expires, or how long", `\b(?:until|since) when\b`},
	{"in clear", "unencrypted", `\bin clear\b`},
	{"beside", "next to, or in addition to", `\bbeside\b`},
	{"anew", "again", `\banew\b`},
	{"that there are, at the end", "existing, or leave it out", `\bthat there (?:is|are)[.,;:]`},
	{"nouns from verbs", "a verb", `\b(?:no|for want of a) telling\b|\bfor want of\b`},
}

func badTurns(text string) []string {
	var found []string
	for _, turn := range turns {
		for _, match := range regexp.MustCompile(turn.pattern).FindAllString(text, -1) {
			found = append(found, strconv.Quote(match)+" is "+turn.name+": "+turn.instead)
		}
	}
	for _, sentence := range sentences(text) {
		if n := len(strings.Fields(sentence)); n > longestSentence {
			found = append(found, strconv.Itoa(n)+" words in one sentence: "+strconv.Quote(sentence))
		}
	}
	return found
}

var endOfSentence = regexp.MustCompile(`[.?!:;](?:[)"*` + "`" + `]*)(?:\s+|$)|\n\s*\n|\n {2,}`)

func sentences(text string) []string {
	return endOfSentence.Split(text, -1)
}

// paragraph is a part of a page, with the number of its first line.
type paragraph struct {
	line int
	text string
}

// prose splits a page into paragraphs, items of lists and cells of tables, without its code.
func prose(page string) []paragraph {
	var list []paragraph
	fence, fresh := false, true
	for i, line := range strings.Split(page, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			fence, fresh = !fence, true
		case fence || strings.HasPrefix(line, "    ") && fresh || trimmed == "":
			fresh = true
		case strings.HasPrefix(trimmed, "|"):
			for cell := range strings.SplitSeq(trimmed, "|") {
				list = append(list, paragraph{i + 1, cell})
			}
			fresh = true
		case fresh || regexp.MustCompile(`^(?:[-*]|\d+\.|#+) `).MatchString(trimmed):
			list = append(list, paragraph{i + 1, trimmed})
			fresh = strings.HasPrefix(trimmed, "#")
		default:
			list[len(list)-1].text += "\n" + trimmed
		}
	}
	return list
}

// pages are all pages for people, by their path from the root of the repository.
func pages(t *testing.T) map[string]string {
	t.Helper()
	result := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", ".github/*.md"} {
		files, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			result[filepath.ToSlash(strings.TrimPrefix(file, filepath.Join("..", "..")+"/"))] = string(text)
		}
	}
	if len(result) < 10 {
		t.Fatalf("%d pages", len(result))
	}
	return result
}

func TestPagesArePlainEnglish(t *testing.T) {
	t.Parallel()
	for name, page := range pages(t) {
		for _, part := range prose(page) {
			for _, found := range badTurns(part.text) {
				t.Errorf("%s:%d: %s", name, part.line, found)
			}
		}
	}
}

func TestPagesHaveShortLines(t *testing.T) {
	for name, page := range pages(t) {
		fence := false
		for i, line := range strings.Split(page, "\n") {
			if strings.HasPrefix(line, "```") {
				fence = !fence
			}
			code := fence || strings.HasPrefix(line, "    ")
			if n := len([]rune(line)); n > longestLine && !code && !strings.HasPrefix(line, "|") {
				t.Errorf("%s:%d: %d columns", name, i+1, n)
			}
		}
	}
	if n := strings.Count(pages(t)["README.md"], "\n"); n > 120 {
		t.Errorf("README.md has %d lines", n)
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksOfPagesLeadSomewhere(t *testing.T) {
	all := pages(t)
	for name, page := range all {
		for _, match := range link.FindAllStringSubmatch(page, -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := name
			if target != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(name), target))
			}
			if _, err := os.Stat(filepath.Join("..", "..", file)); err != nil {
				t.Errorf("%s: there is no %s", name, file)
			} else if anchor != "" && !anchors(all[file])[anchor] {
				t.Errorf("%s: %s has no heading #%s", name, file, anchor)
			}
		}
	}
}

// anchors are the names that GitHub gives the headings of a page.
func anchors(page string) map[string]bool {
	result := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N}\-_ ]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		result[strings.ReplaceAll(name, " ", "-")] = true
	}
	return result
}

// Messages are the string literals of the programs that have a few words.
func TestMessagesArePlainEnglish(t *testing.T) {
	t.Parallel()
	n := 0
	err := filepath.WalkDir(filepath.Join("..", "..", "pkg"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, literal := range literals(t, path) {
			n++
			for _, found := range badTurns(literal.text) {
				t.Errorf("%s:%d: %s", path, literal.line, found)
			}
		}
		return nil
	})
	if err != nil || n < 300 {
		t.Errorf("%d messages: %v", n, err)
	}
}

func TestCommentsArePlainEnglish(t *testing.T) {
	t.Parallel()
	n := 0
	for _, top := range []string{"pkg", "cmd"} {
		err := filepath.WalkDir(filepath.Join("..", "..", top), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			for _, comment := range comments(t, path) {
				n++
				for _, found := range badTurns(comment.text) {
					t.Errorf("%s:%d: %s", path, comment.line, found)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if n < 1000 {
		t.Errorf("%d comments", n)
	}
}

func comments(t *testing.T, path string) []paragraph {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var list []paragraph
	for _, group := range file.Comments {
		text := regexp.MustCompile(`(?m)^\t.*$`).ReplaceAllString(group.Text(), "") // examples
		list = append(list, paragraph{set.Position(group.Pos()).Line, text})
	}
	return list
}

// literals are the strings of a Go file with four words and more. Concatenated strings are joined.
func literals(t *testing.T, path string) []paragraph {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var list []paragraph
	ast.Inspect(file, func(node ast.Node) bool {
		expression, ok := node.(ast.Expr)
		if !ok {
			return true
		}
		text, ok := constant(expression)
		if ok && len(strings.Fields(text)) >= 4 {
			list = append(list, paragraph{set.Position(expression.Pos()).Line, text})
		}
		return !ok
	})
	return list
}

// constant is the text of a literal, or of concatenated literals.
func constant(expression ast.Expr) (string, bool) {
	switch e := expression.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, okLeft := constant(e.X)
		right, okRight := constant(e.Y)
		return left + right, okLeft && okRight && e.Op == token.ADD
	default:
		return "", false
	}
}

// The rules find the mistakes that they are for.
func TestLanguageRulesFindMistakes(t *testing.T) {
	for _, text := range []string{
		"answered HTTP 200 with what no Code Manager would say", "what stands between may cut a connection",
		"so that who wants to need not hold them all", "a body that is none", "must be more than nothing",
		"not over within 15m, as --timeout says", "it is held, for it is small", "all that is meant for people",
		"Who has the token can deploy.", "give --format json or table", "the server tells until when it is valid",
		"the token would travel in clear", "the two beside each other", "it is asked anew", "the names that there are.",
		strings.Repeat("word ", longestSentence+1),
	} {
		if badTurns(text) == nil {
			t.Errorf("no rule minds %q", text)
		}
	}
	for _, text := range []string{
		"If the certificate has no SAN, use -k.", "It says what it waits for.", "Who may deploy?",
		strings.Repeat("word ", longestSentence) + ". " + strings.Repeat("word ", longestSentence),
	} {
		if found := badTurns(text); found != nil {
			t.Errorf("%q: %v", text, found)
		}
	}
}
