package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/photo/phototest"
	"github.com/photoferry/photoferry/app/practice/picapport"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
)

// held returns a file that lies below a server's folder, by its digest.
func held(t *testing.T, dir, digest string) []byte {
	t.Helper()
	var found []byte
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if digestOf(b) == digest {
			found = b
		}
		return err
	})
	if err != nil || found == nil {
		t.Fatalf("the server has no file with the digest %s: %v", digest, err)
	}
	return found
}

func metaOf(t *testing.T, b []byte) photo.Meta {
	t.Helper()
	m, err := photo.ReadMeta(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func put(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func sample(t *testing.T, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// forget loses the queue file, and its copy too.
func (h *home) forget() {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, "queue.db*"))
	if err != nil || len(files) == 0 {
		h.t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(h.dir, "cache")); err != nil {
		h.t.Fatal(err)
	}
}

func TestOtherFormatsArriveAsJPEG(t *testing.T) {
	h := newHome(t)
	pic, club := newServer(t, "picapport"), newServer(t, "piwigo")
	put(t, filepath.Join(h.folder, "turned.heic"), sample(t, "convert", "testdata", "turned.heic"))
	put(t, filepath.Join(h.folder, "box.png"), sample(t, "photo", "testdata", "stamped", "17.png"))
	put(t, filepath.Join(h.folder, "raw.nef"), phototest.Raw(phototest.Options{
		Width: 1200, Height: 800, Orientation: 6, Model: "PF-R", GPS: &phototest.Position{Lat: 48.858, Lon: 2.2945},
		Taken: time.Date(2026, 5, 1, 12, 30, 45, 0, time.UTC),
	}))
	put(t, filepath.Join(h.folder, "plain.jpg"), jpeg(1))
	h.with(func(a *App) {
		h.join(a, pic)
		h.join(a, club)
		h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"picapport", "piwigo"}})
		if r := h.deliverAll(a); r.Failed != 0 || a.Status().Counts.Delivered != 8 {
			t.Fatalf("%+v, %+v", r, a.Status().Counts)
		}
		if left, err := filepath.Glob(filepath.Join(h.dir, "cache", "copies", "*")); len(left) != 0 || err != nil {
			t.Errorf("copies that are left: %v, %v", left, err)
		}
	})
	check := func() {
		t.Helper()
		got := map[string]string{}
		for _, r := range pic.PicApport().Received() {
			if r.Type != "image/jpeg" || got["picapport/"+r.Name] != "" {
				t.Errorf("PicApport has %s as %s", r.Name, r.Type)
			}
			got["picapport/"+r.Name] = r.SHA256
		}
		for _, r := range club.Piwigo().Received() {
			got["piwigo/"+r.File] = r.SHA256
		}
		if len(got) != 8 {
			t.Fatalf("%d photos at both: %v", len(got), got)
		}
		for _, same := range []string{"turned.jpg", "raw.jpg", "plain.jpg"} {
			if got["picapport/"+same] != got["piwigo/"+same] || got["piwigo/"+same] == "" {
				t.Errorf("%s differs, or is missing: %v", same, got)
			}
		}
		for name, want := range map[string]struct {
			size        image.Point // as it is shown
			orientation int
			model       string
		}{
			"piwigo/turned.jpg": {image.Pt(200, 300), 1, "PF-1"},
			"piwigo/raw.jpg":    {image.Pt(800, 1200), 6, "PF-R"},
			"piwigo/box.png":    {image.Pt(32, 48), 6, "Box 1"},
			"picapport/box.jpg": {image.Pt(32, 48), 1, "Box 1"},
		} {
			dir := club.options.Dir
			if strings.HasPrefix(name, "picapport") {
				dir = pic.options.Dir
			}
			m := metaOf(t, held(t, dir, got[name]))
			shown := image.Pt(m.Width, m.Height)
			if m.Orientation >= 5 {
				shown = image.Pt(m.Height, m.Width)
			}
			if shown != want.size || m.Orientation != want.orientation || m.Model != want.model || m.Taken.IsZero() || m.GPS == nil {
				t.Errorf("%s: shown %v, %+v, want %+v with date and place", name, shown, m, want)
			}
		}
	}
	check()
	h.forget()
	uploads := club.Piwigo().Requests("pwg.images.addSimple")
	h.with(func(a *App) {
		if r := h.deliverAll(a); r.Failed != 0 || a.Status().Counts.Delivered != 8 {
			t.Fatalf("with a queue that was lost: %+v, %+v", r, a.Status().Counts)
		}
		sum, err := a.Verify(t.Context(), "", func(r control.VerifyResult) {
			if r.Result != "verified" {
				t.Errorf("%s at %s: %s", r.Record.Path, r.Record.Account, r.Result)
			}
		})
		if err != nil || sum.Verified != 8 {
			t.Errorf("%+v, %v", sum, err)
		}
	})
	check()
	if n := club.Piwigo().Requests("pwg.images.addSimple"); n != uploads {
		t.Errorf("%d photos were sent again", n-uploads)
	}
}

