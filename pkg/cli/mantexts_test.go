package cli

import (
	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/manual"
)

// The texts of the manual pages that the help of the commands does not have.

const rootText = `The global options go before or after the action. Where Puppet is installed too,
` + "`puppet code ACTION`" + ` does the same: puppet runs any puppet-NAME of the PATH.`

const outputText = `The result goes to standard output, and everything meant for a person to standard
error. The result is a table where standard output is a terminal, and JSON
elsewhere; ` + "`--format`" + ` decides. JSON is indented by two spaces. Members of an answer
that are not explained here come from the server and are passed on.

Nothing on standard error has a [ in it when the exit status is 0, so that a script that
merges both streams finds the result at the first one.

While ` + "`--wait`" + ` waits, a terminal on standard error shows a view that is drawn in place;
anything else, and a terminal with ` + "`TERM=dumb`" + `, which suits screen readers, gets a line for
each change. ` + "`--quiet`" + ` leaves both out.

Colours are used on a terminal, unless ` + "`NO_COLOR`" + ` is set or ` + "`TERM`" + ` is dumb.`

const configText = `A file is one JSON object with the keys below, any of which may be absent. Other
keys get a warning and are ignored. "" and null count as absent. ` + "~" + ` at the beginning of a path is the user's home directory.

Most installations need no file: the primary is found in puppet.conf, and the
certificates and the token in their usual places.`

const layersText = `For each key the highest layer that has it wins: the command line, the environment,
the user's file, the file for everybody, the default. ` + "`--config-file`" + ` names one file that is
read in place of both. ` + "`puppet-code print-config --format json`" + ` tells where each value
came from.`

const tokenText = `A token is one line: letters, digits, _ and -, or three such parts with dots between
them. It is looked for in the file that ` + "`--token-file`" + ` names, then in the variable
` + "`" + config.EnvToken + "`" + `, then in the file that ` + "`" + config.EnvTokenFile + "`" + ` or token-file names, then in
` + "`~/.puppetlabs/token`" + `.`

const configExample = `{
  "service-url": "https://primary.example.com:8170/code-manager",
  "cacert": "/etc/puppetlabs/puppet/ssl/certs/ca.pem",
  "token-file": "~/.puppetlabs/token"
}`

func configTerms() []manual.Block {
	return []manual.Block{
		manual.Term{Word: "`" + config.KeyServiceURL + "`", Text: "Where Code Manager is, beginning with https://. " +
			"Default: https://SERVER:8170/code-manager with the server of puppet.conf, as Puppet's agent reads it, or else the first host of its server_list. " +
			"On the command line `--service-url`, in the environment `" + config.EnvServiceURL + "`."},
		manual.Term{Word: "`" + config.KeyCACert + "`", Text: manual.Text("A PEM file with the authorities to trust. " +
			"Default: " + config.DefaultPaths("linux", "~").CACert + ", or else " + config.DefaultPaths("linux", "~").SavedCACert +
			", and without these files the authorities of the system. " +
			"On the command line `--cacert`, in the environment `" + config.EnvCACert + "`.")},
		manual.Term{Word: "`" + config.KeyTokenFile + "`", Text: manual.Text("The file with the token. Default: " + config.DefaultPaths("linux", "~").TokenFile + ". " +
			"On the command line `--token-file`, in the environment `" + config.EnvTokenFile + "`.")},
		manual.Term{Word: "`" + config.KeyRBACURL + "`", Text: manual.Text("Where the token service is, for `login`, `token` and `logout`. " +
			"Default: service-url of puppet-access.conf, or else https://HOST:4433/rbac-api with the host of the service URL. " +
			"On the command line `--rbac-url`, in the environment `" + config.EnvRBACURL + "`.")},
	}
}

