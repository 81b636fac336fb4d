package app

import (
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func TestABatchAddsUpAndEndsWithTheQueue(t *testing.T) {
	var b batch
	now := time.Unix(1000, 0)
	b.finished(10)
	b.finished(20)
	got := b.transfer(control.Counts{Ready: 2, Leased: 1, Bytes: 100}, 5, now)
	if got.Files != 2 || got.FilesTotal != 5 || got.Bytes != 35 || got.BytesTotal != 130 {
		t.Errorf("half way: %+v", got)
	}
	got = b.transfer(control.Counts{}, 0, now)
	if got.Files != 2 || got.FilesTotal != 2 {
		t.Errorf("at the end: %+v", got)
	}
	if got = b.transfer(control.Counts{}, 0, now); got.FilesTotal != 0 {
		t.Errorf("after the end: %+v, want an empty batch", got)
	}
}

func TestTimeLeftIsShownOnlyWhenItIsStable(t *testing.T) {
	var b batch
	now := time.Unix(1000, 0)
	const total = 100_000_000
	sent := int64(0)
	tick := func(rate int64) control.Transfer {
		now = now.Add(time.Second)
		sent += rate
		return b.transfer(control.Counts{Leased: 1, Bytes: total}, sent, now)
	}
	if got := tick(1_000_000); got.Left != 0 {
		t.Errorf("time left %v after one second", got.Left)
	}
	var last control.Transfer
	for range 30 {
		last = tick(1_000_000)
	}
	if last.Left < 60 || last.Left > 80 {
		t.Errorf("time left %v s at 69 MB and 1 MB/s", last.Left)
	}
	if last.Speed < 900_000 || last.Speed > 1_100_000 {
		t.Errorf("speed %v, want about 1 MB/s", last.Speed)
	}
	for range 5 {
		last = tick(0)
	}
	if last.Left != 0 && last.Left < 150 {
		t.Errorf("time left %v s while nothing moves", last.Left)
	}
}
