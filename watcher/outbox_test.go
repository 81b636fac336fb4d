package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func box(known func(string, int64, time.Time) bool) *outbox {
	if known == nil {
		known = func(string, int64, time.Time) bool { return false }
	}
	return newOutbox(known, slog.New(slog.DiscardHandler), func() {}, time.Second)
}

func at(n int64) stamp { return stamp{size: n, mtime: time.Unix(n, 0)} }

func TestOutboxOffersNewestFirstInBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, f := box(nil), &folder{root: Root{Path: "/r"}}
		for i := range 2 * batchSize {
			o.put(f, fmt.Sprint(i), at(int64(i)), true)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var batches [][]File
		go o.run(ctx, func(fs []File) error {
			batches = append(batches, fs)
			return nil
		})
		synctest.Wait()
		cancel()
		if len(batches) != 2 || len(batches[0]) != batchSize {
			t.Fatalf("%d batches", len(batches))
		}
		all := slices.Concat(batches...)
		if !slices.IsSortedFunc(all, func(a, b File) int { return b.ModTime.Compare(a.ModTime) }) {
			t.Error("not newest first")
		}
		want := File{Path: "1999", Root: "/r", Size: 1999, ModTime: time.Unix(1999, 0), FirstScan: true}
		if all[0] != want {
			t.Errorf("first %+v, want %+v", all[0], want)
		}
	})
}

func TestOutboxWaitsLongerAfterEachError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, f := box(nil), &folder{}
		o.put(f, "a", at(1), false)
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		var calls []time.Duration
		go o.run(ctx, func([]File) error {
			calls = append(calls, time.Since(start))
			o.put(f, "b", at(2), false) // what comes meanwhile does not cut the delay short
			if len(calls) == 10 {
				cancel()
			}
			return errors.New("disk full")
		})
		<-ctx.Done()
		synctest.Wait()
		var want []time.Duration
		for at, delay := time.Duration(0), time.Second; len(want) < 10; delay = min(2*delay, 64*time.Second) {
			want = append(want, at)
			at += delay
		}
		if !slices.Equal(calls, want) {
			t.Errorf("calls at %v, want %v", calls, want)
		}
		if o.empty() {
			t.Error("files were given up")
		}
	})
}

func TestOutboxOffersNothingStale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		known := map[string]bool{}
		o := box(func(path string, _ int64, _ time.Time) bool { return known[path] })
		one, two := &folder{path: "/1"}, &folder{path: "/2"}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var got [][]string
		started, end := make(chan struct{}), make(chan error)
		go o.run(ctx, func(fs []File) error {
			var paths []string
			for _, f := range fs {
				paths = append(paths, fmt.Sprint(f.Path, " ", f.Size))
			}
			got = append(got, paths)
			started <- struct{}{}
			return <-end
		})
		for i, p := range []string{"/1/gone", "/1/new", "/1/same", "/1/dir/x", "/2/a"} {
			f := one
			if p == "/2/a" {
				f = two
			}
			o.put(f, p, at(int64(100-i)), false)
		}
		<-started
		if !o.holds(one, "/1/same", at(98)) || o.holds(one, "/1/same", at(97)) || o.holds(two, "/1/same", at(98)) {
			t.Error("holds does not know what found is working on")
		}
		o.withdraw(one, "/1/gone")
		o.withdraw(one, "/1/new")
		o.put(one, "/1/new", at(50), false)
		o.put(one, "/1/late", at(10), false)
		o.put(one, "/1/known", at(9), false)
		o.put(one, "/1/dir2/y", at(8), false)
		o.withdrawBelow(one, map[string]bool{"/1/dir2": true})
		known["/1/known"] = true
		o.withdrawAll(two)
		if o.empty() {
			t.Error("empty while found is working")
		}
		end <- errors.New("no")
		<-started
		end <- nil
		synctest.Wait()
		want := [][]string{
			{"/1/gone 100", "/1/new 99", "/1/same 98", "/1/dir/x 97", "/2/a 96"},
			{"/1/same 98", "/1/dir/x 97", "/1/new 50", "/1/late 10"},
		}
		if len(got) != 2 || !slices.Equal(got[0], want[0]) || !slices.Equal(got[1], want[1]) {
			t.Errorf("offered %q, want %q", got, want)
		}
		if !o.empty() {
			t.Error("not empty at the end")
		}
	})
}
