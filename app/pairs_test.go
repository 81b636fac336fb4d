package app

import (
	"encoding/binary"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo/phototest"
	"github.com/photoferry/photoferry/app/practice/piwigo"
)

func TestPairs(t *testing.T) {
	taken := time.Date(2026, 5, 1, 12, 30, 45, 0, time.UTC)
	raw := func(seed int, at time.Time) []byte {
		return phototest.Raw(phototest.Options{Seed: uint64(seed), Width: 1000, Height: 20, Taken: at})
	}
	shot := func(seed int, at time.Time) []byte {
		return phototest.JPEG(phototest.Options{Seed: uint64(seed), Taken: at})
	}
	for _, c := range []struct {
		rule, service string
		want          string
	}{
		{"", "picapport", "IMG_1.JPG IMG_2.jpg IMG_3.jpg IMG_4.jpg"},
		{"jpeg", "picapport", "IMG_1.JPG IMG_2.jpg IMG_3.jpg IMG_4.jpg"},
		{"raw", "picapport", "IMG_1.JPG IMG_2.jpg IMG_3.jpg IMG_4.jpg"},
		{"", "piwigo", "IMG_1.JPG IMG_1.NEF IMG_2.nef IMG_3.jpg IMG_4.nef"},
		{"jpeg", "piwigo", "IMG_1.JPG IMG_2.nef IMG_3.jpg IMG_4.nef"},
		{"raw", "piwigo", "IMG_1.NEF IMG_2.nef IMG_3.jpg IMG_4.nef"},
	} {
		t.Run(c.service+" "+c.rule, func(t *testing.T) {
			h, s := newHome(t), newServer(t, c.service)
			takesRaw(t, s)
			put(t, filepath.Join(h.folder, "IMG_1.NEF"), raw(1, taken))
			put(t, filepath.Join(h.folder, "IMG_1.JPG"), shot(1, taken))
			put(t, filepath.Join(h.folder, "IMG_1.xmp"), []byte(everyWord))
			put(t, filepath.Join(h.folder, "IMG_2.nef"), raw(2, taken))
			put(t, filepath.Join(h.folder, "IMG_3.jpg"), shot(3, taken))
			put(t, filepath.Join(h.folder, "IMG_4.nef"), raw(4, taken))
			put(t, filepath.Join(h.folder, "IMG_4.jpg"), []byte("this is no photo, whatever its name says"))
			h.with(func(a *App) {
				h.join(a, s)
				h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{c.service}, Pairs: c.rule})
				if r := h.deliverAll(a); r.Failed != 0 {
					t.Errorf("%+v", r)
				}
				page, err := a.Jobs(control.JobQuery{State: "skipped"})
				if err != nil {
					t.Fatal(err)
				}
				for _, j := range page.Jobs {
					if !strings.Contains(j.Error, "IMG_1.") || !strings.Contains(j.Error, "same shot") {
						t.Errorf("%s is skipped: %s", j.Path, j.Error)
					}
				}
			})
			var names []string
			if c.service == "picapport" {
				for _, r := range s.PicApport().Received() {
					names = append(names, r.Name)
				}
			} else {
				for _, r := range s.Piwigo().Received() {
					names = append(names, r.File)
				}
			}
			slices.Sort(names)
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("sent %s, want %s", got, c.want)
			}
		})
	}
}

// takesRaw has a Piwigo take raw files and films.
func takesRaw(t *testing.T, s *server) {
	t.Helper()
	if s.name != "piwigo" {
		return
	}
	if err := s.Piwigo().Configure(func(o *piwigo.Options) { o.FileTypes = []string{"jpg", "jpeg", "nef", "mov"} }); err != nil {
		t.Fatal(err)
	}
}

// Same names do not make a pair, and a JPEG that the folder leaves out is no
// reason to leave out its raw file.
func TestNoPairs(t *testing.T) {
	taken := time.Date(2026, 5, 1, 12, 30, 45, 0, time.UTC)
	for name, exclude := range map[string][]string{"another second": nil, "left out": {"*.jpg"}} {
		t.Run(name, func(t *testing.T) {
			h, s := newHome(t), newServer(t, "picapport")
			at := taken
			if exclude == nil {
				at = taken.Add(time.Second)
			}
			put(t, filepath.Join(h.folder, "a.nef"), phototest.Raw(phototest.Options{Seed: 1, Width: 1000, Height: 20, Taken: taken}))
			put(t, filepath.Join(h.folder, "a.jpg"), phototest.JPEG(phototest.Options{Seed: 1, Taken: at}))
			h.with(func(a *App) {
				h.join(a, s)
				h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"picapport"}, Pairs: "jpeg", Exclude: exclude})
				h.deliverAll(a)
				want := 2
				if exclude != nil {
					want = 1
				}
				if c := a.Status().Counts; c.Delivered != want || c.Skipped != 0 {
					t.Errorf("%+v", c)
				}
			})
		})
	}
}

// A film of a live photo goes with its picture where one file is wanted.
func TestLiveFilms(t *testing.T) {
	be := binary.BigEndian
	box := func(typ string, body []byte) []byte {
		return append(append(be.AppendUint32(nil, uint32(8+len(body))), typ...), body...)
	}
	const from1904 = 2082844800
	header := be.AppendUint32(make([]byte, 4), uint32(time.Date(2026, 5, 1, 10, 30, 43, 0, time.UTC).Unix()+from1904))
	film := slices.Concat(box("ftyp", []byte("qt  \x00\x00\x00\x00qt  ")), box("moov", box("mvhd", append(header, make([]byte, 92)...))), box("mdat", make([]byte, 1000)))
	for rule, skipped := range map[string]int{"both": 0, "jpeg": 1} {
		h, s := newHome(t), newServer(t, "piwigo")
		takesRaw(t, s)
		put(t, filepath.Join(h.folder, "IMG_1.MOV"), film)
		put(t, filepath.Join(h.folder, "IMG_1.JPG"), phototest.JPEG(phototest.Options{Taken: time.Date(2026, 5, 1, 12, 30, 45, 0, time.UTC)}))
		h.with(func(a *App) {
			h.join(a, s)
			h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"piwigo"}, Pairs: rule})
			h.deliverAll(a)
			if c := a.Status().Counts; c.Skipped != skipped || c.Delivered < 1 {
				t.Errorf("%s: %+v", rule, c)
			}
		})
	}
}
