package app

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/practice"
)

// carriers are the functions that carry photos.
var carriers = map[string]string{
	"picapport": "upload", "piwigo": "pwg.images.addSimple", "ipernity": "upload.file", "universal": "up.photos.upload",
}

// digests returns how often each photo is on the server.
func (s *server) digests() map[string]int {
	n := make(map[string]int)
	switch s.name {
	case "picapport":
		for _, r := range s.PicApport().Received() {
			n[r.SHA256]++
		}
	case "piwigo":
		for _, r := range s.Piwigo().Received() {
			n[r.SHA256]++
		}
	case "ipernity":
		for _, r := range s.Ipernity().Received() {
			n[r.SHA256]++
		}
	case "universal":
		for _, r := range s.Universal().Received() {
			n[r.SHA256]++
		}
	}
	return n
}

// TestKilledWithFourAccounts kills the engine while photos are on their way to
// all services, whose answers get lost as well. Where a service cannot be asked
// a photo may end as unsure, and then a person decides; nowhere is one lost or
// sent twice.
func TestKilledWithFourAccounts(t *testing.T) {
	const kills, photos = 6, 12
	h := newHome(t)
	servers := []*server{newServer(t, "picapport"), newServer(t, "piwigo"), newServer(t, "ipernity"), newServer(t, "universal")}
	h.with(func(a *App) {
		var names []string
		for _, s := range servers {
			h.join(a, s)
			names = append(names, s.name)
			s.Faults(s.name).Set(practice.Fault{Function: carriers[s.name], Kind: practice.ResetAfter, Rate: 0.2, Seed: 7})
		}
		h.watch(a, control.FolderSpec{Everything: true, Accounts: names, Album: "{folder}"})
	})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	arrived := func() (n int) {
		for _, s := range servers {
			n += len(s.digests())
		}
		return n
	}
	var want []string
	for kill := range kills {
		for len(want) < photos*(kill+1)/kills {
			want = append(want, shoot(t, filepath.Join(h.folder, fmt.Sprintf("IMG_%04d.jpg", len(want))), len(want)))
		}
		child := startEngine(t, h.dir)
		before := arrived()
		waitFor(t, "this engine to deliver", func() bool { return arrived() > before })
		pause(rnd, 150*time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // says that it was killed
	}
	for _, s := range servers {
		s.Faults(s.name).Clear()
	}
	h.with(func(a *App) {
		h.deliverAll(a)
		if err := a.queue.Check(); err != nil {
			t.Error(err)
		}
		failed, err := a.Jobs(control.JobQuery{State: "failed"})
		if err != nil {
			t.Fatal(err)
		}
		unsure := map[string]int{}
		for _, j := range failed.Jobs {
			if j.Kind != "unsure" || j.Account != "universal" {
				t.Errorf("%s failed on %s: %s", j.Path, j.Account, j.Error)
			}
			unsure[j.Account]++
		}
		for _, s := range servers {
			got := s.digests()
			acc := accountOf(t, a, s.name)
			if acc.Delivered+unsure[s.name] != photos || acc.Ready+acc.Leased+acc.Waiting+acc.Skipped != 0 {
				t.Errorf("%s: %+v", s.name, acc)
			}
			if len(got) < acc.Delivered {
				t.Errorf("%s has %d photos, and %d are said to be delivered", s.name, len(got), acc.Delivered)
			}
			for _, d := range want {
				if n := got[d]; n > 1 || n == 0 && unsure[s.name] == 0 {
					t.Errorf("%s has the photo %s %d times", s.name, d[:8], n)
				}
			}
		}
		t.Logf("unsure: %v", unsure)
	})
}
