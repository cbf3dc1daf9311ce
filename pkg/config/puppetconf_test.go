package config

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// puppetRow is a puppet.conf with its expected result.
type puppetRow struct {
	// url is the service URL, "" if there is none.
	text, url string
	// puppet is the setting server as Puppet prints it, if its host differs from that of url;
	// "refused" if Puppet refuses the file.
	puppet string
}

const refused = "refused"

var puppetRows = map[string]puppetRow{
	"agent over main":           {text: "[main]\nserver = old\n[agent]\nserver = new\n", url: "https://new:8170/code-manager"},
	"main alone":                {text: "# by hand\n\n[main]\n\tserver\t=  primary  \n", url: "https://primary:8170/code-manager"},
	"before any section":        {text: "server = primary\n[agent]\nfoo = bar\n", url: "https://primary:8170/code-manager"},
	"twice in a section":        {text: "[agent]\nserver = first\nserver = last\n", url: "https://first:8170/code-manager"},
	"a section in two parts":    {text: "[agent]\nfoo = 1\n[main]\nserver=m\n[agent]\nserver=a\n", url: "https://a:8170/code-manager"},
	"a port":                    {text: "server = host:8140\n", url: "https://host:8170/code-manager", puppet: "host:8140"},
	"an IPv6 address":           {text: "server = 2001:db8::1\n", url: "https://[2001:db8::1]:8170/code-manager", puppet: "2001:db8::1"},
	"brackets and a port":       {text: "server = [2001:db8::1]:8140\n", url: "https://[2001:db8::1]:8170/code-manager", puppet: "[2001:db8::1]:8140"},
	"server_list alone":         {text: "server_list = a.example.com:8140,b:8140\n", url: "https://a.example.com:8170/code-manager", puppet: "puppet"},
	"server beside server_list": {text: "server_list = a:8140\nserver = s\n", url: "https://s:8170/code-manager"},
	"double quotes":             {text: "server = \"primary\"\n", url: "https://primary:8170/code-manager"},
	"single quotes":             {text: "server = 'primary'\n", url: "https://primary:8170/code-manager"},
	"CRLF":                      {text: "[main]\r\nserver = primary\r\n", url: "https://primary:8170/code-manager"},
	"a byte order mark":         {text: "\xef\xbb\xbf[agent]\nserver = x\n", url: "https://x:8170/code-manager", puppet: refused},
	"user and server":           {text: "[user]\nserver = u\n[server]\nserver = s\n[master]\nserver = m\n", puppet: "puppet"},
	"set to nothing":            {text: "server = m\n[agent]\nserver =\n", puppet: ""},
	"a comment with a setting":  {text: "# server = old\nserver = new\n", url: "https://new:8170/code-manager"},
	"a line that is refused":    {text: "server\nserver = a\n", url: "https://a:8170/code-manager", puppet: refused},
	"UTF-16":                    {text: "\xff\xfe[\x00m\x00]\x00", puppet: refused},
}

func TestPuppetConf(t *testing.T) {
	for name, row := range puppetRows {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			want := Value{Text: row.url, Origin: Origin{Layer: LayerPuppet, Name: w.file("puppet.conf", row.text)}}
			if row.url == "" {
				want.Origin = Origin{Layer: LayerNone}
			}
			cfg := w.mustLoad()
			if cfg.ServiceURL != want {
				t.Errorf("got %+v, want %+v", cfg.ServiceURL, want)
			}
			if _, err := cfg.Endpoint(); (err == nil) != (row.url != "") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A value that is no host is refused, with the place where it comes from.
func TestPuppetConfWithoutAHost(t *testing.T) {
	w := newWorld(t)
	path := w.file("puppet.conf", "server = primary # the old one\n")
	if _, err := w.mustLoad().Endpoint(); err == nil || !strings.Contains(err.Error(), "service-url comes from "+path) {
		t.Errorf("error %v", err)
	}
}

// The installed Puppet agrees about these files.
func TestPuppetConfAgainstPuppet(t *testing.T) {
	testneeds.Program(t, "puppet")
	testneeds.Program(t, "ruby")
	root := t.TempDir()
	var arguments []string
	for name, row := range puppetRows {
		dir := filepath.Join(root, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "puppet.conf"), []byte(row.text), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, dir)
	}
	said := puppetSays(t, arguments)
	for name, row := range puppetRows {
		got, want := said[filepath.Join(root, name)], row.puppet
		if want == "" && row.url != "" {
			want = strings.TrimSuffix(strings.TrimPrefix(row.url, "https://"), ":8170/code-manager")
		}
		isError := strings.Contains(got, "Error:")
		if (want == refused) != isError || want != refused && strings.TrimSpace(got) != want {
			t.Errorf("%s: Puppet prints %q, the row says %q", name, got, want)
		}
	}
}

// puppetSays gives the agent's setting server with the puppet.conf of each folder,
// and Puppet's errors. One process reads them all, for Puppet takes a second to
// start.
func puppetSays(t *testing.T, dirs []string) map[string]string {
	t.Helper()
	const script = `
require 'json'
require 'stringio'
require 'puppet'
Puppet::Util::Log.newdestination(:console) # errors of a file
said = ARGV.to_h do |dir|
  Puppet.settings.send(:clear_everything_for_tests)
  $stderr = StringIO.new
  begin
    Puppet.initialize_settings(['--confdir', dir], true, true)
    text = Puppet.settings.values(nil, :agent).interpolate(:server)
  rescue StandardError, SystemExit, SystemStackError => error
    text = "Error: #{error}"
  end
  [dir, [$stderr.string, text.to_s].map(&:scrub).join]
end
$stderr = STDERR
puts JSON.generate(said)
`
	command := exec.CommandContext(t.Context(), "ruby", append([]string{"-e", script}, dirs...)...)
	command.Env = append(os.Environ(), "LANG=C.UTF-8", "HOME="+t.TempDir())
	var stderr bytes.Buffer
	command.Stderr = &stderr
	text, err := command.Output()
	if err != nil && strings.Contains(stderr.String(), "LoadError") && os.Getenv("CI") != "true" {
		t.Skip("the ruby of this machine has no puppet")
	}
	said := map[string]string{}
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	return said
}
