package r10k

import (
	"os"
	"path/filepath"
)

// preludeName is the Ruby library that r10k loads first.
const preludeName = "code_manager_sandbox"

// r10k reads git's output as bytes. So a non-ASCII letter in the name of a branch becomes two
// underscores, and in a path it makes r10k fail. With Code Manager's built-in Git, texts are UTF-8;
// this file does the same here.
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
