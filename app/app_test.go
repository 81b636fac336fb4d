package app

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/convert"
	"github.com/photoferry/photoferry/app/practice/picapport"
)

func TestMain(m *testing.M) {
	convert.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // of the converters
	if os.Getenv(crashChild) != "" {
		os.Exit(crashMain())
	}
	if dir := os.Getenv(benchServer); dir != "" {
		os.Exit(serveBench(dir))
	}
	goleak.VerifyTestMain(m)
}

func TestPhotosReachTheServerExactlyOnce(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		want := map[string]bool{}
		for i := range 8 { // while the app was off
			want[shoot(t, filepath.Join(h.folder, fmt.Sprintf("old-%d.jpg", i)), i)] = true
		}
		stop := h.running(a)
		waitFor(t, "the photos from before the start", func() bool { return maps.Equal(s.digests(), want) })

		for i := range 8 { // in a new sub-folder
			want[shoot(t, filepath.Join(h.folder, "100CANON", fmt.Sprintf("new-%d.jpg", i)), 100+i)] = true
		}
		tree := h.mkdir("elsewhere")
		for i := range 8 { // a whole tree that is moved in
			want[shoot(t, filepath.Join(tree, "a", "b", fmt.Sprintf("moved-%d.jpg", i)), 200+i)] = true
		}
		if err := os.Rename(tree, filepath.Join(h.folder, "tree")); err != nil {
			t.Fatal(err)
		}
		part := filepath.Join(h.folder, "IMG_1.jpg.part") // renamed into place
		want[shoot(t, part, 300)] = true
		if err := os.Rename(part, filepath.Join(h.folder, "IMG_1.jpg")); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the photos from while it ran", func() bool { return maps.Equal(s.digests(), want) })
		waitFor(t, "the queue to be empty", func() bool { return a.Status().State == control.StateIdle })
		stop()

		st := a.Status()
		if c := st.Counts; c.Ready+c.Leased+c.Waiting+c.Failed+c.Skipped != 0 || c.Delivered != len(want) {
			t.Errorf("counts %+v, want %d delivered and nothing else", c, len(want))
		}
		if err := a.queue.Check(); err != nil {
			t.Error(err)
		}
	})
}

func TestAPhotoIsItsBytes(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		second := h.mkdir("second")
		h.watch(a, control.FolderSpec{Everything: true})
		h.watch(a, control.FolderSpec{Path: second, Everything: true})
		one := filepath.Join(h.folder, "one.jpg")
		shoot(t, one, 1)
		shoot(t, filepath.Join(h.folder, "copy of one.jpg"), 1)
		shoot(t, filepath.Join(second, "uno.jpg"), 1)
		h.deliverAll(a)
		if err := os.Rename(one, filepath.Join(h.folder, "renamed.jpg")); err != nil {
			t.Fatal(err)
		}
		h.deliverAll(a)
		if got := len(s.emu.Received()); got != 1 {
			t.Errorf("%d photos on the server, want 1", got)
		}
		if got := s.emu.Requests("upload"); got != 1 {
			t.Errorf("%d uploads, want 1", got)
		}
		if c := a.Status().Counts; c.Delivered != 1 || c.Ready+c.Leased+c.Waiting+c.Failed+c.Skipped != 0 {
			t.Errorf("counts %+v", c)
		}
	})
}

func TestALostQueueSendsNothingAgain(t *testing.T) {
	s, h := newSite(t), newHome(t)
	const n = 12
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		for i := range n {
			shoot(t, filepath.Join(h.folder, fmt.Sprintf("%d.jpg", i)), i)
		}
		h.deliverAll(a)
	})
	for _, f := range []string{"queue.db"} {
		if err := os.Remove(filepath.Join(h.dir, f)); err != nil {
			t.Fatal(err)
		}
	}
	copies, err := filepath.Glob(filepath.Join(h.dir, "queue.db*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range copies {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	before := s.emu.Requests("upload")
	h.with(func(a *App) {
		h.deliverAll(a)
		page, err := a.Records(control.RecordQuery{Limit: -1})
		if err != nil {
			t.Fatal(err)
		}
		adopted := 0
		for _, r := range page.Records {
			if r.Outcome == "adopted" {
				adopted++
			}
		}
		if adopted != n {
			t.Errorf("%d of %d photos adopted", adopted, n)
		}
	})
	if after := s.emu.Requests("upload"); after != before {
		t.Errorf("%d uploads of photos that were there", after-before)
	}
}

func TestOnlyNewPhotosWhereOnlyNewOnesAreWanted(t *testing.T) {
	s, h := newSite(t), newHome(t)
	shoot(t, filepath.Join(h.folder, "old.jpg"), 1)
	var fresh string
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{})
		fresh = shoot(t, filepath.Join(h.folder, "new.jpg"), 2)
		h.deliverAll(a)
		if got := s.digests(); !maps.Equal(got, map[string]bool{fresh: true}) {
			t.Errorf("on the server: %v", got)
		}
		why, err := a.Why(filepath.Join(h.folder, "old.jpg"))
		if err != nil || len(why) != 1 || !strings.Contains(why[0].Verdict, "before the folder was added") {
			t.Errorf("why: %+v, %v", why, err)
		}
	})
}

