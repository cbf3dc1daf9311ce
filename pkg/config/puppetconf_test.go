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
	text string
	// url is the service URL, or part of the error.
	url, err string
	// puppet is the setting server as Puppet prints it, if its host differs from
	// that of url; "refused" if Puppet refuses the file or the value.
	puppet string
	// list is true where the host is the first of server_list.
	list bool
}

const refused = "refused"

var puppetRows = map[string]puppetRow{
	"agent over main":           {text: "[main]\nserver = old\n[agent]\nserver = new\n", url: "https://new:8170/code-manager"},
	"main alone":                {text: "# by hand\n\n[main]\n\tserver\t=  primary  \n", url: "https://primary:8170/code-manager"},
	"before any section":        {text: "server = primary\n[agent]\nfoo = bar\n", url: "https://primary:8170/code-manager"},
	"twice in a section":        {text: "[agent]\nserver = first\nserver = last\n", url: "https://first:8170/code-manager"},
	"a section in two parts":    {text: "[agent]\nfoo = 1\n[main]\nserver=m\n[agent]\nserver=a\n", url: "https://a:8170/code-manager"},
	"certname":                  {text: "certname = primary.example.com\nserver = $certname\n", url: "https://primary.example.com:8170/code-manager"},
	"certname of another part":  {text: "[main]\nserver = $certname\n[agent]\ncertname=a.example.com\n", url: "https://a.example.com:8170/code-manager"},
	"ca_server":                 {text: "ca_server = ca.example.com\nserver = $ca_server\n", url: "https://ca.example.com:8170/code-manager"},
	"through two settings":      {text: "[main]\nserver = $ca_server\nca_server = ca.$certname\ncertname = x.org\n", url: "https://ca.x.org:8170/code-manager"},
	"the run mode":              {text: "server = $run_mode.example.com\n", url: "https://agent.example.com:8170/code-manager"},
	"certname in braces":        {text: "certname = primary\nserver = ${certname}\n", url: "https://primary:8170/code-manager", puppet: refused},
	"a port":                    {text: "server = host:8140\n", url: "https://host:8170/code-manager", puppet: "host:8140"},
	"an IPv6 address":           {text: "server = 2001:db8::1\n", url: "https://[2001:db8::1]:8170/code-manager", puppet: "2001:db8::1"},
	"brackets":                  {text: "server = [2001:db8::1]\n", url: "https://[2001:db8::1]:8170/code-manager", puppet: "[2001:db8::1]"},
	"brackets and a port":       {text: "server = [2001:db8::1]:8140\n", url: "https://[2001:db8::1]:8170/code-manager", puppet: "[2001:db8::1]:8140"},
	"server_list alone":         {text: "server_list = a.example.com:8140,b:8140\n", url: "https://a.example.com:8170/code-manager", puppet: "puppet", list: true},
	"server beside server_list": {text: "server_list = a:8140\nserver = s\n", url: "https://s:8170/code-manager"},
	"double quotes":             {text: "server = \"primary\"\n", url: "https://primary:8170/code-manager"},
	"single quotes":             {text: "server = 'primary'\n", url: "https://primary:8170/code-manager"},
	"quotes that don't match":   {text: "server = \"primary'\n", url: "https://primary:8170/code-manager"},
	"CRLF":                      {text: "[main]\r\nserver = primary\r\n", url: "https://primary:8170/code-manager"},
	"UTF-8 in a comment":        {text: "# café\nserver = primary\n", url: "https://primary:8170/code-manager"},
	"a byte order mark":         {text: "\xef\xbb\xbf[agent]\nserver = x\n", url: "https://x:8170/code-manager", puppet: refused},
	"user and server":           {text: "[user]\nserver = u\n[server]\nserver = s\n[master]\nserver = m\n", puppet: "puppet"},
	"another case":              {text: "SERVER = x\n", puppet: "puppet"},
	"set to nothing":            {text: "server = m\n[agent]\nserver =\n", puppet: ""},

	"a comment behind the value":      {text: "server = primary # the old one\n", err: `server in FILE can't be used: "primary # the old one" is not a host name: Puppet reads a comment`, puppet: "primary # the old one"},
	"a URL":                           {text: "server = https://x/\n", err: `"https://x/" is not a host name`, puppet: "https://x/"},
	"a setting that isn't there":      {text: "server = $certname.example.com\n", err: "server in FILE can't be used: it needs $certname, which the file does not set", puppet: "any"},
	"a setting that nobody knows":     {text: "server = $nonesuch\n", err: "it needs $nonesuch", puppet: refused},
	"the environment":                 {text: "server = $environment.x\nenvironment = y\n", err: "it needs $environment", puppet: "any"},
	"a circle":                        {text: "server = $ca_server\nca_server = $server\n", err: "refer to each other in a loop", puppet: "any"},
	"Latin-1 in a comment":            {text: "# caf\xe9\nserver = primary\n", err: "FILE has an error in line 1: it is not UTF-8", puppet: refused},
	"UTF-16":                          {text: "\xff\xfe[\x00m\x00]\x00", err: "FILE is UTF-16: save it as UTF-8", puppet: refused},
	"a continued line":                {text: "server = a\\\nb\n", err: `FILE has an error in line 2: Puppet doesn't understand "b"`, puppet: refused},
	"a comment with a semicolon":      {text: "; by hand\nserver = a\n", err: "has an error in line 1", puppet: refused},
	"a comment behind a section":      {text: "[main] # all\nserver = a\n", err: `Puppet doesn't understand "[main] # all"`, puppet: refused},
	"a section that nobody knows":     {text: "[production]\nserver = a\n", err: "Puppet knows no section [production]", puppet: refused},
	"a hyphen in the name":            {text: "some-thing = a\nserver = b\n", err: "has an error in line 1", puppet: refused},
	"a colon in the place of a equal": {text: "server: b\n", err: "has an error in line 1", puppet: refused},
}

