package queue

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// The benchmarks with a million jobs share one file, built once per run:
//
//	go test -run '^$' -bench . -benchtime 1x ./queue

const million = 1_000_000

// fakePhoto is a photo as a first scan meets it: folders of 200 in the order of time, digests all over.
func fakePhoto(account string, i int) Request {
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], uint64(i))
	sum := sha256.Sum256(seed[:])
	return Request{
		Account: account, Path: albumPath(i), Folder: "/home/anna/Pictures", Size: 3_000_000 + int64(i%1000), SHA256: sum,
		MD5: [16]byte(sum[16:]), Kind: "jpeg", Album: "2025", SyncCheck: true, Priority: FirstScan,
		ModTime: day(1).Add(time.Duration(i)*time.Minute + time.Duration(sum[0])*time.Second),
	}
}

func albumPath(i int) string {
	b := []byte("/home/anna/Pictures/2025/folder-0000/IMG_0000000.jpg")
	for p, n := 35, i/200; n > 0; p, n = p-1, n/10 {
		b[p] = byte('0' + n%10)
	}
	for p, n := 47, i; n > 0; p, n = p-1, n/10 {
		b[p] = byte('0' + n%10)
	}
	return string(b)
}

// fakeBatch has n photos from i on, each with its Seen row, as intake makes it.
func fakeBatch(i, n int) Batch {
	var b Batch
	for ; n > 0; i, n = i+1, n-1 {
		r := fakePhoto("a", i)
		b.Requests = append(b.Requests, r)
		b.Seen = append(b.Seen, Seen{Path: r.Path, Size: r.Size, ModTime: r.ModTime, SHA256: r.SHA256, MD5: r.MD5})
	}
	return b
}

// BenchmarkEnqueue is one operation per job: job, index, live, Seen row and event, 1,000 jobs to a durable commit.
func BenchmarkEnqueue(b *testing.B) {
	q := newQueue(b, Options{})
	n := 0
	for b.Loop() {
		if n%sliceSize == 0 {
			b.StopTimer()
			batch := fakeBatch(n, sliceSize)
			b.StartTimer()
			if _, err := q.Enqueue(batch); err != nil {
				b.Fatal(err)
			}
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "jobs/s")
}

var millionFile = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "queue-million-")
	if err != nil {
		return "", err
	}
	millionDir = dir
	file := filepath.Join(dir, "queue.db")
	q, err := Open(file, Options{})
	if err != nil {
		return "", err
	}
	const step = 20_000
	for i := 0; i < million; i += step {
		if _, err := q.Enqueue(fakeBatch(i, step)); err != nil {
			return "", err
		}
	}
	return file, q.Close()
})

// millionDir is removed at the end of TestMain.
var millionDir string

func openMillion(b *testing.B) *Queue {
	b.Helper()
	file, err := millionFile()
	if err != nil {
		b.Fatal(err)
	}
	q, err := Open(file, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = q.Close() })
	if n := q.Counts("").Ready; n != million {
		b.Fatalf("%d jobs", n)
	}
	return q
}

// BenchmarkEnqueueMillion fills an empty queue with a million jobs, each with its Seen row and event.
func BenchmarkEnqueueMillion(b *testing.B) {
	for b.Loop() {
		q := newQueue(b, Options{})
		var took time.Duration
		const step = 20_000
		for i := 0; i < million; i += step {
			batch := fakeBatch(i, step)
			start := time.Now()
			if _, err := q.Enqueue(batch); err != nil {
				b.Fatal(err)
			}
			took += time.Since(start)
		}
		b.ReportMetric(million/took.Seconds(), "jobs/s")
		info, err := os.Stat(q.file)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/million, "B/job")
		mustClose(b, q)
	}
}

// BenchmarkOpenMillion opens a queue of a million jobs, with the full check of pages, rows and invariant.
func BenchmarkOpenMillion(b *testing.B) {
	if _, err := millionFile(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		q := openMillion(b)
		b.StopTimer()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-heap")
		mustClose(b, q)
		b.StartTimer()
	}
}

// BenchmarkPageMillion reads pages of 1,000 of a million jobs.
func BenchmarkPageMillion(b *testing.B) {
	q := openMillion(b)
	page := func(b *testing.B, query JobQuery) string {
		jobs, next, err := q.Jobs(query)
		if err != nil || len(jobs) != 1000 {
			b.Fatal(len(jobs), err)
		}
		return next
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			page(b, JobQuery{})
		}
	})
	b.Run("middle", func(b *testing.B) {
		middle := ""
		for range million / 2 / 1000 {
			middle = page(b, JobQuery{After: middle})
		}
		b.ResetTimer()
		for b.Loop() {
			page(b, JobQuery{After: middle})
		}
	})
	b.Run("text that nothing has", func(b *testing.B) {
		for b.Loop() {
			if jobs, _, err := q.Jobs(JobQuery{Text: "nowhere"}); len(jobs) > 0 || err != nil {
				b.Fatal(len(jobs), err)
			}
		}
	})
}

// BenchmarkKnownMillion looks up files of a scan.
func BenchmarkKnownMillion(b *testing.B) {
	q := openMillion(b)
	i := 0
	for b.Loop() {
		r := fakePhoto("a", i%million)
		i++
		if !q.Known(r.Path, r.Size, r.ModTime) {
			b.Fatal(r.Path)
		}
	}
}

// BenchmarkCompleteParallel leases and completes with four workers; an operation is one job: two durable commits,
// shared with whoever comes at the same time. "alone" is the same with one worker.
func BenchmarkCompleteParallel(b *testing.B) {
	for _, bb := range []struct {
		name    string
		workers int
	}{{"alone", 1}, {"four", 4}, {"sixteen", 16}} {
		b.Run(bb.name, func(b *testing.B) {
			q := newQueue(b, Options{})
			const stock = 20_000
			if _, err := q.Enqueue(fakeBatch(0, stock)); err != nil {
				b.Fatal(err)
			}
			var mu sync.Mutex
			left := 0
			take := func() bool {
				mu.Lock()
				defer mu.Unlock()
				left--
				return left >= 0
			}
			left = min(b.N, stock)
			n := left
			b.ResetTimer()
			var wg sync.WaitGroup
			for range bb.workers {
				wg.Go(func() {
					for take() {
						j, err := q.Lease(b.Context(), "a")
						if err == nil {
							err = q.Complete(j.ID, Record{Outcome: Sent, RemoteID: "x"})
						}
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}