func TestTheFoldersOfARuleThatWasWidenedByHandAreOfferedAgain(t *testing.T) {
	s, h := newSite(t), newHome(t)
	old := shoot(t, filepath.Join(h.folder, "old.jpg"), 1)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{})
		h.running(a)
		waitFor(t, "the first scan", func() bool { return a.watcher.Load().Idle() })
		if len(s.emu.Received()) != 0 {
			t.Fatal("an old photo was sent")
		}
		file := a.places.Settings
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b = []byte(strings.ReplaceAll(string(b), "everything = false", "everything = true"))
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the old photo to be sent", func() bool { return s.digests()[old] })
	})
}

func TestMistakesInTheSettingsAreToldAndChangeNothing(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		h.running(a)
		waitFor(t, "the first scan", func() bool { return a.watcher.Load().Idle() })
		file := a.places.Settings
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(slices.Clone(good), []byte("\n[[folder]]\npath = 7\n")...), 0o600); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the mistake to be told", func() bool { return strings.Contains(a.Status().Notice, "settings.toml:") })
		want := shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		waitFor(t, "a photo to be sent all the same", func() bool { return s.digests()[want] })
		if err := os.WriteFile(file, good, 0o600); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the notice to go", func() bool { return a.Status().Notice == "" })
	})
}

func TestSettingsThatAreEmptiedForgetNoAccount(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		h.running(a)
		write(t, a.places.Settings, nil)
		waitFor(t, "the mistake to be told", func() bool { return strings.Contains(a.Status().Notice, "empty") })
		want := shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		waitFor(t, "a photo to be sent all the same", func() bool { return s.digests()[want] })
	})
}

func TestWithoutSyncCheckTheRequestSaysSoAndARefusalIsKnown(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true, NoSyncCheck: true})
		shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		h.deliverAll(a)
		got := s.emu.Received()
		if len(got) != 1 || !strings.Contains(string(got[0].Metadata), `"doSyncCheck":false`) {
			t.Fatalf("received %+v", got)
		}
		// Sent again by hand, the server refuses what it has.
		sum, err := a.Add(t.Context(), control.AddRequest{Paths: []string{filepath.Join(h.folder, "a.jpg")}, NoSyncCheck: true}, func(control.AddResult) {})
		if err != nil || sum.Queued != 1 {
			t.Fatalf("add: %+v, %v", sum, err)
		}
		if r := h.deliverAll(a); r.Failed != 0 {
			t.Errorf("result %+v", r)
		}
		if n := s.emu.Requests("upload"); n != 2 {
			t.Errorf("%d uploads, want 2", n)
		}
		if n := len(s.emu.Received()); n != 1 {
			t.Errorf("%d photos on the server, want 1", n)
		}
	})
}

func TestWhatWasDeletedOnTheServerStaysDeletedUntilSentAgain(t *testing.T) {
	s, h := newSite(t), newHome(t)
	path := filepath.Join(h.folder, "a.jpg")
	h.with(func(a *App) {
		h.account(a, s)
		shoot(t, path, 1)
		add := func(again bool) {
			t.Helper()
			if _, err := a.Add(t.Context(), control.AddRequest{Paths: []string{path}, NoSyncCheck: again}, func(control.AddResult) {}); err != nil {
				t.Fatal(err)
			}
			h.deliverAll(a)
		}
		add(false)
		if err := s.emu.DeletePhoto(s.emu.Received()[0].PhotoID); err != nil {
			t.Fatal(err)
		}
		acc, err := a.account("home")
		if err != nil {
			t.Fatal(err)
		}
		page, err := a.Records(control.RecordQuery{})
		if err != nil || len(page.Records) != 1 {
			t.Fatal(page, err)
		}
		jobsDigest := mustDigest(t, page.Records[0].SHA256)
		if err := a.queue.Forget(acc.id, jobsDigest); err != nil {
			t.Fatal(err)
		}
		add(false)
		page, err = a.Records(control.RecordQuery{})
		if err != nil || len(page.Records) != 1 || !page.Records[0].Gone {
			t.Fatalf("records %+v, %v", page.Records, err)
		}
		if n := s.emu.Requests("upload"); n != 1 {
			t.Fatalf("%d uploads, want 1", n)
		}
		add(true)
		if n := s.emu.Requests("upload"); n != 2 {
			t.Errorf("%d uploads after sending again, want 2", n)
		}
	})
}