func TestAFolderMaySkipWhatAnAccountDoesNotTake(t *testing.T) {
	h := newHome(t)
	pic := newServer(t, "picapport")
	put(t, filepath.Join(h.folder, "turned.heic"), sample(t, "convert", "testdata", "turned.heic"))
	put(t, filepath.Join(h.folder, "broken.heic"), sample(t, "convert", "testdata", "turned.heic")[:1200])
	h.with(func(a *App) {
		h.join(a, pic)
		h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"picapport"}, Unsupported: "skip"})
		h.deliverAll(a)
		page, err := a.Jobs(control.JobQuery{State: "skipped"})
		if err != nil || len(page.Jobs) != 2 || !strings.Contains(page.Jobs[0].Error, "does not take HEIC") {
			t.Fatalf("%+v, %v", page, err)
		}
		if _, err := a.ChangeFolder(t.Context(), control.FolderSpec{Path: h.folder, Accounts: []string{"picapport"}, Everything: true, Unsupported: "convert"}); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Retry([]uint64{page.Jobs[0].ID, page.Jobs[1].ID}); err != nil {
			t.Fatal(err)
		}
		if r := h.deliverAll(a); r.Failed != 1 || a.Status().Counts.Delivered != 1 {
			t.Fatalf("%+v, %+v", r, a.Status().Counts)
		}
		page, err = a.Jobs(control.JobQuery{State: "failed"})
		if err != nil || len(page.Jobs) != 1 || filepath.Base(page.Jobs[0].Path) != "broken.heic" || page.Jobs[0].Kind != "rejected" || page.Jobs[0].Hint == "" {
			t.Errorf("%+v, %v", page, err)
		}
	})
}

func TestWhatAnAccountIsSent(t *testing.T) {
	jpegOnly := func(_ upload.Limits, k photo.Kind) bool { return k == photo.JPEG }
	noJPEG := func(_ upload.Limits, k photo.Kind) bool { return k == photo.PNG }
	at := func(lat, lon float64) photo.Meta {
		return photo.Meta{Width: 4000, Height: 3000, GPS: &photo.Position{Lat: lat, Lon: lon}}
	}
	nowhere := photo.Meta{Width: 4000, Height: 3000}
	const home = "48.1374, 11.5755, 500"
	for _, c := range []struct {
		name  string
		cfg   settings.Account
		takes func(upload.Limits, photo.Kind) bool
		kind  photo.Kind
		m     photo.Meta
		bad   bool // metadata could not be read
		skip  bool
		want  string
	}{
		{"as it is", settings.Account{}, nil, photo.JPEG, at(1, 1), false, false, "whole"},
		{"HEIC where it is taken", settings.Account{}, nil, photo.HEIC, at(1, 1), false, false, "whole"},
		{"HEIC where it is not", settings.Account{}, jpegOnly, photo.HEIC, at(1, 1), false, false, "convert all 0"},
		{"by the rule", settings.Account{}, jpegOnly, photo.HEIC, at(1, 1), false, true, "skip"},
		{"a film", settings.Account{}, jpegOnly, photo.MP4, photo.Meta{}, false, false, "skip"},
		{"neither", settings.Account{}, noJPEG, photo.HEIC, nowhere, false, false, "skip"},
		{"place", settings.Account{Strip: "place"}, nil, photo.JPEG, at(1, 1), false, false, "cut no place"},
		{"place, not found", settings.Account{Strip: "place"}, nil, photo.JPEG, nowhere, false, false, "cut no place"},
		{"place in PNG", settings.Account{Strip: "place"}, nil, photo.PNG, at(1, 1), false, false, "convert no place 0"},
		{"no place in PNG", settings.Account{Strip: "place"}, nil, photo.PNG, nowhere, false, false, "whole"},
		{"PNG that cannot be read", settings.Account{Strip: "place"}, nil, photo.PNG, nowhere, true, false, "convert no place 0"},
		{"place in a film", settings.Account{Strip: "place"}, nil, photo.MP4, photo.Meta{}, false, false, "skip"},
		{"at home", settings.Account{Strip: "place", Home: home}, nil, photo.JPEG, at(48.1380, 11.5760), false, false, "cut no place"},
		{"away", settings.Account{Strip: "place", Home: home}, nil, photo.JPEG, at(48.2, 11.6), false, false, "whole"},
		{"home or away", settings.Account{Strip: "place", Home: home}, nil, photo.JPEG, nowhere, true, false, "cut no place"},
		{"no place to tell", settings.Account{Strip: "place", Home: home}, nil, photo.JPEG, nowhere, false, false, "whole"},
		{"all", settings.Account{Strip: "all"}, nil, photo.JPEG, nowhere, false, false, "cut nothing"},
		{"all of PNG", settings.Account{Strip: "all"}, nil, photo.PNG, nowhere, false, false, "convert nothing 0"},
		{"smaller", settings.Account{LongestSide: 2000}, nil, photo.JPEG, nowhere, false, false, "convert all 2000"},
		{"small enough", settings.Account{LongestSide: 4000}, nil, photo.JPEG, nowhere, false, false, "whole"},
		{"smaller, elsewhere", settings.Account{LongestSide: 2000, Strip: "place"}, nil, photo.TIFF, at(1, 1), false, false, "convert no place 2000"},
		{"moving", settings.Account{LongestSide: 2000}, nil, photo.GIF, nowhere, false, false, "whole"},
	} {
		acc := &account{cfg: c.cfg, service: upload.Service{Name: "Site", Takes: c.takes}}
		p, err := acc.planFor(c.kind, facts{Meta: c.m, own: c.m.GPS, read: !c.bad}, upload.Limits{}, c.skip)
		got := fmt.Sprintf("convert %s %d", p.keep, p.wish.Side)
		switch {
		case err != nil:
			got = "skip"
		case p.whole:
			got = "whole"
		case p.cut:
			got = fmt.Sprint("cut ", p.keep)
		}
		if got != c.want {
			t.Errorf("%s: %s (%v), want %s", c.name, got, err, c.want)
		}
	}
}

