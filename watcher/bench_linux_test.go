package watcher

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkRescanKnown scans 100,000 files, all of them known, and find does the same in the same breath.
// The metric x-find is our time divided by find's, x-find-cpu the same for processor time, which other programs on the
// machine disturb less.
func BenchmarkRescanKnown(b *testing.B) {
	const dirs, perDir = 200, 500
	top := b.TempDir()
	known := make(map[string]stamp, dirs*perDir)
	for d := range dirs {
		dir := filepath.Join(top, fmt.Sprintf("%04d", 2000+d/10), fmt.Sprintf("%02d", d%10))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		for i := range perDir {
			path := filepath.Join(dir, fmt.Sprintf("IMG_%04d.JPG", i))
			if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
				b.Fatal(err)
			}
			st, _, err := lookAt(path)
			if err != nil {
				b.Fatal(err)
			}
			known[path] = st
		}
	}
	changed := make(chan struct{}, 1)
	w := New(Config{
		Roots: []Root{{Path: top}},
		Known: func(path string, size int64, mtime time.Time) bool {
			st, ok := known[path]
			return ok && st.size == size && st.mtime.Equal(mtime)
		},
		Changed: func() { nudge(changed) },
	})
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() {
		done <- w.Run(ctx, func(fs []File) error {
			b.Errorf("%d known files were offered", len(fs))
			return nil
		})
	}()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}()
	scanned := func(n int) {
		for w.States()[0].Scans < n || !w.Idle() {
			<-changed
		}
	}
	scanned(1)

	var ours, finds, oursCPU, findsCPU time.Duration
	for n := 2; b.Loop(); n++ {
		began := time.Now()
		find := exec.Command("find", top, "-type", "f", "-printf", "%s %T@\n")
		out, err := find.Output()
		finds += time.Since(began)
		if lines := bytes.Count(out, []byte("\n")); err != nil || lines != dirs*perDir {
			b.Fatalf("find: %d lines, %v", lines, err)
		}
		findsCPU += find.ProcessState.UserTime() + find.ProcessState.SystemTime()
		began = time.Now()
		before := cpuTime(b)
		w.Rescan("")
		scanned(n)
		ours += time.Since(began)
		oursCPU += cpuTime(b) - before
	}
	if files := w.States()[0].Files; files != dirs*perDir {
		b.Fatalf("scanned %d files", files)
	}
	b.ReportMetric(float64(ours)/float64(finds), "x-find")
	b.ReportMetric(float64(oursCPU)/float64(findsCPU), "x-find-cpu")
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/scan")
	b.ReportMetric(float64(finds.Milliseconds())/float64(b.N), "ms/find")
	b.ReportMetric(0, "ns/op")
}

// cpuTime is the processor time that this process has used.
func cpuTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkMatch(b *testing.B) {
	rs, err := compile(Root{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, _ := rs.takeName("2024/Trip to Oslo/IMG_0001.JPG"); !ok {
			b.Fatal("refused")
		}
	}
	b.ReportAllocs()
}
