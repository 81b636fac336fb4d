package watcher

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// hintDelay gathers the several events of one saving into one hint.
const hintDelay = 100 * time.Millisecond

// FileChanges hints that one file, such as the settings, has been written, replaced, created or deleted. It watches
// the file's folder, which must exist, and, where the file is a link, the folder that it leads to. The channel has a
// capacity of 1 and is closed once ctx is done.
func FileChanges(ctx context.Context, file string) (<-chan struct{}, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("watching %s: %w", file, err)
	}
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching %s: %w", file, err)
	}
	if err := n.Add(filepath.Dir(file)); err != nil {
		n.Close()
		return nil, fmt.Errorf("watching %s: %w", file, err)
	}
	names := map[string]bool{file: true}
	if target, err := filepath.EvalSymlinks(file); err == nil && target != file {
		// Where it cannot be watched, the link itself still is.
		_ = n.Add(filepath.Dir(target))
		names[target] = true
	}
	hints := make(chan struct{}, 1)
	go func() {
		defer close(hints)
		defer n.Close()
		timer := time.NewTimer(time.Hour)
		timer.Stop()
		defer timer.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case e, ok := <-n.Events:
				if !ok {
					return
				}
				if names[e.Name] && e.Op != fsnotify.Chmod {
					timer.Reset(hintDelay)
				}
			case _, ok := <-n.Errors:
				if !ok {
					return
				}
				timer.Reset(hintDelay) // events may be missing: better one hint too many
			case <-timer.C:
				nudge(hints)
			}
		}
	}()
	return hints, nil
}