func TestPuppetConf(t *testing.T) {
	for name, row := range puppetRows {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			path := w.file("puppet.conf", row.text)
			cfg := w.mustLoad()
			if got := cfg.ServiceURL; got.Text != row.url {
				t.Errorf("got %q, want %q", got.Text, row.url)
			}
			_, err := cfg.Endpoint()
			if want := strings.ReplaceAll(row.err, "FILE", path); want == "" && row.url == "" {
				if cfg.ServiceURL.Origin.Layer != LayerNone || err == nil || !strings.Contains(err.Error(), "no Code Manager is configured: use") {
					t.Errorf("%+v, error %v", cfg.ServiceURL, err)
				}
			} else if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("error %v, want %q", err, want)
			} else if want == "" && err != nil {
				t.Error(err)
			}
			if row.url == "" {
				return
			}
			origin := Origin{Layer: LayerPuppet, Name: path}
			if row.list {
				origin.Setting = "server_list"
			}
			if cfg.ServiceURL.Origin != origin {
				t.Errorf("origin %+v, want %+v", cfg.ServiceURL.Origin, origin)
			}
		})
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
		if want != "any" && (want == refused) != isError || want != refused && want != "any" && strings.TrimSpace(got) != want {
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

// An unusable puppet.conf is an error only if it is needed.
func TestUnusablePuppetConfIsAnErrorOnlyIfNeeded(t *testing.T) {
	w := newWorld(t)
	w.file("puppet.conf", "nonsense\n")
	cfg := w.mustLoad()
	if _, err := cfg.Endpoint(); err == nil || !strings.Contains(err.Error(), "line 1") || !strings.Contains(err.Error(), "--service-url") {
		t.Errorf("error %v", err)
	}
	if got := cfg.Warnings(); len(got) != 1 || !strings.Contains(got[0], "puppet.conf gives no service URL") {
		t.Errorf("warnings %q", got)
	}
	w.env[EnvServiceURL] = "https://primary"
	cfg = w.mustLoad()
	if got, err := cfg.Endpoint(); err != nil || got != "https://primary" || len(cfg.Warnings()) != 0 {
		t.Errorf("%q %v, warnings %q", got, err, cfg.Warnings())
	}
}

func TestPuppetConfThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	w.file("puppet.conf/inside", "")
	_, err := w.mustLoad().Endpoint()
	if err == nil || !strings.Contains(err.Error(), "cannot read "+w.paths().PuppetConf+": it is a directory") {
		t.Errorf("error %v", err)
	}
}
