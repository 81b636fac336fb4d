package watcher

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var quick = Config{Quiet: quiet, Unmarked: unmarked, Unproven: unproven, Ended: endMark}

func TestSettleWaitsForEachFileAsItsEndDemands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	began := time.Now()
	marked := write(t, filepath.Join(dir, "marked.jpg"), photo(100))
	plain := write(t, filepath.Join(dir, "plain.mov"), []byte("a kind of its own"))
	half := write(t, filepath.Join(dir, "half.jpg"), photo(100)[:50])
	gone := filepath.Join(dir, "gone.jpg")
	writing := create(t, filepath.Join(dir, "writing.jpg"))
	put(t, writing, photo(100))
	closed := time.AfterFunc(2*unproven, func() { writing.Close() })
	defer closed.Stop()
	took, errs := map[string]time.Duration{}, map[string]error{}
	err := Settle(t.Context(), quick, []string{marked, plain, half, gone, writing.Name()}, func(path string, err error) {
		took[path], errs[path] = time.Since(began), err
	})
	must(t, err)
	if got := slices.Sorted(maps.Keys(took)); len(got) != 5 {
		t.Fatalf("done: %q", got)
	}
	for path, least := range map[string]time.Duration{
		marked: quiet, plain: unmarked, half: unproven, writing.Name(): 2 * unproven,
	} {
		// The system's clock of change times ticks every few milliseconds.
		if took[path] < least-20*time.Millisecond || errs[path] != nil {
			t.Errorf("%s: done after %v, want at least %v; %v", path, took[path], least, errs[path])
		}
	}
	if !errors.Is(errs[gone], fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", errs[gone])
	}
}

func TestSettleGivesUpOnlyWithItsContext(t *testing.T) {
	t.Parallel()
	f := create(t, filepath.Join(t.TempDir(), "a.jpg"))
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*quiet)
	defer cancel()
	err := Settle(ctx, quick, []string{f.Name()}, func(string, error) { t.Error("done while somebody writes") })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
