package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

// TestAPhotoThatComesBackAsItWasIsSent takes photos away before they are sent,
// alone and with their whole folder, and brings them back with size and time as
// they were.
func TestAPhotoThatComesBackAsItWasIsSent(t *testing.T) {
	for _, tt := range []struct {
		name string
		take func(h *home, photo, aside string) error
		back func(h *home, photo, aside string) error
	}{
		{
			"the photo",
			func(_ *home, photo, aside string) error { return os.Rename(photo, aside) },
			func(_ *home, photo, aside string) error { return os.Rename(aside, photo) },
		},
		{
			"the folder, with an empty one in its place",
			func(h *home, _, aside string) error {
				if err := os.Rename(h.folder, aside); err != nil {
					return err
				}
				return os.Mkdir(h.folder, 0o755)
			},
			func(h *home, _, aside string) error {
				if err := os.Remove(h.folder); err != nil {
					return err
				}
				return os.Rename(aside, h.folder)
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, h := newSite(t), newHome(t)
			photo, aside := filepath.Join(h.folder, "a.jpg"), filepath.Join(h.mkdir("elsewhere"), "aside")
			h.with(func(a *App) {
				h.account(a, s)
				h.watch(a, control.FolderSpec{Everything: true})
				if err := a.Pause(control.PauseRequest{}); err != nil {
					t.Fatal(err)
				}
				want := shoot(t, photo, 1)
				stop := h.running(a)
				waitFor(t, "the photo to wait", func() bool { return a.Status().Counts.Ready == 1 })
				if err := tt.take(h, photo, aside); err != nil {
					t.Fatal(err)
				}
				if err := a.Resume(""); err != nil {
					t.Fatal(err)
				}
				waitFor(t, "the photo to be let go", func() bool { return a.Status().Counts.Ready+a.Status().Counts.Leased == 0 })
				if err := tt.back(h, photo, aside); err != nil {
					t.Fatal(err)
				}
				waitFor(t, "the photo to arrive", func() bool { return s.digests()[want] })
				stop()
			})
		})
	}
}
