// Package guard keeps a panic in a goroutine from ending the program with a stack trace.
package guard

import (
	"errors"
	"fmt"
)

// Go starts a goroutine. If run panics, crashed gets an error instead of a stack trace.
func Go(run func(), crashed func(error)) {
	go func() {
		if err := Call(func() error { run(); return nil }); errors.As(err, new(*PanicError)) {
			crashed(err)
		}
	}()
}

// Call runs a function and turns a panic into a *PanicError.
func Call(run func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{Value: value}
		}
	}()
	return run()
}

// PanicError is a bug in this program.
type PanicError struct{ Value any }

func (e *PanicError) Error() string {
	return fmt.Sprintf("internal error, please report it: %v", e.Value)
}
