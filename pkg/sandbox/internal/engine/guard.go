package engine

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Guard makes failures of an engine's panics: a damaged repository must not
// end the server.
func Guard(engine Engine, log *slog.Logger) Engine { return guard{engine, log} }

type guard struct {
	engine Engine
	log    *slog.Logger
}

// Environments is that of the guarded engine.
func (g guard) Environments(ctx context.Context) (names []string, err error) {
	defer g.recover(&err)
	return g.engine.Environments(ctx)
}

// Deploy is that of the guarded engine.
func (g guard) Deploy(ctx context.Context, request Request) (signature string, err error) {
	defer g.recover(&err)
	return g.engine.Deploy(ctx, request)
}

func (g guard) recover(err *error) {
	if cause := recover(); cause != nil {
		g.log.Debug("the engine panicked", "cause", cause, "stack", string(debug.Stack()))
		*err = &Failure{Output: fmt.Sprintf("ERROR\t -> The control repository cannot be read: %v\n", cause)}
	}
}
