package watcher

import (
	"context"
	"io/fs"
	"time"
)

// Settle waits until files are finished, by the same rules as a watched folder: nobody has them open for writing, and
// they have been left alone for as long as their end demands. It is for files that a person hands over. done is called
// once for each path, as it is finished, from one goroutine; err is fs.ErrNotExist for a file that is not there any
// more. Settle waits without an end and returns only when all paths are done or ctx ends, with its error.
//
// A file that was last changed long ago, by its change time where the system has one, is finished at once.
func Settle(ctx context.Context, c Config, paths []string, done func(path string, err error)) error {
	c = c.withDefaults()
	s := settler{quiet: c.Quiet, unmarked: c.Unmarked, unproven: c.Unproven}
	for _, path := range paths {
		st, changed, err := lastChanged(path)
		if err != nil {
			done(path, err)
			continue
		}
		s.observe(path, st, false, changed)
	}
	for {
		at, more := s.next()
		if !more {
			return ctx.Err()
		}
		if err := wait(ctx, time.Until(at)); err != nil {
			return err
		}
		for _, e := range s.due(time.Now()) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			switch s.judge(e, probe(e.path, e.stamp, c.Ended), time.Now()) {
			case settled:
				done(e.path, nil)
			case vanished:
				done(e.path, fs.ErrNotExist)
			case waiting:
			}
		}
	}
}

// lastChanged looks at a file without opening it.
func lastChanged(path string) (stamp, time.Time, error) {
	st, mode, err := lookAt(path)
	if err != nil {
		return stamp{}, time.Time{}, err
	}
	if !mode.IsRegular() {
		return stamp{}, time.Time{}, fs.ErrInvalid
	}
	changed, ok := changeTime(path)
	// Elsewhere the time may come from another machine's clock.
	if !ok || whereIs(path) != local || changed.After(time.Now()) {
		changed = time.Now()
	}
	return st, changed, nil
}

// wait waits for d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
