package sandbox

// OptionError is an option that cannot be used. Whoever took it from a command
// line can say which flag it was.
type OptionError struct {
	// Option is the name of the option as a flag has it: token-file.
	Option string
	Err    error
}

// Error names the option and says what is wrong with it.
func (e *OptionError) Error() string { return "--" + e.Option + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *OptionError) Unwrap() error { return e.Err }

// option makes an OptionError of an error, and nil of nil.
func option(name string, err error) error {
	if err == nil {
		return nil
	}
	return &OptionError{Option: name, Err: err}
}
