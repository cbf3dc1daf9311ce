// Package manual writes manual pages of commands. Tests use it to write the pages of docs/reference/man and
// to check them against the commands; no program links it.
package manual

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Page is one manual page.
type Page struct {
	// Name is the name of the page, and of its file without the section.
	Name    string
	Section int
	// Short is the subject in a few words.
	Short    string
	Sections []Section
}

// Section is a part of a page with a heading.
type Section struct {
	Title  string
	Blocks []Block
}

// Block is a part of a section.
type Block interface{ write(b *strings.Builder) }

// Text is paragraphs separated by blank lines. Text in backquotes is bold.
type Text string

// Code is lines as they are.
type Code string

// Term is a word with its meaning.
type Term struct {
	Word string
	Text Text
}

// File is the name of the page's file.
func (p Page) File() string { return fmt.Sprintf("%s.%d", p.Name, p.Section) }

// Roff is the page in the language of man. It has no date: the same commands
// make the same page.
func (p Page) Roff() string {
	var b strings.Builder
	group := map[int]string{1: "User Commands", 5: "File Formats"}[p.Section]
	fmt.Fprintf(&b, ".\\\" Made by go generate. Changes belong into the program.\n")
	fmt.Fprintf(&b, ".TH %s %d \"\" \"puppet-code\" \"%s\"\n", strings.ToUpper(escape(p.Name)), p.Section, group)
	b.WriteString(".nh\n.ad l\n")
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", escape(p.Name), inline(p.Short))
	for _, section := range p.Sections {
		fmt.Fprintf(&b, ".SH %s\n", strings.ToUpper(escape(section.Title)))
		for _, block := range section.Blocks {
			block.write(&b)
		}
	}
	return b.String()
}

func (t Text) write(b *strings.Builder) {
	for paragraph := range strings.SplitSeq(strings.TrimSpace(string(t)), "\n\n") {
		b.WriteString(".PP\n")
		writeLines(b, paragraph)
	}
}

func (t Term) write(b *strings.Builder) {
	fmt.Fprintf(b, ".TP\n%s\n", inline(t.Word))
	for i, paragraph := range strings.Split(strings.TrimSpace(string(t.Text)), "\n\n") {
		if i > 0 {
			b.WriteString(".IP\n")
		}
		writeLines(b, paragraph)
	}
}

func (c Code) write(b *strings.Builder) {
	b.WriteString(".PP\n.RS 2\n.nf\n")
	for line := range strings.SplitSeq(strings.Trim(string(c), "\n"), "\n") {
		b.WriteString(guarded(escape(line)) + "\n")
	}
	b.WriteString(".fi\n.RE\n")
}

func writeLines(b *strings.Builder, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(guarded(inline(strings.TrimSpace(line))) + "\n")
	}
}

// inline makes text in backquotes bold.
func inline(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			part = `\fB` + escape(part) + `\fR`
		} else {
			part = escape(part)
		}
		b.WriteString(part)
	}
	return b.String()
}

var escaper = strings.NewReplacer(
	`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", "...",
)

func escape(text string) string { return escaper.Replace(text) }

// guarded keeps a line that begins with a dot from being a request.
func guarded(line string) string {
	if strings.HasPrefix(line, ".") {
		return `\&` + line
	}
	return line
}

// Describe returns the page of a command with its name, synopsis and description.
func Describe(command *cobra.Command, name string) Page {
	return Page{
		Name: name, Section: 1, Short: uncapitalized(command.Short),
		Sections: []Section{
			{"Synopsis", []Block{Text("`" + command.CommandPath() + "`" + strings.TrimPrefix(useLine(command), command.CommandPath()))}},
			{"Description", []Block{Text(command.Long)}},
		},
	}
}

// useLine is the command's own, without what Cobra adds to it.
func useLine(command *cobra.Command) string {
	_, arguments, _ := strings.Cut(command.Use, " ")
	return strings.TrimSpace(command.CommandPath() + " " + arguments)
}

// Options are the options of a flag set, in the order of their declaration.
func Options(flags *pflag.FlagSet) []Block {
	flags.SortFlags = false
	var list []Block
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		argument, usage := pflag.UnquoteUsage(f)
		word := "`--" + f.Name + "`"
		if f.Shorthand != "" {
			word = "`-" + f.Shorthand + "`, " + word
		}
		if argument != "" {
			word += " " + argument
		}
		switch f.DefValue {
		case "", "false", "0", "0s", "[]":
		default:
			if !strings.Contains(usage, "(default") {
				usage += " (default " + f.DefValue + ")"
			}
		}
		list = append(list, Term{word, Text(sentence(usage))})
	})
	return list
}

// Examples are the examples of a command's help.
func Examples(command *cobra.Command) Section {
	var lines []string
	for line := range strings.SplitSeq(command.Example, "\n") {
		lines = append(lines, strings.TrimPrefix(line, "  "))
	}
	return Section{"Examples", []Block{Code(strings.Join(lines, "\n"))}}
}

func uncapitalized(text string) string {
	return strings.ToLower(text[:1]) + text[1:]
}

func sentence(text string) string {
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
