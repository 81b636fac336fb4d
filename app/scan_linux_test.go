package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func TestAScanWithoutAnEngineWaitsForTheWriter(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		path := filepath.Join(h.folder, "slow.jpg")
		shoot(t, path, 1)
		writer, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		scanned := make(chan error, 1)
		go func() { scanned <- a.ScanFolder(t.Context(), "") }()
		select {
		case err := <-scanned:
			t.Fatalf("the scan ended while somebody had the file open for writing: %v", err)
		case <-time.After(600 * time.Millisecond):
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-scanned; err != nil {
			t.Fatal(err)
		}
		if c := a.queue.Counts(""); c.Ready != 1 {
			t.Errorf("%+v, want the photo", c)
		}
	})
}