func TestAServerThatIsGoneHoldsNothingUpAndLosesNothing(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		h.running(a)
		s.stop()
		want := map[string]bool{}
		for i := range 10 {
			want[shoot(t, filepath.Join(h.folder, fmt.Sprintf("%d.jpg", i)), i)] = true
		}
		waitFor(t, "the account to be offline", func() bool {
			st := a.Status()
			return st.State == control.StateOffline && st.Counts.Ready == 10
		})
		s.start()
		waitFor(t, "all photos", func() bool { return maps.Equal(s.digests(), want) })
		waitFor(t, "idle", func() bool { return a.Status().State == control.StateIdle })
		jobs, err := a.Jobs(control.JobQuery{Limit: -1})
		if err != nil || len(jobs.Jobs) != 0 {
			t.Errorf("jobs left: %+v, %v", jobs, err)
		}
	})
}

func TestAWrongPasswordHoldsTheAccountUntilTheRightOneComes(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		want := shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		s.opts.Users[0].Password = "changed"
		s.stop()
		s.start()
		if r := h.deliverAll(a); !r.NeedsYou {
			t.Errorf("result %+v, want NeedsYou", r)
		}
		st := a.Status()
		if st.State != control.StateStopped || st.Accounts[0].State != control.AccountHeld || st.Accounts[0].Reason == "" || st.Accounts[0].Hint == "" {
			t.Errorf("status %s %q, account %+v", st.State, st.Text, st.Accounts[0])
		}
		if _, err := a.Login(t.Context(), "home", "still wrong"); !hasExit(err, 4) {
			t.Errorf("login with a wrong password: %v", err)
		}
		if _, err := a.Login(t.Context(), "home", "changed"); err != nil {
			t.Fatal(err)
		}
		if r := h.deliverAll(a); r.NeedsYou || r.Failed != 0 || !s.digests()[want] {
			t.Errorf("result %+v, on the server %v", r, s.digests())
		}
	})
}

func TestASecretThatWasLockedAwayHoldsNobodyAtTheNextStart(t *testing.T) {
	s, h := newSite(t), newHome(t)
	var want string
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		want = shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
	})
	t.Setenv("PHOTOFERRY_PASSPHRASE", "")
	h.with(func(a *App) {
		if r := h.deliverAll(a); !r.NeedsYou {
			t.Errorf("result %+v without a passphrase, want NeedsYou", r)
		}
		if reason := a.Status().Accounts[0].Reason; !strings.Contains(reason, "secret") {
			t.Errorf("reason %q", reason)
		}
	})
	t.Setenv("PHOTOFERRY_PASSPHRASE", "test passphrase")
	h.with(func(a *App) {
		if r := h.deliverAll(a); r.NeedsYou || !s.digests()[want] {
			t.Errorf("result %+v, on the server %v", r, s.digests())
		}
	})
}

func hasExit(err error, exit int) bool {
	p, ok := errors.AsType[*control.Problem](err)
	return ok && p.Exit == exit
}

