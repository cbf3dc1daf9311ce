package output_test

import (
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// The words around a failure, as r10k and Code Manager write them.
const (
	heading = "Errors while deploying environment 'production' (exit code: 1):\n"
	hangsUp = "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n"
	// branches are remarks that r10k makes about every other branch, before it deploys this one.
	branches = "WARN\t -> Environment \"feature/foo-1\" contained non-word characters, correcting name to feature_foo_1\n" +
		"WARN\t -> Environment \"feature/bar-2\" contained non-word characters, correcting name to feature_bar_2\n"
)

// git is a failed command of Git that wrote these lines to standard error. R10k logs it twice.
func git(stderr ...string) string {
	text := "Command exited with non-zero exit code:\nCommand: git --git-dir /cache/x.git fetch origin --prune\nStderr:\n" +
		strings.Join(stderr, "\n") + "\nExit code: 128\n"
	return heading + "ERROR\t -> Error during concurrent deploy of a module: " + text + "ERROR\t -> " + text
}

// ssh is a failed command of Git whose host hung up after these lines.
func ssh(stderr ...string) string { return git(append(stderr, hangsUp)...) }

// pqWarning is what ssh says since version 10.1 about an older server.
const pqWarning = "** WARNING: connection is not using a post-quantum key exchange algorithm.\n" +
	"** This session may be vulnerable to \"store now, decrypt later\" attacks.\n" +
	"** The server may need to be upgraded. See https://openssh.com/pq.html"

// failureTexts are messages of failed deployments, with the line that a person would point at.
var failureTexts = []struct{ name, text, want string }{
	// Remarks of r10k that are not about the failure.
	{
		"other branches, ignored as errors", heading + "ERROR\t -> Environment \"feature/foo-1\" contained non-word characters, ignoring it.\n" +
			"ERROR\t -> The module acme-nope does not exist on https://forgeapi.puppet.com.\n",
		"The module acme-nope does not exist on https://forgeapi.puppet.com.",
	},
	{
		"other branches, a crash of r10k", heading + branches + "/opt/r10k/cli.rb:3:in `load': undefined method `[]' for nil:NilClass (NoMethodError)\n\tfrom /opt/r10k/bin:1:in `<main>'\n",
		"undefined method `[]' for nil:NilClass (NoMethodError)",
	},
	{
		"filtered branches", heading + "WARN\t -> Branch wip_x filtered out by ignore_branch_prefixes [\"wip\"]\nWARN\t -> Unable to preload Puppetfile because of a bad day\n",
		"Unable to preload Puppetfile because of a bad day",
	},
	{
		"only other branches", branches,
		`Environment "feature/foo-1" contained non-word characters, correcting name to feature_foo_1`,
	},
	{
		"a deprecated setting", "WARN\t -> Setting purge_whitelist is deprecated; please use purge_allowlist instead.\n" +
			"ERROR\t -> Unable to connect to https://forgeapi.puppet.com (for request /v3/modules/acme-a): execution expired\n",
		"Unable to connect to https://forgeapi.puppet.com (for request /v3/modules/acme-a): execution expired",
	},
	{
		"another place of r10k.yaml", "WARN\t -> The r10k configuration file at /etc/r10k.yaml is deprecated.\n" + branches + "FATAL\t -> No configuration file given, no config file found\n",
		"No configuration file given, no config file found",
	},

	// SSH.
	{"SSH: no key", ssh("Cloning into bare repository 'x'...", "git@git.example.com: Permission denied (publickey)."), "git@git.example.com: Permission denied (publickey)."},
	{"SSH: an older server", ssh(pqWarning, "git@git.example.com: Permission denied (publickey,password).\r"), "git@git.example.com: Permission denied (publickey,password)."},
	{
		"SSH: a banner in a frame", ssh("*******************************", "* Authorized use only         *", "*******************************", "git@git.example.com: Permission denied (publickey)."),
		"git@git.example.com: Permission denied (publickey).",
	},
	{
		"SSH: a key that others can read", ssh("@@@@@@@@@@@@@@@@@@@@@@@@", "@  WARNING: UNPROTECTED PRIVATE KEY FILE!  @", "@@@@@@@@@@@@@@@@@@@@@@@@",
			"Permissions 0644 for '/etc/key' are too open.", "It is required that your private key files are NOT accessible by others.", "This private key will be ignored.",
			`Load key "/etc/key": bad permissions`, "git@git.example.com: Permission denied (publickey)."),
		"Permissions 0644 for '/etc/key' are too open.",
	},
	{"SSH: a damaged key", ssh(`Load key "/etc/key": error in libcrypto`, "git@git.example.com: Permission denied (publickey)."), `Load key "/etc/key": error in libcrypto`},
	{"SSH: no such key", ssh("no such identity: /etc/key: No such file or directory", "git@git.example.com: Permission denied (publickey)."), "no such identity: /etc/key: No such file or directory"},
	{"SSH: a second key is accepted", ssh(`Load key "/etc/key": invalid format`, "ERROR: Repository not found."), "ERROR: Repository not found."},
	{
		"SSH: the host has another key", ssh("@@@@@@@@@@@@", "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @", "@@@@@@@@@@@@", "IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!",
			"Offending ED25519 key in /root/.ssh/known_hosts:1", "Host key verification failed."),
		"Host key verification failed.",
	},
	{
		"SSH: known_hosts cannot be written", ssh("Could not create directory '/opt/x/.ssh'.", "Failed to add the host to the list of known hosts (/opt/x/.ssh/known_hosts).", "Repository does not exist."),
		"Repository does not exist.",
	},
	{
		"SSH: a key that libgit2 doesn't know", heading + "ERROR\t -> Unable to determine current branches for Git source 'main' (/etc/code)\nOriginal exception:\n" +
			"invalid or unknown remote ssh hostkey at /opt/cache/git@git.example.com-x.git\n",
		"invalid or unknown remote ssh hostkey at /opt/cache/git@git.example.com-x.git",
	},
	{"SSH: old algorithms", ssh("Unable to negotiate with 192.0.2.1 port 22: no matching host key type found. Their offer: ssh-rsa"), "Unable to negotiate with 192.0.2.1 port 22: no matching host key type found. Their offer: ssh-rsa"},
	{"SSH: nothing but the end", ssh(), "fatal: Could not read from remote repository."},
	{"SSH: nothing but chat", ssh("Warning: Permanently added 'git.example.com' (RSA) to the list of known hosts."), "fatal: Could not read from remote repository."},
	{"SSH: an old Git", git("Access denied for this key.", "fatal: The remote end hung up unexpectedly"), "Access denied for this key."},

	// Hosts of Git.
	{"GitHub: no such repository", ssh("Identity added: /etc/key (deploy)", "ERROR: Repository not found."), "ERROR: Repository not found."},
	{
		"GitHub: an old kind of key", ssh("ERROR: You're using an RSA key with SHA-1, which is no longer allowed.", "Please see https://github.blog/security for more information.", ""),
		"ERROR: You're using an RSA key with SHA-1, which is no longer allowed.",
	},
	{
		"GitLab: no such project", ssh("remote: ", "remote: ========================================================================", "remote: ",
			"remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.", "remote: ",
			"remote: ========================================================================", "remote: "),
		"ERROR: The project you were looking for could not be found or you don't have permission to view it.",
	},
	{"GitLab: an old version", ssh("X11 forwarding request failed on channel 0", "GitLab: The project you were looking for could not be found."), "GitLab: The project you were looking for could not be found."},
	{"a host that greets first", ssh("AUTHORIZED USE ONLY", "This key belongs to nobody here."), "This key belongs to nobody here."},
	{"Bitbucket: a key of nobody", ssh("Forbidden"), "Forbidden"},
	{"Bitbucket Server", git("fatal: remote error: Repository not found", "The requested repository does not exist, or you do not have permission to access it."), "fatal: remote error: Repository not found"},
	{
		"Azure DevOps: old algorithms", ssh("remote: Command git-upload-pack: ssh-rsa is about to be deprecated and your request has been blocked.", "remote: ERROR_SSH_UNSUPPORTED_CIPHER (7)"),
		"Command git-upload-pack: ssh-rsa is about to be deprecated and your request has been blocked.",
	},
	{
		"Azure DevOps: no such repository", git("remote: TF401019: The Git repository with name or identifier x does not exist or you do not have permissions.",
			"fatal: repository 'https://dev.azure.com/a/_git/x/' not found"),
		"fatal: repository 'https://dev.azure.com/a/_git/x/' not found",
	},

	// Git.
	{
		"Git: a broken transfer over SSH", git("fetch-pack: unexpected disconnect while reading sideband packet", "fatal: early EOF", "fatal: fetch-pack: invalid index-pack output"),
		"fetch-pack: unexpected disconnect while reading sideband packet",
	},
	{
		"Git: a branch in place of a folder", git("From git.example.com:a/b", "error: cannot lock ref 'refs/heads/x/y': 'refs/heads/x' exists; cannot create 'refs/heads/x/y'", " ! [new branch] x/y -> x/y  (unable to update local ref)"),
		"error: cannot lock ref 'refs/heads/x/y': 'refs/heads/x' exists; cannot create 'refs/heads/x/y'",
	},
	{
		"Git: another owner", git("fatal: detected dubious ownership in repository at '/cache/x.git'", "To add an exception for this directory, call:", "", "\tgit config --global --add safe.directory /cache/x.git"),
		"fatal: detected dubious ownership in repository at '/cache/x.git'",
	},
	{
		"Git: an unknown authority", git("warning: redirecting to https://git.example.com/", "fatal: unable to access 'https://git.example.com/': SSL certificate problem: self-signed certificate in certificate chain"),
		"fatal: unable to access 'https://git.example.com/': SSL certificate problem: self-signed certificate in certificate chain",
	},
	{
		"Git: the source of the branches", "ERROR\t -> Unable to determine current branches for Git source 'main' (/etc/code)\nOriginal exception:\n" + strings.TrimPrefix(ssh(pqWarning, "ERROR: Repository not found."), heading),
		"ERROR: Repository not found.",
	},

	// Bundler.
	{
		"bundler: a gem is missing", git("Ignoring ffi-1.15.5 because its extensions are not built. Try: gem pristine ffi --version 1.15.5",
			"Could not find gem 'rake' in locally installed gems.", "Run `bundle install` to install missing gems."),
		"Could not find gem 'rake' in locally installed gems.",
	},
	{
		"bundler: warnings of Ruby", git("/opt/ruby/uri.rb:3: warning: constant ::Fixnum is deprecated", "/opt/ruby/rubygems.rb:283:in `find_spec': can't find gem bundler (>= 0.a) (Gem::GemNotFoundException)",
			"\tfrom /opt/bin/bundle:23:in `<main>'"),
		"can't find gem bundler (>= 0.a) (Gem::GemNotFoundException)",
	},
}

func TestReasonsThatAPersonWouldPointAt(t *testing.T) {
	for _, f := range failureTexts {
		d := codemanager.Deployment{Environment: "production", Error: &codemanager.ErrorObject{Msg: f.text}}
		if got := (output.Style{}).Reason(d); got != f.want {
			t.Errorf("%s:\n got %q\nwant %q", f.name, got, f.want)
		}
	}
}

// What a message says besides the reason comes without remarks about other branches, and without lines
// that say nothing.
func TestMessagesSayMoreThanTheReason(t *testing.T) {
	for text, want := range map[string]string{
		branches + "ERROR\t -> The cause.\nMore of it.\n": "More of it.",
		"ERROR\t -> Failed to evaluate /etc/Puppetfile\n/opt/a.rb:1:in `load'\nOriginal exception:\nThe cause.\n/opt/b.rb:2:in `x'": "Failed to evaluate /etc/Puppetfile",
		ssh(pqWarning, "Identity added: /etc/key", "ERROR: Repository not found."):                                                  "Command: git --git-dir /cache/x.git fetch origin --prune",
		heading + "ERROR\t -> The cause.\n": "",
	} {
		d := codemanager.Deployment{Error: &codemanager.ErrorObject{Msg: text}}
		if got := strings.Join((output.Style{}).Message(d), "\n"); got != want {
			t.Errorf("%q:\n%s\nwant:\n%s", text, got, want)
		}
	}
}
