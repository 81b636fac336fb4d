package app

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func TestAFolderTellsWhatIsLeftOfItsPhotos(t *testing.T) {
	s := newSite(t)
	h := newHome(t)
	other := h.mkdir("other")
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true, Cool: "1h"})
		h.watch(a, control.FolderSpec{Path: other, Everything: true})
		shoot(t, filepath.Join(h.folder, "1.jpg"), 1)
		shoot(t, filepath.Join(h.folder, "2.jpg"), 2)
		if err := a.ScanFolder(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if f := a.folderNow(h.folder); f.Held != 2 || f.Waiting != 2 || f.Failed != 0 || f.LastSent != nil {
			t.Errorf("%+v", f)
		}
		if _, err := a.Release(h.folder); err != nil {
			t.Fatal(err)
		}
		if f := a.folderNow(h.folder); f.Held != 0 || f.Waiting != 2 {
			t.Errorf("%+v", f)
		}
		before := time.Now()
		h.deliverAll(a)
		if f := a.folderNow(h.folder); f.Waiting != 0 || f.LastSent == nil || f.LastSent.Before(before) {
			t.Errorf("%+v", f)
		}
		if f := a.folderNow(other); f.Waiting != 0 || f.LastSent != nil {
			t.Errorf("%+v", f)
		}
	})
}
