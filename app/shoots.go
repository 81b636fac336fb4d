package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/queue"
)

const (
	// shootGap ends a shoot where nobody names a gap.
	shootGap = 2 * time.Hour
	// How far shoots look back at what is delivered.
	shootHistory = 30 * 24 * time.Hour
	shootRecords = 5000

	// shootPaths is how many photos of a shoot are named with it.
	shootPaths = 5
)

// takenAt is when a photo was taken, as far as shoots and events go.
func takenAt(r *queue.Request) time.Time { return cmp.Or(r.Taken, r.ModTime) }

// frame is what a shoot needs of one photo for one account.
type frame struct {
	at      int64 // nanoseconds
	sha256  [32]byte
	account string // ID
	path    string
	size    int64
	job     *frameJob // nil: it is delivered
}

type frameJob struct {
	held, leaving bool
	words         *frameWords
}

// frameWords are shared by all jobs that have the same.
type frameWords struct {
	folder, title, description, album string
	tags                              []string
}

// Shoots implements [control.ShootEngine].
func (a *App) Shoots(gap time.Duration) ([]control.Shoot, error) {
	if gap < 0 {
		return nil, problem(2, "The gap is negative", "Write it like 2h or 30m.")
	}
	gap = cmp.Or(gap, shootGap)
	frames, err := a.frames()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(frames, func(x, y frame) int {
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.path, y.path), cmp.Compare(x.account, y.account))
	})
	shoots := []control.Shoot{}
	for len(frames) > 0 {
		n := 1
		for n < len(frames) && frames[n].at-frames[n-1].at < int64(gap) {
			n++
		}
		shoots = append(shoots, a.shoot(frames[:n]))
		frames = frames[n:]
	}
	return shoots, nil
}

// frames collects what is not sent, and the latest of what is.
func (a *App) frames() ([]frame, error) {
	type key struct {
		account string
		sha256  [32]byte
	}
	var frames []frame
	ids, queued := map[uint64]bool{}, map[key]bool{}
	var same *frameWords
	err := a.queue.EachJob(func(j *queue.Job) {
		if j.State == queue.Skipped || ids[j.ID] {
			return // a job that moves on meanwhile comes twice
		}
		ids[j.ID], queued[key{j.Account, j.SHA256}] = true, true
		if same == nil || !same.of(j) {
			same = &frameWords{j.Folder, j.Title, j.Description, j.Album, slices.Clone(j.Tags)}
		}
		frames = append(frames, frame{
			at: takenAt(&j.Request).UnixNano(), sha256: j.SHA256, account: j.Account, path: j.Path, size: j.Size,
			job: &frameJob{held: j.Cooling, leaving: j.State == queue.Leased, words: same},
		})
	})
	if err != nil {
		return nil, err
	}
	err = a.eachDelivered(func(r *queue.Record) {
		if queued[key{r.Account, r.SHA256}] {
			return // it has been delivered meanwhile, or is sent again
		}
		frames = append(frames, frame{at: r.Taken.UnixNano(), sha256: r.SHA256, account: r.Account, path: r.Path, size: r.Size})
	})
	return frames, err
}

func (w *frameWords) of(j *queue.Job) bool {
	return w.folder == j.Folder && w.title == j.Title && w.description == j.Description && w.album == j.Album && slices.Equal(w.tags, j.Tags)
}

// eachDelivered calls fn for what was delivered as far as shoots look back. Of
// what earlier versions delivered it is not known when it was taken.
func (a *App) eachDelivered(fn func(r *queue.Record)) error {
	rs, _, err := a.queue.Records(queue.RecordQuery{Since: time.Now().Add(-shootHistory), Limit: shootRecords})
	if err != nil {
		return err
	}
	for i := range rs {
		if r := &rs[i]; !r.Taken.IsZero() && !r.Gone {
			fn(r)
		}
	}
	return nil
}

