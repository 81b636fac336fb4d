package ipernity

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/practice/journal"
	"github.com/photoferry/photoferry/app/practice/practicetest"
)

// reopen does something to a directory that is not open, and opens it again.
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

func TestEverythingButFrobsSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir, Processing: time.Minute})
	me := r.as("member")
	album := dig(r.ok("album.create", me.with("title", "A")), "album", "album_id")
	gone := dig(r.ok("album.create", me.with("title", "B")), "album", "album_id")
	stay := r.stored(me.with("title", "Été", "keywords", "a,b", "album_id", album, "lat", "1", "lng", "2", "async", "0"), "a.jpg", picture(10, 10, 1))
	dropped := r.stored(me.with("async", "0"), "b.jpg", picture(10, 10, 2))
	pending := r.upload(me, "c.jpg", picture(10, 10, 3))
	invalid := r.upload(me, "d.jpg", []byte("none"))
	if err := r.DeletePhoto(dropped); err != nil {
		t.Fatal(err)
	}
	r.ok("doc.set", me.with("doc_id", stay, "description", "D"))
	r.ok("album.delete", me.with("album_id", gone))
	frob := r.frob()
	before := r.Received()

	again, err := reopen(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	after := again.Received()
	for i := range after {
		if !after[i].At.Equal(before[i].At) {
			t.Errorf("received at %v, before %v", after[i].At, before[i].At)
		}
		after[i].At, before[i].At = time.Time{}, time.Time{}
	}
	if !reflect.DeepEqual(after, before) {
		t.Errorf("received %+v,\nbefore   %+v", after, before)
	}
	again.ok("auth.checkToken", me)
	again.wantCode(2, "auth.getToken", params{"frob": frob})
	if m := again.ok("upload.checkTickets", me.with("tickets", pending+","+invalid)); dig(m, "tickets", "left") != "2" {
		t.Errorf("tickets that are pending: %v", m)
	}
	again.turn(time.Minute)
	if m := again.ok("upload.checkTickets", me.with("tickets", pending+","+invalid)); dig(m, "tickets", "done") != "1" || dig(m, "tickets", "invalid") != "1" {
		t.Errorf("tickets that are processed: %v", m)
	}
	if got := again.titles(me.with("empty", "1")); len(got) != 1 || got[0] != "A" {
		t.Errorf("albums are %v", got)
	}
	next := again.stored(me, "e.jpg", picture(10, 10, 4))
	for _, g := range before {
		if g.DocID == next || g.Ticket == again.last().Ticket {
			t.Error("an ID is used again")
		}
	}
	again.RevokeTokens()
	last, err := reopen(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	last.wantCode(107, "auth.checkToken", me)
}

func TestDamageIsRepairedOrReported(t *testing.T) {
	index := func(dir string) string { return filepath.Join(dir, "index.log") }
	var temp string // of the second document
	for _, c := range []struct {
		name   string
		damage func(dir, second string) error
		want   string // what must be left: "both", "first", or an error's text
	}{
		{"nothing", func(string, string) error { return nil }, "both"},
		{"half a line at the end", func(dir, _ string) error {
			return practicetest.Change(index(dir), func(b []byte) []byte { return append(b, "0123"...) })
		}, "both"},
		{"last line without its end", func(dir, _ string) error {
			return practicetest.Change(index(dir), func(b []byte) []byte { return b[:len(b)-1] })
		}, "first"},
		{"last line changed", func(dir, _ string) error {
			return practicetest.Change(index(dir), func(b []byte) []byte { b[len(b)-5]++; return b })
		}, "first"},
		{"first line changed", func(dir, _ string) error {
			return practicetest.Change(index(dir), func(b []byte) []byte { b[20]++; return b })
		}, "line 1"},
		{"document deleted", func(dir, second string) error { return os.Remove(filepath.Join(dir, "docs", second)) }, "first"},
		{"document cut", func(dir, second string) error {
			return practicetest.Change(filepath.Join(dir, "docs", second), func(b []byte) []byte { return b[:len(b)/2] })
		}, "first"},
		{"document not yet in place", func(dir, second string) error {
			return os.Rename(filepath.Join(dir, "docs", second), filepath.Join(dir, "incoming", temp))
		}, "both"},
		{"record that is not whole", func(dir, _ string) error {
			j, err := journal.Open(index(dir), journal.Options{}, func(record) error { return nil })
			if err != nil {
				return err
			}
			return errors.Join(j.Append(record{Op: opAdd}), j.Close())
		}, errNotWhole.Error()},
		{"half an upload", func(dir, _ string) error {
			return os.WriteFile(filepath.Join(dir, "incoming", "0123"), []byte("half"), 0o600)
		}, "both"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			r := newRig(t, Options{Dir: dir})
			me := r.as("member")
			docs := []string{r.stored(me, "a.jpg", picture(10, 10, 1)), r.stored(me, "b.jpg", picture(10, 10, 2))}
			temp = r.store.docs[1].Temp
			again, err := reopen(t, dir, func() error { return c.damage(dir, docs[1]+".jpg") })
			if err != nil || c.want != "both" && c.want != "first" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("opening says %v", err)
				}
				return
			}
			for i, id := range docs {
				a := again.call("doc.get", me.with("doc_id", id))
				if want := i == 0 || c.want == "both"; (code(t, a) == 0) != want {
					t.Errorf("document %d: %s", i, a.body)
				} else if want {
					path := strings.TrimPrefix(dig(a.json(t), "doc", "original", "url"), again.base)
					if !bytes.Equal(again.get(path).body, picture(10, 10, byte(i+1))) {
						t.Errorf("document %d is not whole", i)
					}
				}
			}
			if left, _ := os.ReadDir(filepath.Join(dir, "incoming")); len(left) != 0 {
				t.Errorf("%d files left in incoming", len(left))
			}
		})
	}
}

func TestAnUploadThatCannotBePlacedIsUndone(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	me := r.as("member")
	album := dig(r.ok("album.create", me.with("title", "A")), "album", "album_id")
	if err := os.Mkdir(filepath.Join(dir, "docs", decimal(firstDoc)+".jpg"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := code(t, r.send("upload.file", me.with("album_id", album), filePart("a.jpg", picture(8, 8, 1)))); got != serviceError {
		t.Errorf("code %d", got)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "incoming")); len(left) != 0 || len(r.Received()) != 0 {
		t.Errorf("%d files left in incoming, received %v", len(left), r.Received())
	}
	if err := os.Remove(filepath.Join(dir, "docs", decimal(firstDoc)+".jpg")); err != nil {
		t.Fatal(err)
	}
	again, err := reopen(t, dir, nil)
	if err != nil || len(again.Received()) != 0 {
		t.Fatalf("after a restart: %v, %v", again.Received(), err)
	}
	again.stored(me.with("album_id", album), "a.jpg", picture(8, 8, 1))
}

func TestAClosedServerFailsItsCalls(t *testing.T) {
	s, err := New(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if s.Token("member", "write") == "" {
		t.Error("no token")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s.Token("member", "write") != "" {
		t.Error("a token that is not on the disk")
	}
	s.RevokeTokens()
}
