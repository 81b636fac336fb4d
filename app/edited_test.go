package app

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

func TestEditedPhotos(t *testing.T) {
	for _, c := range []struct {
		rule, service string
		photos        int    // on the server after two edits
		shows         int    // the version that the newest photo shows
		skipped       int    // jobs
		story         string // a part of what the file's story says
	}{
		{"both", "piwigo", 3, 3, 0, ""},
		{"ignore", "piwigo", 1, 1, 1, "ignores edits"},
		{"replace", "piwigo", 1, 3, 0, "took the place"},
		{"replace", "picapport", 3, 3, 0, "both will be there"},
		{"ignore", "picapport", 1, 1, 1, "ignores edits"},
	} {
		t.Run(c.service+" "+c.rule, func(t *testing.T) {
			h, s := newHome(t), newServer(t, c.service)
			path := filepath.Join(h.folder, "a.jpg")
			var digests []string
			shows := func() (n int, last string) {
				if c.service == "piwigo" {
					for _, r := range s.Piwigo().Received() {
						n, last = n+1, r.SHA256
					}
					return n, last
				}
				for _, r := range s.PicApport().Received() {
					n, last = n+1, r.SHA256
				}
				return n, last
			}
			h.with(func(a *App) {
				h.join(a, s)
				h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{c.service}, Edited: c.rule})
				for version := 1; version <= 3; version++ {
					digests = append(digests, shoot(t, path, version))
					if r := h.deliverAll(a); r.Failed != 0 {
						t.Fatalf("%+v", r)
					}
				}
				n, last := shows()
				if n != c.photos || last != digests[c.shows-1] {
					t.Errorf("%d photos, the newest %s, want %d with the newest of %v the %dth", n, last, c.photos, digests, c.shows)
				}
				if got := a.Status().Counts.Skipped; got != c.skipped {
					t.Errorf("%d jobs are skipped, want %d", got, c.skipped)
				}
				told := false
				why, err := a.Why(path)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range why[0].Events {
					told = told || strings.Contains(e.Text, c.story)
				}
				if !told {
					t.Errorf("the story does not say %q: %+v", c.story, why[0].Events)
				}

				// Back to the first version.
				shoot(t, path, 1)
				h.deliverAll(a)
				n, last = shows()
				if n != c.photos {
					t.Errorf("%d photos, want %d", n, c.photos)
				}
				if c.rule == "replace" && c.service == "piwigo" && last != digests[0] {
					t.Error("the first version did not come back")
				}
			})
		})
	}
}

// What is to be replaced may be gone from the server.
func TestNothingToReplace(t *testing.T) {
	h, s := newHome(t), newServer(t, "piwigo")
	path := filepath.Join(h.folder, "a.jpg")
	h.with(func(a *App) {
		h.join(a, s)
		h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"piwigo"}, Edited: "replace"})
		shoot(t, path, 1)
		h.deliverAll(a)
		if err := s.Piwigo().DeletePhoto(s.Piwigo().Received()[0].ID); err != nil {
			t.Fatal(err)
		}
		want := shoot(t, path, 2)
		if r := h.deliverAll(a); r.Failed != 0 {
			t.Fatalf("%+v", r)
		}
		if got := s.Piwigo().Received(); len(got) != 2 || got[1].SHA256 != want {
			t.Errorf("%+v", got)
		}
	})
}
