// Package guard keeps a panic in a goroutine from ending the program with a stack trace.
package guard

import (
	"fmt"
	"runtime/debug"
)

// Result is how a function ended.
type Result[T any] struct {
	Value T
	Err   error
}

// Start starts a goroutine. The channel receives its result, which is a *PanicError if run panics.
func Start[T any](run func() (T, error)) <-chan Result[T] {
	done := make(chan Result[T], 1)
	go func() {
		var result Result[T]
		result.Err = Call(func() (err error) {
			result.Value, err = run()
			return err
		})
		done <- result
	}()
	return done
}

// Call runs a function and turns a panic into a *PanicError.
func Call(run func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	return run()
}

// PanicError is a bug in this program.
type PanicError struct {
	Value any
	// Stack is the stack trace of the goroutine.
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("internal error, please report it: %v", e.Value)
}