// originals are the files below a folder: digests, times and rights.
func originals(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		if err != nil {
			return err
		}
		sum := ""
		if fi.Mode().IsRegular() {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			s := sha256.Sum256(b)
			sum = hex.EncodeToString(s[:])
		}
		out[path] = fmt.Sprint(sum, fi.ModTime().UnixNano(), fi.Mode(), fi.Size())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOriginalsStayAsTheyAreOverAThousandDeliveries(t *testing.T) {
	h := newHome(t)
	pic, club, small := newServer(t, "picapport"), newServer(t, "piwigo"), newSite(t, func(o *picapport.Options) { o.KeepReceived = true })
	const n = 334
	for i := range n {
		o := phototest.Options{
			Seed: uint64(i), Width: 64, Height: 48, Taken: time.Date(2026, 5, 1, 12, 0, i%60, 0, time.UTC),
			GPS: &phototest.Position{Lat: 48.1374, Lon: 11.5755}, XMP: "",
		}
		if i%25 == 0 {
			o.Width, o.Height = 300, 200
		}
		path := filepath.Join(h.folder, fmt.Sprintf("%d", i%7), fmt.Sprintf("IMG_%d.jpg", i))
		b := phototest.JPEG(o)
		if i%40 == 7 {
			o.Width, o.Height = 1000, 10
			path, b = strings.TrimSuffix(path, ".jpg")+".nef", phototest.Raw(o)
		}
		put(t, path, b)
		old := time.Date(2024, 1, 2, 3, 4, i%60, 123456789, time.UTC)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o444); err != nil {
			t.Fatal(err)
		}
	}
	before := originals(t, h.folder)
	h.with(func(a *App) {
		h.join(a, pic)
		h.join(a, club)
		h.account(a, small)
		place, all, side := "place", "all", 200
		for _, c := range []control.AccountChange{
			{Account: "picapport", Strip: &place}, {Account: "piwigo", Strip: &all}, {Account: "home", LongestSide: &side},
		} {
			if _, err := a.ChangeAccount(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"picapport", "piwigo", "home"}})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		if r, err := a.RunUntilIdle(ctx); err != nil || r.Failed != 0 || a.Status().Counts.Delivered != 3*n {
			t.Fatalf("%+v, %v, %+v", r, err, a.Status().Counts)
		}
	})
	after := originals(t, h.folder)
	if len(after) != len(before) {
		t.Errorf("%d files and folders, %d before", len(after), len(before))
	}
	for path, was := range before {
		if after[path] != was {
			t.Errorf("%s was touched:\n%s\n%s", path, was, after[path])
		}
	}
	for _, r := range pic.PicApport().Received()[:20] {
		if m := metaOf(t, held(t, pic.options.Dir, r.SHA256)); m.GPS != nil || m.Taken.IsZero() {
			t.Errorf("%s tells %+v", r.Name, m)
		}
	}
	for _, r := range club.Piwigo().Received()[:20] {
		if m, err := photo.ReadMeta(bytes.NewReader(held(t, club.options.Dir, r.SHA256)), r.Size); !errors.Is(err, photo.ErrNoMeta) {
			t.Errorf("%s tells %+v, %v", r.File, m, err)
		}
	}
	for _, r := range small.emu.Received()[:20] {
		img, _, err := image.DecodeConfig(bytes.NewReader(held(t, small.opts.Dir, r.SHA256)))
		if err != nil || max(img.Width, img.Height) > 200 {
			t.Fatalf("%s: %v, %d x %d", r.Name, err, img.Width, img.Height)
		}
	}
}

