package r10k

import (
	"os"
	"path/filepath"
)

// preludeName is the Ruby library that r10k loads first.
const preludeName = "code_manager_sandbox"

// r10k takes what git prints for bytes. So a letter beyond ASCII in the name of
// a branch becomes two underscores, and one in a path ends r10k where it joins
// both. With the Git that Puppet builds in, as Code Manager has it, texts are
// UTF-8; here they are, too.
const preludeText = `TracePoint.new(:end) do |loaded|
  next unless loaded.path.end_with?("/r10k/util/subprocess/result.rb")

  loaded.disable
  loaded.self.prepend(Module.new do
    def initialize(argv, stdout, stderr, exit_code)
      texts = [stdout, stderr].map do |bytes|
        text = bytes.dup.force_encoding(Encoding::UTF_8)
        text.valid_encoding? ? text : bytes
      end
      super(argv, *texts, exit_code)
    end
  end)
end.enable
`

func writePrelude(dir string) error {
	return os.WriteFile(filepath.Join(dir, preludeName+".rb"), []byte(preludeText), 0o600)
}

// prelude is the environment in which Ruby loads it.
func prelude(dir string) []string { return []string{"RUBYLIB=" + dir, "RUBYOPT=-r" + preludeName} }
