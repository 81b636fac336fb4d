package app

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

func TestADamagedQueueIsSetAsideToldAndRebuilt(t *testing.T) {
	for _, tt := range []struct {
		name   string
		damage func(t *testing.T, file string)
	}{
		{"cut in half", func(t *testing.T, file string) {
			fi, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(file, fi.Size()/2); err != nil {
				t.Fatal(err)
			}
		}},
		{"overwritten", func(t *testing.T, file string) {
			write(t, file, []byte(strings.Repeat("no database at all ", 5000)))
		}},
		{"emptied", func(t *testing.T, file string) { write(t, file, nil) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, h := newSite(t), newHome(t)
			old := h.folder + "/old.jpg"
			shoot(t, old, 1)
			want := map[string]bool{}
			h.with(func(a *App) {
				h.account(a, s)
				h.watch(a, control.FolderSpec{}) // only new ones: old.jpg stays
				for i := range 5 {
					want[shoot(t, filepath.Join(h.folder, fmt.Sprintf("sent-%d.jpg", i)), 10+i)] = true
				}
				h.deliverAll(a)
				if err := a.Pause(control.PauseRequest{}); err != nil {
					t.Fatal(err)
				}
				want[shoot(t, filepath.Join(h.folder, "waiting.jpg"), 20)] = true
				stop := h.running(a)
				waitFor(t, "the last photo to wait", func() bool { return a.Status().Counts.Ready == 1 })
				stop()
			})
			for _, copied := range mustGlob(t, filepath.Join(h.dir, "queue.db.*")) {
				if strings.HasSuffix(copied, ".copy") {
					if err := os.Remove(copied); err != nil { // the worst case: no copy either
						t.Fatal(err)
					}
				}
			}
			tt.damage(t, filepath.Join(h.dir, "queue.db"))
			before := s.emu.Requests("upload")
			h.with(func(a *App) {
				if n := a.Status().Notice; !strings.Contains(n, "damaged") {
					t.Errorf("notice %q says nothing of the damage", n)
				}
				h.deliverAll(a)
			})
			if aside := mustGlob(t, filepath.Join(h.dir, "queue.db.damaged-*")); len(aside) == 0 {
				t.Error("the damaged file is gone")
			}
			if got := s.digests(); !maps.Equal(got, want) {
				t.Errorf("%d photos on the server, want %d: those that waited, and not the old one", len(got), len(want))
			}
			if n := s.emu.Requests("upload") - before; n != 1 {
				t.Errorf("%d uploads after the damage, want 1", n)
			}
		})
	}
}

func mustGlob(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestSettingsThatCannotBeWrittenAreToldAndNothingChanges(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		// A folder in the place of the temporary file's folder cannot be made
		// unwritable for root, a folder in the place of the file can.
		if err := os.MkdirAll(filepath.Join(h.dir, "settings.toml", "x"), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := a.AddAccount(t.Context(), control.AccountSpec{Service: "picapport", Name: "home", URL: s.url(), User: testUser, Secret: testSecret})
		if !hasExit(err, 1) || !strings.Contains(err.Error(), "settings.toml") {
			t.Errorf("add account: %v", err)
		}
		if n := len(a.Settings().Accounts); n != 0 {
			t.Errorf("%d accounts", n)
		}
	})
}
