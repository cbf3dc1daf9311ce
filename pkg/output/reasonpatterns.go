package output

import (
	"regexp"
	"sync"
)

// reasonPatterns are those of the lines of a failure.
type reasonPatterns struct {
	logged, colours, heading, ignored, otherBranch                            *regexp.Regexp
	nothing, chat, hazy, certain, hungUp, unusableKey, remote, raised, folder *regexp.Regexp
}

// patterns compiles them on first use, which takes a millisecond: most runs have no failure.
var patterns = sync.OnceValue(func() *reasonPatterns {
	return &reasonPatterns{
		// logged matches the beginning of an entry of r10k's log.
		logged:  regexp.MustCompile(`^(FATAL|ERROR|WARN|NOTICE|INFO|DEBUG\d?)\s*->\s*(?:Error during concurrent deploy of a module: )?`),
		colours: regexp.MustCompile(`\x1b\[[0-9;]*m`),
		// heading matches the line that Code Manager puts before r10k's log.
		heading: regexp.MustCompile(`^Errors while .*\(exit code: \d+\):?$`),
		// ignored matches what r10k says about a branch that it does not deploy.
		ignored: regexp.MustCompile(`Environment "?([^"\s]+)"? contained non-word characters, ignoring it`),
		// otherBranch matches what r10k says about each branch of the control repo, whichever is deployed.
		otherBranch: regexp.MustCompile(`^(?:Environment \S+ contained non-word characters, |Branch .* filtered out by )`),
		// nothing matches lines without information: a status, a title, a line of a stack trace.
		nothing: regexp.MustCompile("^(?:|Exit code: \\d+|Command: .*|Stdout:|Stderr:|Original exception:|" +
			"(?:from )?\\S+:\\d+(?::in [`'].*')?)$"),
		// chat matches what programs say whether or not they fail.
		chat: regexp.MustCompile(`^(?:Cloning into .*|(?:\S+ )?(?i:warning): .*|\*\* .*|@ .* @|Identity added: .*|` +
			`(?:X11 forwarding|PTY allocation) request failed.*|Pseudo-terminal will not be allocated.*|` +
			`Failed to add the host to the list of known hosts.*|(?:hostfile_replace_entries|update_known_hosts): .*|` +
			`Could not create directory '.*/\.ssh'.*|Ignoring \S+ because its extensions are not built\..*|` +
			`(?:Shared )?[Cc]onnection to \S+ closed\.|Please make sure you have the correct access rights|and the repository exists\.)$`),
		hazy: regexp.MustCompile(`^(?:Failed to evaluate \S+|Command exited with non-zero exit code:|ERROR_[A-Z_]+ \(\d+\)|` +
			`Unable to determine current branches for Git source .*|fatal: (?:early EOF|index-pack failed|.*invalid index-pack output))$`),
		certain: regexp.MustCompile(`^(?i:fatal|ssh|error): |Authentication failed|Permission denied|Host key verification failed|` +
			`cannot be found in any source|Puppetfile:\d+: `),
		// hungUp matches Git's last line about a host that did not let it in. The host's own words come before.
		hungUp: regexp.MustCompile(`^fatal: (?:Could not read from remote repository|(?i:the remote end hung up unexpectedly))\.?$`),
		// unusableKey matches complaints of ssh about a key. If it has no other key, the host refuses it.
		unusableKey: regexp.MustCompile(`^(?:Permissions \d+ for .* are too open\.|Load key .*|bad permissions: .*|no such identity: .*|` +
			`(?:Warning: )?Identity file .* not accessible: .*)$`),

		// remote is Git's prefix before lines of the host.
		remote: regexp.MustCompile(`^remote:(?: +|$)`),
		// raised matches the origin of an exception, before its message.
		raised: regexp.MustCompile("^\\S+:\\d+:in [`'][^']*': "),
		// folder matches the path to a Puppetfile, before its line number.
		folder: regexp.MustCompile(`^\S*/(Puppetfile:\d+: )`),
	}
})