// A sidecar that says another place than the file must not uncover the home
// that stands in the file.
func TestTheFilesOwnPlaceCountsToo(t *testing.T) {
	cfg := settings.Account{Strip: "place", Home: "48.1374, 11.5755, 500"}
	home, away := &photo.Position{Lat: 48.1374, Lon: 11.5755}, &photo.Position{Lat: 40, Lon: 10}
	for _, c := range []struct {
		said, own *photo.Position
		want      photo.Keep
	}{
		{away, home, photo.KeepNoPlace},
		{home, away, photo.KeepNoPlace},
		{away, away, photo.KeepAll},
		{away, nil, photo.KeepAll},
		{home, nil, photo.KeepNoPlace},
	} {
		if got := keepFor(cfg, photo.JPEG, facts{Meta: photo.Meta{GPS: c.said}, own: c.own, read: true}); got != c.want {
			t.Errorf("said %v, own %v: keeps %s", c.said, c.own, got)
		}
	}
}

func TestASidecarGoesFirst(t *testing.T) {
	s, h := newServer(t, "picapport"), newHome(t)
	put(t, filepath.Join(h.folder, "a.jpg"), phototest.JPEG(phototest.Options{Description: "by the camera"}))
	put(t, filepath.Join(h.folder, "a.xmp"), []byte(everyWord))
	put(t, filepath.Join(h.folder, "b.jpg"), phototest.JPEG(phototest.Options{Seed: 1, Description: "by the camera"}))
	put(t, filepath.Join(h.folder, "b.jpg.xmp"), []byte("no packet"))
	h.with(func(a *App) {
		h.join(a, s)
		h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"picapport"}})
		if r := h.deliverAll(a); r.Failed != 0 {
			t.Fatalf("%+v", r)
		}
		if c := a.Status().Counts; c.Delivered != 2 || c.Skipped != 0 {
			t.Errorf("%+v", c)
		}
	})
	for _, r := range s.PicApport().Received() {
		want := map[string]string{"a.jpg": "Harbour", "b.jpg": "by the camera"}[r.Name]
		if want == "" || !strings.Contains(string(r.Metadata), want) {
			t.Errorf("%s: %s", r.Name, r.Metadata)
		}
	}
}

func TestAWrongClockIsCorrectedWhereDatesAreSent(t *testing.T) {
	h := newHome(t)
	club, ip := newServer(t, "piwigo"), newServer(t, "ipernity")
	taken := time.Date(2026, 5, 1, 12, 30, 45, 0, time.UTC)
	put(t, filepath.Join(h.folder, "a.jpg"), phototest.JPEG(phototest.Options{Taken: taken, Make: "FUJIFILM", Model: "X100V"}))
	put(t, filepath.Join(h.folder, "b.jpg"), phototest.JPEG(phototest.Options{Seed: 1, Taken: taken, Model: "another"}))
	h.with(func(a *App) {
		h.join(a, club)
		h.join(a, ip)
		if err := a.updateSettings(func(s *settings.Settings) error {
			s.Cameras = []settings.Camera{{Model: "fujifilm x100v", Add: settings.Duration(-90 * time.Minute)}}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"piwigo", "ipernity"}, Album: "{date:15}"})
		if r := h.deliverAll(a); r.Failed != 0 || a.Status().Counts.Delivered != 4 {
			t.Fatalf("%+v", r)
		}
	})
	want := map[string]string{"a.jpg": "2026-05-01 11:00:45", "b.jpg": "2026-05-01 12:30:45"}
	for _, r := range club.Piwigo().Received() {
		if r.Date != want[r.File] {
			t.Errorf("Piwigo %s: %s, want %s", r.File, r.Date, want[r.File])
		}
	}
	for _, r := range ip.Ipernity().Received() {
		if r.CreatedAt != want[r.Name] {
			t.Errorf("ipernity %s: %s, want %s", r.Name, r.CreatedAt, want[r.Name])
		}
	}
}