func TestWhatCannotBeTakenIsSaidAndHoldsUpNothing(t *testing.T) {
	s, h := newSite(t, func(o *picapport.Options) { o.MaxFileMB = 0.1 }), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true, Unsupported: "skip"})
		good := shoot(t, filepath.Join(h.folder, "good.jpg"), 1)
		big := append(jpeg(2), make([]byte, 200_000)...)
		write(t, filepath.Join(h.folder, "big.jpg"), big)
		write(t, filepath.Join(h.folder, "drawing.png"), []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x00IEND\xaeB`\x82"))
		write(t, filepath.Join(h.folder, "text.jpg"), []byte("this is no photo at all, whatever its name says"))
		if r := h.deliverAll(a); r.Failed != 1 {
			t.Errorf("result %+v, want one failed", r)
		}
		if got := s.digests(); !maps.Equal(got, map[string]bool{good: true}) {
			t.Errorf("on the server: %v", got)
		}
		failed, err := a.Jobs(control.JobQuery{State: "failed"})
		if err != nil || len(failed.Jobs) != 1 || !strings.Contains(failed.Jobs[0].Error, "too big") || failed.Jobs[0].Hint == "" {
			t.Errorf("failed: %+v, %v", failed.Jobs, err)
		}
		skipped, err := a.Jobs(control.JobQuery{State: "skipped"})
		if err != nil || len(skipped.Jobs) != 1 || !strings.Contains(skipped.Jobs[0].Error, "PNG") {
			t.Errorf("skipped: %+v, %v", skipped.Jobs, err)
		}
		why, err := a.Why("text.jpg")
		if err != nil || len(why) != 1 || !strings.Contains(why[0].Verdict, "not a photo") {
			t.Errorf("why: %+v, %v", why, err)
		}
	})
}

func TestAGrowingFileIsNeverDeliveredInParts(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		h.running(a)
		whole := append(jpeg(1), jpeg(2)...) // ends like a JPEG half way as well
		f, err := os.Create(filepath.Join(h.folder, "grows.jpg"))
		if err != nil {
			t.Fatal(err)
		}
		half := len(jpeg(1))
		if _, err := f.Write(whole[:half]); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the file to be waited for", func() bool { return a.Status().Folders[0].Settling == 1 })
		marker := shoot(t, filepath.Join(h.folder, "marker.jpg"), 9)
		waitFor(t, "a later photo to overtake it", func() bool { return s.digests()[marker] })
		if got := len(s.digests()); got != 1 {
			t.Fatalf("%d photos on the server while one is half written", got)
		}
		if _, err := f.Write(whole[half:]); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{marker: true, digestOf(whole): true}
		waitFor(t, "the whole file", func() bool { return maps.Equal(s.digests(), want) })
	})
}

func TestWhatIsDeletedWhileItCoolsNeverLeaves(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true, Cool: "1h"})
		h.running(a)
		culled := filepath.Join(h.folder, "culled.jpg")
		shoot(t, culled, 1)
		kept := shoot(t, filepath.Join(h.folder, "kept.jpg"), 2)
		waitFor(t, "both to cool", func() bool { return a.Status().Counts.Waiting == 2 })
		if err := os.Remove(culled); err != nil {
			t.Fatal(err)
		}
		n, err := a.Release("")
		if err != nil || n != 2 {
			t.Fatalf("released %d, %v", n, err)
		}
		waitFor(t, "the queue to be empty", func() bool { return a.Status().State == control.StateIdle })
		if got := s.digests(); !maps.Equal(got, map[string]bool{kept: true}) {
			t.Errorf("on the server: %v", got)
		}
		why, err := a.Why(culled)
		if err != nil || !slices.ContainsFunc(why[0].Events, func(e control.Event) bool { return e.What == "removed" }) {
			t.Errorf("why: %+v, %v", why, err)
		}
	})
}

func TestPauseAndResume(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		h.running(a)
		until := time.Now().Add(time.Hour)
		if err := a.Pause(control.PauseRequest{Until: &until}); err != nil {
			t.Fatal(err)
		}
		want := shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		waitFor(t, "the photo to wait", func() bool {
			st := a.Status()
			return st.State == control.StatePaused && st.Counts.Ready == 1
		})
		if len(s.emu.Received()) != 0 {
			t.Fatal("sent while paused")
		}
		if err := a.Resume(""); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the photo", func() bool { return s.digests()[want] })
	})
}

func TestASecondEngineIsRefusedWithAReason(t *testing.T) {
	h := newHome(t)
	h.with(func(*App) {
		_, err := Open(t.Context(), h.options())
		if !hasExit(err, 1) || !strings.Contains(err.Error(), "already running") {
			t.Errorf("second engine: %v", err)
		}
	})
}

func TestAFolderThatIsAwayLosesNothing(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		if err := a.Pause(control.PauseRequest{}); err != nil {
			t.Fatal(err)
		}
		h.running(a)
		want := shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		waitFor(t, "the photo to be queued", func() bool { return a.Status().Counts.Ready == 1 })
		away := h.folder + "-away"
		if err := os.Rename(h.folder, away); err != nil {
			t.Fatal(err)
		}
		if err := a.Resume(""); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the photo to wait for its folder", func() bool {
			jobs, err := a.Jobs(control.JobQuery{})
			return err == nil && len(jobs.Jobs) == 1 && strings.Contains(jobs.Jobs[0].Error, "away")
		})
		if err := os.Rename(away, h.folder); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the photo", func() bool { return s.digests()[want] })
	})
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func mustDigest(t testing.TB, s string) (d [32]byte) {
	t.Helper()
	if n, err := hex.Decode(d[:], []byte(s)); err != nil || n != len(d) {
		t.Fatalf("digest %q: %v", s, err)
	}
	return d
}