func environmentTerms() []manual.Block {
	return []manual.Block{
		manual.Term{
			Word: "`" + config.EnvServiceURL + "`, `" + config.EnvCACert + "`, `" + config.EnvTokenFile + "`, `" + config.EnvRBACURL + "`",
			Text: "As the keys service-url, cacert, token-file and rbac-url of `puppet-code.conf`(5). Set to nothing they count as not set.",
		},
		manual.Term{Word: "`" + config.EnvToken + "`", Text: "The token itself."},
		manual.Term{Word: "`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`", Text: "The proxy to use, and the hosts that need none, as for curl. In lower case, too."},
		manual.Term{Word: "`NO_COLOR`, `TERM`", Text: "No colours where NO_COLOR is set to anything, or TERM is dumb."},
		manual.Term{Word: "`GITHUB_ACTIONS`", Text: "Where it is true, each environment that failed is marked by an annotation on standard error."},
	}
}

func member(name, text string) manual.Block {
	return manual.Term{Word: "`" + name + "`", Text: manual.Text(text)}
}

var errorMembers = []manual.Block{
	manual.Text("An error is an object:"),
	member("kind", "What sort of error it is, such as puppetlabs.code-manager/deploy-failure."),
	member("msg", "What went wrong, in a sentence."),
	member("details", "More about it, in any form, or null."),
}

// jsonBlocks explain the results in JSON, by page.
var jsonBlocks = map[string][]manual.Block{
	"puppet-code-deploy": append([]manual.Block{
		manual.Text("An array with an object for each environment:"),
		member("environment", "Its name."),
		member("status", "new, queued, deploying, complete or failed. Servers before PE 2018 say pending for queued. "+
			"Without --wait it is what the server said when it took the request."),
		member("id", "The number of the deployment in the server's queue."),
		member("deploy-signature", "The commit SHA of the control repo that is deployed, once complete."),
		member("file-sync", "The commits of file sync's own repositories on the primary, once complete: `environment-commit` and `code-commit`."),
		member("error", "Why it failed."),
		manual.Code(`[
  {
    "deploy-signature": "482f8d3adc76b5197306c5d4c8aa32aa8315694b",
    "environment": "production",
    "file-sync": {
      "code-commit": "69dd9f9a8d4d4e7d4b6e5a4f9d0c3b2a1f0e9d8c",
      "environment-commit": "6939889b679fdb1449545c44f26aa06174d25c21"
    },
    "id": 1,
    "status": "complete"
  }
]`),
	}, errorMembers...),
	"puppet-code-dry-run": append([]manual.Block{
		manual.Text("An array with an object for each environment:"),
		member("environment", "Its name."),
		member("error", "Why it cannot be listed. It is there only then."),
	}, errorMembers...),
	"puppet-code-status": {
		manual.Text("An object:"),
		member("state", "running, error or unknown."),
		member("status", "An object: `file_sync` is enabled where Code Manager syncs to compilers, "+
			"and `services` has the state of each service, file-sync-storage above all."),
		member("alerts", "What the server wants an administrator to know."),
		member("detail_level", "info, the only level there is."),
	},
	"puppet-code-status-deploys": append([]manual.Block{
		manual.Text("The answer of the server, in its own order. With names, the lists have these environments alone."),
		member("deploys-status", "What is in the queue: the lists `new`, `queued`, `deploying` and `failed`. "+
			"A failure stays for the server's deploy-ttl, an hour, although a later deployment succeeded."),
		member("file-sync-storage-status", "What the primary has staged: the list `deployed`."),
		member("file-sync-client-status", "What the compilers have: `all-synced` is true where all have what is staged, and "+
			"`file-sync-clients` has for each host `last_check_in_time`, `synced-with-file-sync-storage` and the list `deployed`."),
		manual.Text("An entry of new, queued, deploying and failed has `environment`, `queued-at`, on newer servers `id`, and in failed `error`. " +
			"One of deployed has `environment`, `date` and `deploy-signature`."),
	}, errorMembers...),
	"puppet-code-token": {
		manual.Text("The object of the token service, with one member more:"),
		member("origin", "Where the token comes from: `layer`, and `name` of the option, the variable or the file."),
	},
	"puppet-code-print-config": {
		manual.Text("An object with the members service-url, cacert, token-file and token, each an object:"),
		member("value", "What is configured. The token is <redacted> unless --show-token is given, and empty where there is none."),
		member("origin", "Where it comes from: `layer` is command line, environment, file, puppet.conf, default or not set, "+
			"and `name` the option, the variable or the file."),
	},
}