// shoot makes one of frames in the order of time.
func (a *App) shoot(frames []frame) control.Shoot {
	out := control.Shoot{From: time.Unix(0, frames[0].at), To: time.Unix(0, frames[len(frames)-1].at), Paths: []string{}, Accounts: []string{}}
	photos, accounts := map[[32]byte]bool{}, map[string]bool{}
	var common *frameWords
	for _, f := range frames {
		if !photos[f.sha256] {
			photos[f.sha256] = true
			out.Photos++
			out.Bytes += f.size
			if len(out.Paths) < shootPaths {
				out.Paths = append(out.Paths, f.path)
			}
		}
		if !accounts[f.account] {
			accounts[f.account] = true
			out.Accounts = append(out.Accounts, a.accountName(f.account))
		}
		if f.job == nil {
			out.Delivered++
			continue
		}
		out.Jobs++
		if f.job.held {
			out.Held++
		}
		if f.job.leaving {
			out.Leaving++
		}
		common = shared(common, f.job.words)
	}
	slices.Sort(out.Accounts)
	if common != nil {
		out.Folder, out.Title, out.Description, out.Album = common.folder, common.title, common.description, common.album
		out.Tags = slices.Clone(common.tags)
	}
	return out
}

// shared returns what two have in common; nil is the first of all.
func shared(a, b *frameWords) *frameWords {
	if a == nil || a == b {
		return b
	}
	c := *a
	for _, p := range []struct {
		mine  *string
		other string
	}{{&c.folder, b.folder}, {&c.title, b.title}, {&c.description, b.description}, {&c.album, b.album}} {
		if *p.mine != p.other {
			*p.mine = ""
		}
	}
	c.tags = slices.DeleteFunc(slices.Clone(a.tags), func(t string) bool { return !slices.Contains(b.tags, t) })
	if c.folder == a.folder && c.title == a.title && c.description == a.description && c.album == a.album && len(c.tags) == len(a.tags) {
		return a
	}
	return &c
}

// Describe implements [control.ShootEngine].
func (a *App) Describe(d control.Description) (control.Described, error) {
	var out control.Described
	w, ids, err := a.description(d)
	if err != nil {
		return out, err
	}
	wanted := func(account string, at time.Time) bool {
		return !at.Before(d.From) && !at.After(d.To) && (len(d.Accounts) == 0 || slices.Contains(ids, account))
	}
	out.Count, out.Leaving, err = a.queue.Describe(queue.JobQuery{}, func(j *queue.Job) (queue.Words, bool) {
		return w, j.State != queue.Skipped && wanted(j.Account, takenAt(&j.Request))
	})
	a.wrote(err)
	if err != nil {
		return out, err
	}
	err = a.eachDelivered(func(r *queue.Record) {
		if wanted(r.Account, r.Taken) {
			out.Delivered++
		}
	})
	return out, err
}

// description checks what a person says of a shoot; ids are the accounts that
// were named.
func (a *App) description(d control.Description) (w queue.Words, ids []string, err error) {
	switch {
	case d.From.IsZero() || d.To.IsZero():
		return w, nil, problem(2, "It is not said when the photos were taken", "Name the first and the last moment.")
	case d.To.Before(d.From):
		return w, nil, problem(2, "The span of time ends before it begins", "Name the first moment first.")
	case d.Title == nil && d.Description == nil && d.Tags == nil && d.Album == nil && !d.Release:
		return w, nil, problem(2, "Nothing is said about the photos", "Name a title, a description, tags or an album.")
	}
	if len(d.Accounts) > 0 {
		if ids, err = a.accountIDs(d.Accounts); err != nil {
			return w, nil, err
		}
	}
	w = queue.Words{Title: d.Title, Description: d.Description, Album: d.Album, Release: d.Release}
	var said words
	if d.Title != nil {
		said.title = *d.Title
	}
	if d.Description != nil {
		said.description = *d.Description
	}
	if d.Tags != nil {
		said.tags = cleanTags(*d.Tags)
		w.Tags = &said.tags
	}
	if d.Album != nil {
		if err := checkAlbum(*d.Album); err != nil {
			return w, nil, err
		}
	}
	return w, ids, said.check()
}
