package app

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// TestALostQueueSendsNothingTwiceWhereNobodyCanBeAsked loses the ledger of an
// account whose service does not know its photos again.
func TestALostQueueSendsNothingTwiceWhereNobodyCanBeAsked(t *testing.T) {
	for _, tt := range []struct {
		name, files string
	}{
		{"the file, and an older copy is left", "queue.db"},
		{"everything", "queue.db*"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, up := newHome(t), newServer(t, "universal")
			const n = 3
			h.with(func(a *App) {
				h.join(a, up)
				h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"universal"}, NoSyncCheck: true})
				for i := range n {
					shoot(t, filepath.Join(h.folder, fmt.Sprintf("%d.jpg", i)), i)
				}
				h.deliverAll(a)
			})
			for _, f := range mustGlob(t, filepath.Join(h.dir, tt.files)) {
				if err := os.Remove(f); err != nil {
					t.Fatal(err)
				}
			}
			sent := up.Universal().Requests("up.photos.upload")
			if sent != n {
				t.Fatalf("%d uploads, want %d", sent, n)
			}
			h.with(func(a *App) {
				if a.Status().Notice == "" {
					t.Error("nobody is told that the queue was lost")
				}
				waitFor(t, "the clock to go on", func() bool {
					lost, err := a.lostQueue()
					return err == nil && time.Now().After(lost)
				})
				// One that was moved since is no new one.
				if err := os.Rename(filepath.Join(h.folder, "0.jpg"), filepath.Join(h.folder, "moved.jpg")); err != nil {
					t.Fatal(err)
				}
				// Nor is a copy, which is newer and goes first.
				shoot(t, filepath.Join(h.folder, "copy.jpg"), 1)
				h.deliverAll(a)
				page, err := a.Jobs(control.JobQuery{State: "failed"})
				if err != nil || len(page.Jobs) != n+1 {
					t.Fatalf("%d photos are in doubt, want %d: %v", len(page.Jobs), n+1, err)
				}
				for _, j := range page.Jobs {
					if j.Kind != "unsure" || j.Hint == "" {
						t.Errorf("%s: %q, %q, %q", j.Path, j.Kind, j.Error, j.Hint)
					}
				}
				if got := up.Universal().Requests("up.photos.upload"); got != sent {
					t.Errorf("%d photos were sent again", got-sent)
				}

				// The person decides, and new photos go as always.
				for _, j := range page.Jobs {
					decide := a.Sent
					if filepath.Base(j.Path) == "2.jpg" {
						decide = a.Again
					}
					if _, err := decide([]uint64{j.ID}); err != nil {
						t.Fatal(err)
					}
				}
			})
			newer(t, h, filepath.Join(h.folder, "new.jpg"))
			h.with(func(a *App) {
				if r := h.deliverAll(a); r.Failed != 0 {
					t.Errorf("%+v", r)
				}
				if c := a.Status().Counts; c.Delivered != n+1 {
					t.Errorf("%+v", c)
				}
			})
			if got := up.Universal().Requests("up.photos.upload"); got != sent+2 {
				t.Errorf("%d uploads, want the one that was sent again, and the new one", got-sent)
			}
		})
	}
}

// newer shoots a photo whose change time lies after the loss of the queue.
func newer(t *testing.T, h *home, path string) {
	t.Helper()
	h.with(func(a *App) {
		waitFor(t, "the clock to go on", func() bool {
			shoot(t, path, 99)
			lost, err := a.lostQueue()
			return err == nil && arrived(path).After(lost)
		})
	})
}
