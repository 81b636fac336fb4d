package app

import (
	"context"
	"fmt"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

// adoptFrom is the number of new photos from which they are asked for together.
const adoptFrom = 16

// offered notes that an account has got new jobs, which are worth a question
// to its server when there are many.
func (acc *account) offered(n int) { acc.fresh.Add(int64(n)) }

// adopt asks an account's server for the photos that wait for it, many at a
// time, and completes those that it has, so that a library which was sent
// before is not asked for photo by photo. What it does not find is asked for
// again before it is sent.
//
// It is called between two deliveries and does something only when the new
// jobs are a good part of all, so that the cost for each job stays bounded.
func (a *App) adopt(ctx context.Context, acc *account) {
	fresh, ready := acc.fresh.Load(), int64(a.queue.Counts(acc.id).Ready)
	if fresh < adoptFrom || fresh*4 < ready {
		return
	}
	acc.adopting.Lock() // the other lanes wait: what they would send may be known
	defer acc.adopting.Unlock()
	if acc.fresh.Swap(0) == 0 {
		return // another lane has just done it
	}
	up, err := acc.open(ctx)
	if err != nil {
		return // the delivery will say so
	}
	finder, ok := up.(upload.BulkFinder)
	if !ok {
		return
	}
	newest := acc.asked
	for after := ""; ; {
		jobs, next, err := a.queue.Jobs(queue.JobQuery{Account: acc.id, State: queue.Ready, After: after, Limit: upload.MaxBulk})
		if err != nil {
			a.recordError(err)
			return
		}
		var ask []queue.Job
		for _, j := range jobs {
			newest = max(newest, j.ID)
			if j.ID > acc.asked && j.SyncCheck && !j.Again && j.Mark == "" {
				ask = append(ask, j)
			}
		}
		if err := a.adoptKnown(ctx, acc, finder, ask); err != nil {
			if ctx.Err() == nil && !acc.judge(ctx, err) {
				a.log.Warn("Known photos not asked for", "account", acc.cfg.Name, "err", err)
			}
			return
		}
		if after = next; after == "" {
			acc.asked = newest
			return
		}
	}
}

// adoptKnown asks for some jobs at once and completes those that are known.
func (a *App) adoptKnown(ctx context.Context, acc *account, finder upload.BulkFinder, jobs []queue.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	items := make([]upload.Item, 0, len(jobs))
	kept := jobs[:0]
	for _, j := range jobs {
		it := a.item(j, photo.ParseKind(j.Kind))
		if settings.Template(j.Album).Has(fieldsOfMeta...) {
			f, err := a.openOriginal(j)
			if err != nil {
				continue // its delivery deals with that
			}
			it.Meta = a.meta(j, f).Meta
			f.Close()
		}
		it.Album = albumOf(j, it.Meta)
		it.Meta = worded(j, it.Meta)
		items, kept = append(items, it), append(kept, j)
	}
	if jobs = kept; len(jobs) == 0 {
		return nil
	}
	found, err := finder.FindAll(ctx, items)
	if err != nil {
		return err
	}
	if len(found) != len(jobs) {
		return fmt.Errorf("the client answered for %d photos of %d", len(found), len(jobs))
	}
	known := make(map[uint64]queue.Record)
	for i, r := range found {
		if j := jobs[i]; r.RemoteID != "" {
			known[j.ID] = receipted(queue.Record{SHA256: j.SHA256, MD5: j.MD5, Size: j.Size}, r, queue.Adopted)
		}
	}
	if len(known) == 0 {
		return nil
	}
	n, err := a.queue.Adopt(known)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if _, ok := known[j.ID]; ok {
			a.batch.finished(j.Size)
		}
	}
	a.log.Info("Known photos adopted", "account", acc.cfg.Name, "photos", n, "asked", len(jobs))
	return nil
}
