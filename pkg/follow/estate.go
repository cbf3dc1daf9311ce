package follow

// estate is what the looks of a command have shown.
type estate struct {
	// names are the environments that were asked for, none for all.
	names []string
	// first and last are good looks, nil before. The first one precedes the request.
	first, last *look
	// missed is the error of the latest look, nil if it was good.
	missed error
	// ended is how the request ended without an answer that decides; nil while it is open, and without
	// a request.
	ended *answer

	environments map[string]*environment
	compilers    *compilers
}

func newEstate(names []string, c *compilers) estate {
	return estate{names: names, environments: map[string]*environment{}, compilers: c}
}

// include adds an environment, with what the first look had of it.
func (s *estate) include(name string) {
	if name == "" || s.environments[name] != nil {
		return
	}
	e := &environment{Environment: Environment{Name: name, BeforeKnown: s.first != nil}, first: s.first.of(name)}
	if staged := e.first.staged; staged != nil {
		e.Before = staged.DeploySignature
	}
	e.older = e.first.date()
	e.note(e.first)
	s.environments[name] = e
}

// saw ends what a good look does: it is the last one now.
func (s *estate) saw(l *look) { s.last, s.missed = l, nil }

// state is the State of environments, in this order. Different returns how many environments on a
// compiler differ from the staged ones, and whether it is behind.
func (s *estate) state(order []string, different func(host string, h *compiler) (count int, behind bool)) *State {
	state := &State{estate: s}
	if s.last != nil {
		state.Clock = s.last.clock
	}
	for _, name := range order {
		state.Environments = append(state.Environments, s.environments[name].Environment)
	}
	state.Compilers = s.compilers.list(different)
	return state
}
