package universal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

// reopen closes a server, lets something happen, and opens its directory again.
func reopen(t *testing.T, dir string, between func() error) (*rig, error) {
	t.Helper()
	if between != nil {
		if err := between(); err != nil {
			t.Fatal(err)
		}
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

func TestEverythingButBrowsersSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	old := r.as("ann")
	r.ExpireSessions()
	u := r.as("ann")
	aid := u.mustObject("up.photos.createAlbum", params{"name": "Été", "description": "D"})["aid"].(string)
	gone := u.mustObject("up.photos.createAlbum", params{"name": "Gone"})["aid"].(string)
	u.upload(params{"aid": aid, "caption": "C \xff"}, "a.jpg", picture("1"))
	lost := u.upload(params{"aid": gone}, "b.jpg", picture("2"))["pid"]
	deleted := u.upload(nil, "c.jpg", picture("3"))["pid"].(string)
	if err := r.DeletePhoto(deleted); err != nil {
		t.Fatal(err)
	}
	if err := r.ApprovePhotos(); err != nil {
		t.Fatal(err)
	}
	waits := u.upload(nil, "d.jpg", picture("4"))["pid"]
	if err := r.DeleteAlbum(gone); err != nil {
		t.Fatal(err)
	}
	u.call("up.friends.get", params{"call_id": "1172623588.02301"}).want(0, "call_id")
	asked, allowed, used := r.createToken(nil), r.createToken(params{"expires": "0"}), r.createToken(nil)
	r.do(record{Op: opApprove, Token: allowed, UID: "219074"}, record{Op: opApprove, Token: used, UID: "8055"})
	r.getSession(used, nil).want(0, "used")
	photos, albums := r.Received(), r.Albums()

	again, err := reopen(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := again.Received()
	for i := range got {
		if !got[i].Created.Equal(photos[i].Created) {
			t.Errorf("created %v, before %v", got[i].Created, photos[i].Created)
		}
		got[i].Created = photos[i].Created
	}
	if !reflect.DeepEqual(got, photos) || photos[3].PID != waits || !photos[3].Pending || photos[0].Pending || photos[1].PID != lost || !photos[1].Removed {
		t.Errorf("received %+v\n before %+v", got, photos)
	}
	after := again.Albums()
	for i := range after {
		after[i].Created, after[i].Modified = albums[i].Created, albums[i].Modified
	}
	if !reflect.DeepEqual(after, albums) || len(albums) != 2 {
		t.Errorf("albums %+v\n  before %+v", after, albums)
	}
	old.rig, u.rig = again, again
	old.call("up.friends.get", nil).want(102, "ended before")
	u.call("up.friends.get", params{"call_id": "1172623588.02301"}).want(103, "call_id of before")
	u.call("up.friends.get", params{"call_id": "1172623588.023011"}).want(0, "next call_id")
	again.getSession(asked, nil).want(100, "not allowed yet")
	again.getSession(used, nil).want(100, "used before")
	again.getSession(allowed, nil).want(0, "allowed before")
	if a := again.request("GET", again.loginURL(asked), "", nil); a.status != 200 {
		t.Errorf("login page of a token of before: %d", a.status)
	}
}

func TestDamageIsRepairedOrReported(t *testing.T) {
	index := func(f func([]byte) []byte) func(string, []Received) error {
		return func(dir string, _ []Received) error { return practicetest.Change(filepath.Join(dir, "index.log"), f) }
	}
	file := func(dir string, p Received) string { return filepath.Join(dir, "photos", p.PID+".jpg") }
	var temp string // of the second photo
	for _, c := range []struct {
		name   string
		damage func(dir string, photos []Received) error
		want   string // what must be left: "both", "first", or an error's text
	}{
		{"nothing", func(string, []Received) error { return nil }, "both"},
		{"half a line at the end", index(func(b []byte) []byte { return append(b, "0123"...) }), "both"},
		{"last line without its end", index(func(b []byte) []byte { return b[:len(b)-1] }), "first"},
		{"last line changed", index(func(b []byte) []byte { b[len(b)-5]++; return b }), "first"},
		{"first line changed", index(func(b []byte) []byte { b[20]++; return b }), "line 1"},
		{"photo deleted", func(dir string, p []Received) error { return os.Remove(file(dir, p[1])) }, "first"},
		{"photo cut", func(dir string, p []Received) error {
			return practicetest.Change(file(dir, p[1]), func(b []byte) []byte { return b[:len(b)/2] })
		}, "first"},
		{"photo not yet in place", func(dir string, p []Received) error {
			return os.Rename(file(dir, p[1]), filepath.Join(dir, "incoming", temp))
		}, "both"},
		{"half an upload", func(dir string, _ []Received) error {
			return os.WriteFile(filepath.Join(dir, "incoming", "0123"), []byte("half"), 0o600)
		}, "both"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			r := newRig(t, Options{Dir: dir})
			u := r.as("ann")
			u.upload(nil, "a.jpg", picture("1"))
			u.upload(nil, "b.jpg", picture("2"))
			photos := r.Received()
			temp = r.store.byPID[photos[1].PID].Temp
			again, err := reopen(t, dir, func() error { return c.damage(dir, photos) })
			if err != nil || c.want != "both" && c.want != "first" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("opening says %v", err)
				}
				return
			}
			u.rig = again
			want := []string{photos[0].PID}
			if c.want == "both" {
				want = append(want, photos[1].PID)
			}
			if got := u.pids(params{"aid": photos[0].AID}); !reflect.DeepEqual(got, want) {
				t.Errorf("left %v, want %v", got, want)
			}
			for i := range want {
				if b, err := os.ReadFile(file(dir, photos[i])); err != nil || int64(len(b)) != photos[i].Size {
					t.Errorf("photo %d is not whole: %v", i, err)
				}
			}
			if left, _ := os.ReadDir(filepath.Join(dir, "incoming")); len(left) != 0 {
				t.Errorf("%d files left in incoming", len(left))
			}
		})
	}
}

