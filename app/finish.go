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
		if due && acc.unfinished() {
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
	arrived := acc.arrived.Load() // what comes from here on is of the next batch
	up, err := acc.open(ctx)
	if err == nil {
		if f, ok := up.(upload.Finisher); ok {
			err = f.Finish(ctx)
		}
	}
	if err == nil {
		acc.finished.Store(arrived)
		return
	}
	if ctx.Err() == nil && !acc.judge(ctx, err) {
		acc.app.log.Warn("Batch not finished", "account", acc.cfg.Name, "err", err)
	}
}

// unfinished reports whether the service may have to be told, or is being told,
// that a batch is over.
func (acc *account) unfinished() bool { return acc.finished.Load() != acc.arrived.Load() }

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
