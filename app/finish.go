package app

import (
	"context"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// finishBatches tells a service that wants to know when a batch is over: after
// its last photo, now and then during a long one, and once at the start, since
// the program may have ended in between. It ends with ctx.
func (acc *account) finishBatches(ctx context.Context) {
	a := acc.app
	tick := time.NewTicker(a.pace.finish)
	defer tick.Stop()
	for due := true; ; {
		if due && acc.unfinished.Load() {
			acc.finishBatch(ctx)
			a.touch()
		}
		select {
		case <-ctx.Done():
			return
		case <-acc.batchOver:
			due = a.queue.Counts(acc.id).Leased == 0
		case <-tick.C:
			due = true
		}
	}
}

// finishBatch tells the service once. Where that fails, the next tick tries
// again.
func (acc *account) finishBatch(ctx context.Context) {
	up, err := acc.open(ctx)
	if err == nil {
		f, ok := up.(upload.Finisher)
		if !ok {
			acc.unfinished.Store(false)
			return
		}
		acc.unfinished.Store(false) // a photo that arrives from here on is of the next batch
		if err = f.Finish(ctx); err == nil {
			return
		}
		acc.unfinished.Store(true)
	}
	if ctx.Err() == nil && !acc.judge(ctx, err) {
		acc.app.log.Warn("Batch not finished", "account", acc.cfg.Name, "err", err)
	}
}

// delivered notes that a photo has arrived which the service may not show
// before its batch is finished.
func (acc *account) delivered() { acc.unfinished.Store(true) }

// rested wakes finishBatches when the account has nothing left to send.
func (acc *account) rested() {
	if c := acc.app.queue.Counts(acc.id); c.Ready > 0 || c.Leased > 0 {
		return
	}
	select {
	case acc.batchOver <- struct{}{}:
	default:
	}
}