func TestASyncedServerWorksLikeAnother(t *testing.T) {
	s, err := New(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if key, _ := s.Session("ann"); key == "" {
		t.Error("no session")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.ExpireSessions() // only says so in the log
	if key, secret := s.Session("ann"); key != "" || secret != "" {
		t.Error("a session that nobody will remember")
	}
	if err := s.ApprovePhotos(); err != nil {
		t.Errorf("approving nothing: %v", err)
	}
}

// FuzzApply: whatever an index holds, it can be applied.
func FuzzApply(f *testing.F) {
	var all []record
	for _, r := range []record{
		{Op: opToken, Token: "t"}, {Op: opApprove, Token: "t", UID: "1"}, {Op: opSession, Token: "t", Session: "s"}, {Op: opCall, Session: "s", CallID: 1.5},
		{Op: opAlbum, AID: "1"}, {Op: opAdd, AID: "1", PID: "2", At: time.Unix(0, 0)}, {Op: opPublish, PIDs: []string{"2", "3"}},
		{Op: opUndo, PID: "2"}, {Op: opRemove, PID: "2"}, {Op: opDrop, AID: "1"}, {Op: opExpire}, {Op: opAdd, AID: "9", PID: "9"}, {Op: opRemove, PID: "9"},
	} {
		all = append(all, r)
		data, err := json.Marshal(all)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var records []record
		if json.Unmarshal(data, &records) != nil {
			return
		}
		st := &store{tokens: map[string]*token{}, sessions: map[string]*session{}, byAID: map[string]*album{}, byPID: map[string]*photo{}}
		for _, r := range records {
			st.apply(r)
		}
		st.received()
		st.albumViews(viewer{}, false, func(*album) bool { return true })
	})
}
