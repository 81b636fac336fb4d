package picapport

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

// reopen closes a server and opens its directory again.
func reopen(t *testing.T, dir string, between func()) (*rig, error) {
	t.Helper()
	if between != nil {
		between()
	}
	s, err := New(Options{Dir: dir, NoSync: true})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return newRig(t, Options{Dir: dir}), nil
}

func TestEverythingButSessionsSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	a := r.login("admin", "admin")
	stay := r.uploadOne(a, "a.jpg", `{"title":"T","photoID":"`+goodID()+`"}`, picture(10, 10, 1))
	gone := r.uploadOne(a, "b.jpg", `{"photoID":"`+goodID()+`"}`, picture(10, 10, 2))
	own := r.uploadOne(a, "c.jpg", "", picture(10, 10, 3))
	if err := r.DeletePhoto(gone); err != nil {
		t.Fatal(err)
	}
	sid, err := r.Share("admin", "Name", "", time.Time{}, stay)
	if err != nil {
		t.Fatal(err)
	}
	before := r.Received()

	again, err := reopen(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range again.Received() {
		g.At, before[i].At = time.Time{}, time.Time{}
		if !reflect.DeepEqual(g, before[i]) {
			t.Errorf("received %+v, before %+v", g, before[i])
		}
	}
	again.wantStatus(403, "runQuery", params{"apisid": a, "query": "@"})
	a = again.login("admin", "admin")
	for id, exists := range map[string]bool{stay: true, gone: false, own: true} {
		if got := again.ok("checkPhotoId", params{"apisid": a, "photoid": id}); got["exists"] != exists || got["alreadySynced"] != true {
			t.Errorf("%s: %v", id, got)
		}
	}
	if m := again.ok("getPhotoMetadata", params{"sid": sid, "index": "0"}); m["title"] != "T" {
		t.Errorf("metadata %v", m)
	}
	if res := again.upload(a, photoPart("b.jpg", picture(10, 10, 4)))[0]; res["fileName"] != "b_2.jpg" {
		t.Errorf("the name of a deleted photo is used again: %v", res)
	}
}

func TestDamageIsRepairedOrReported(t *testing.T) {
	file := func(dir string, elem ...string) string { return filepath.Join(append([]string{dir}, elem...)...) }
	var temp string // of the second photo
	for _, c := range []struct {
		name   string
		damage func(dir string) error
		want   string // what must be left: "both", "first", or an error's text
	}{
		{"nothing", func(string) error { return nil }, "both"},
		{"half a line at the end", func(dir string) error {
			return practicetest.Change(file(dir, ".picapport", "db", "index.log"), func(b []byte) []byte { return append(b, "0123"...) })
		}, "both"},
		{"last line without its end", func(dir string) error {
			return practicetest.Change(file(dir, ".picapport", "db", "index.log"), func(b []byte) []byte { return b[:len(b)-1] })
		}, "first"},
		{"last line changed", func(dir string) error {
			return practicetest.Change(file(dir, ".picapport", "db", "index.log"), func(b []byte) []byte { b[len(b)-5]++; return b })
		}, "first"},
		{"first line changed", func(dir string) error {
			return practicetest.Change(file(dir, ".picapport", "db", "index.log"), func(b []byte) []byte { b[20]++; return b })
		}, "line 1"},
		{"photo deleted", func(dir string) error { return os.Remove(file(dir, "photos", "uploads", "b.jpg")) }, "first"},
		{"photo cut", func(dir string) error {
			return practicetest.Change(file(dir, "photos", "uploads", "b.jpg"), func(b []byte) []byte { return b[:len(b)/2] })
		}, "first"},
		{"photo not yet in place", func(dir string) error {
			return os.Rename(file(dir, "photos", "uploads", "b.jpg"), file(dir, ".picapport", "incoming", temp))
		}, "both"},
		{"half an upload", func(dir string) error {
			return os.WriteFile(file(dir, ".picapport", "incoming", "0123"), []byte("half"), 0o600)
		}, "both"},
		{"synced IDs cut", func(dir string) error {
			return practicetest.Change(file(dir, ".picapport", "photosync", "syncedPhotoIDs.txt"), func(b []byte) []byte { return b[:len(b)-5] })
		}, "both"},
		{"synced IDs lost", func(dir string) error { return os.Remove(file(dir, ".picapport", "photosync", "syncedPhotoIDs.txt")) }, "both"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			r := newRig(t, Options{Dir: dir})
			a := r.login("admin", "admin")
			ids := []string{goodID(), goodID()}
			r.uploadOne(a, "a.jpg", `{"photoID":"`+ids[0]+`"}`, picture(10, 10, 1))
			r.uploadOne(a, "b.jpg", `{"photoID":"`+ids[1]+`"}`, picture(10, 10, 2))
			temp = r.store.byID[ids[1]].Temp
			again, err := reopen(t, dir, func() {
				if err := c.damage(dir); err != nil {
					t.Fatal(err)
				}
			})
			if err != nil || c.want != "both" && c.want != "first" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("opening says %v", err)
				}
				return
			}
			a = again.login("admin", "admin")
			for i, id := range ids {
				p := params{"apisid": a, "photoid": id}
				got := again.ok("checkPhotoId", p)
				if want := i == 0 || c.want == "both"; got["exists"] != want {
					t.Errorf("photo %d: %v", i, got)
				} else if want && (got["alreadySynced"] != true || again.get("getPhoto", p).status != 200) {
					t.Errorf("photo %d is not whole: %v", i, got)
				}
			}
			if left, _ := os.ReadDir(file(dir, ".picapport", "incoming")); len(left) != 0 {
				t.Errorf("%d files left in incoming", len(left))
			}
		})
	}
}
