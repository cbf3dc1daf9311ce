package codemanager

// Snapshot is what one answer to GET /v1/deploys/status says, in the form in
// which it is looked at: 200 compilers with 1,000 environments each, 30 MB of
// JSON, take some 2 MB.
type Snapshot struct {
	// New, Queued, Deploying and Failed are the server's lists of these names.
	New, Queued, Deploying, Failed []QueuedDeploy
	// Staged is what the primary has, in the server's order.
	Staged []DeployedEnvironment
	// AllSynced is what the server says of all compilers.
	AllSynced bool
	// Compilers are in the server's order.
	Compilers []Compiler

	names, signatures intern
}

// Compiler is one compiler of a Snapshot.
type Compiler struct {
	Host string
	// LastCheckIn is nil for one that never asked for anything.
	LastCheckIn *Timestamp
	Synced      bool
	// deployed are its environments, each with its signature.
	deployed []pair
}

// pair is an environment and a signature, by their numbers in the snapshot.
type pair struct{ name, signature uint32 }

// intern gives each text a number: the same few names come once a compiler.
type intern struct {
	numbers map[string]uint32
	texts   []string
}

func (in *intern) number(text string) uint32 {
	if n, ok := in.numbers[text]; ok {
		return n
	}
	if in.numbers == nil {
		in.numbers = map[string]uint32{}
	}
	n := uint32(len(in.texts)) //nolint:gosec // an answer has no four billion names
	in.texts = append(in.texts, text)
	in.numbers[text] = n
	return n
}

func (in *intern) text(n uint32) string { return in.texts[n] }

// Deployed calls visit for each environment of a compiler with its signature.
func (s *Snapshot) Deployed(c Compiler, visit func(environment, signature string)) {
	for _, p := range c.deployed {
		visit(s.names.text(p.name), s.signatures.text(p.signature))
	}
}

// InFlight calls visit for every deployment that is not over, with its state.
func (s *Snapshot) InFlight(visit func(Status, QueuedDeploy)) {
	for _, list := range []struct {
		status  Status
		deploys []QueuedDeploy
	}{{StatusNew, s.New}, {StatusQueued, s.Queued}, {StatusDeploying, s.Deploying}} {
		for _, d := range list.deploys {
			visit(list.status, d)
		}
	}
}

// Busy reports whether anything is in flight.
func (s *Snapshot) Busy() bool { return len(s.New)+len(s.Queued)+len(s.Deploying) > 0 }
