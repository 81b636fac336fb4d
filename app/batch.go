package app

import (
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// batch counts the running batch: everything since the queue was last empty.
// The totals are what is finished plus what is still to do, so that they are
// right after a restart as well.
type batch struct {
	mu    sync.Mutex
	files int
	bytes int64

	// speed is smoothed over the samples that status takes.
	speed    float64 // bytes a second
	sampled  time.Time
	moved    int64     // bytes counted at the last sample
	estimate float64   // seconds left
	steady   time.Time // since when the estimate has been stable
	left     float64   // the estimate as shown; 0 until it is stable
}

// finished counts one photo that left its worker, whatever came of it.
func (b *batch) finished(size int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files++
	b.bytes += size
}

// transfer returns the progress, given what is left in the queue and what the
// workers have sent of their photos so far. With nothing left the batch ends.
func (b *batch) transfer(c control.Counts, sending int64, now time.Time) control.Transfer {
	b.mu.Lock()
	defer b.mu.Unlock()
	todo := c.Ready + c.Leased + c.Waiting
	if todo == 0 {
		done := control.Transfer{Files: b.files, FilesTotal: b.files, Bytes: b.bytes, BytesTotal: b.bytes}
		b.reset()
		return done
	}
	moved := b.bytes + sending
	b.sample(moved, c.Bytes-sending, now)
	return control.Transfer{
		Files: b.files, FilesTotal: b.files + todo,
		Bytes: moved, BytesTotal: b.bytes + c.Bytes,
		Speed: b.speed, Left: b.left,
	}
}

func (b *batch) reset() {
	b.files, b.bytes, b.speed, b.moved, b.estimate, b.left = 0, 0, 0, 0, 0, 0
	b.sampled, b.steady = time.Time{}, time.Time{}
}

// stableFor is how long an estimate must hold before it is shown: a number
// that jumps is worse than none.
const stableFor = 3 * time.Second

// sample smooths the speed over about five seconds and estimates the time that
// is left.
func (b *batch) sample(moved, left int64, now time.Time) {
	if b.sampled.IsZero() {
		b.sampled, b.moved = now, moved
		return
	}
	dt := now.Sub(b.sampled).Seconds()
	if dt < 0.2 {
		return
	}
	rate := max(float64(moved-b.moved)/dt, 0)
	b.sampled, b.moved = now, moved
	b.speed += (rate - b.speed) * min(dt/5, 1)
	old := b.estimate
	b.left, b.estimate = 0, 0
	if b.speed < 1 || left <= 0 {
		b.steady = time.Time{}
		return
	}
	b.estimate = float64(left) / b.speed
	if b.steady.IsZero() || b.estimate > 1.5*old+5 || b.estimate < old/1.5-5 {
		b.steady = now
	}
	if now.Sub(b.steady) >= stableFor {
		b.left = b.estimate
	}
}
