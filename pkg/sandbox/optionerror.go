package sandbox

// OptionError is an invalid option. A command line can report it with the name of its flag.
type OptionError struct {
	// Option is the name of the option as a flag: token-file.
	Option string
	Err    error
}

// Error has the name of the option and the problem.
func (e *OptionError) Error() string { return "--" + e.Option + ": " + e.Err.Error() }

// Unwrap returns the problem.
func (e *OptionError) Unwrap() error { return e.Err }

// option turns an error into an OptionError, and nil into nil.
func option(name string, err error) error {
	if err == nil {
		return nil
	}
	return &OptionError{Option: name, Err: err}
}
