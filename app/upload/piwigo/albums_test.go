package piwigo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/piwigo"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func TestAlbums(t *testing.T) {
	b := startServer(t, emulator.Options{WarningRate: 0.3})
	c := clientFor(t, b.with("lanes=4"))
	var wg sync.WaitGroup
	for range 8 {
		it := uploadtest.Item("a.jpg", 20_000)
		it.Album = "Reisen & <mehr>/2026 🌴/Hafen \"Süd\""
		wg.Go(func() {
			if r, err := c.Upload(t.Context(), it); err != nil || r.Album != "Reisen & ‹mehr›/2026 □/Hafen \"Süd\"" {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	wg.Wait()
	// By somebody who has just started, too.
	it := uploadtest.Item("b.jpg", 20_000)
	it.Album = "Reisen & <mehr>/2026 🌴"
	if _, err := clientFor(t, b.account()).Upload(t.Context(), it); err != nil {
		t.Error(err)
	}
	if n := len(b.Albums()); n != 3 {
		t.Errorf("%d albums, want 3: %+v", n, b.Albums())
	}
	paths, err := c.Albums(t.Context())
	if err != nil || len(paths) != 3 || paths[2] != "Reisen & ‹mehr›/2026 □/Hafen \"Süd\"" {
		t.Errorf("%q, %v", paths, err)
	}
	// An album that was deleted is made again, not missed.
	all := b.Albums()
	for _, al := range slices.Backward(all) {
		if err := b.DeleteAlbum(al.ID); err != nil {
			t.Fatal(err)
		}
	}
	c.albums.doubt(t.Context())
	it = uploadtest.Item("c.jpg", 20_000)
	it.Album = "Reisen & <mehr>/2026 🌴"
	if _, err := c.Upload(t.Context(), it); err != nil {
		t.Error(err)
	}
	if n := len(b.Albums()); n != 2 {
		t.Errorf("%d albums, want 2", n)
	}
}

func TestAlbumByID(t *testing.T) {
	b := startServer(t, emulator.Options{})
	it := uploadtest.Item("a.jpg", 20_000)
	it.Album = "First"
	if _, err := clientFor(t, b.account()).Upload(t.Context(), it); err != nil {
		t.Fatal(err)
	}
	c := clientFor(t, b.with("album=id:"+strconv.Itoa(b.Albums()[0].ID)))
	if r, err := c.Upload(t.Context(), uploadtest.Item("b.jpg", 20_000)); err != nil || r.Album != "First" {
		t.Errorf("%+v, %v", r, err)
	}
	c = clientFor(t, b.with("album=id:9999"))
	_, err := c.Upload(t.Context(), uploadtest.Item("c.jpg", 20_000))
	mustKind(t, err, upload.Denied, "no album")
	_, err = c.Check(t.Context())
	mustKind(t, err, upload.Denied, "no album")
}

func TestKnownPhotoJoinsAnotherAlbum(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := clientFor(t, b.account())
	it := uploadtest.Item("a.jpg", 20_000)
	it.Album = "One"
	first, err := c.Upload(t.Context(), it)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	albums := func() int { return len(b.kept()[0].Albums) }
	it.Album = ""
	if r, err := c.Find(t.Context(), it); err != nil || !r.Known || albums() != 1 {
		t.Errorf("%+v, %v, in %d albums", r, err, albums())
	}
	it.Album = "Two/Three"
	r, err := c.Find(t.Context(), it)
	if err != nil || r.RemoteID != first.RemoteID || r.Album != "Two/Three" || albums() != 2 {
		t.Errorf("%+v, %v, in %d albums", r, err, albums())
	}
	b.mustHold(it)
}

func TestFinish(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := clientFor(t, b.account())
	if err := c.Finish(t.Context()); err != nil || b.Requests("pwg.getVersion") != 0 {
		t.Errorf("%v; somebody was asked for nothing", err)
	}
	it := uploadtest.Item("a.jpg", 20_000)
	if _, err := c.Upload(t.Context(), it); err != nil {
		t.Fatal(err)
	}
	if b.kept()[0].Visible {
		t.Error("the photo is visible before the end of the batch")
	}
	// A crash, and the next start.
	c = clientFor(t, b.account())
	if err := c.Finish(t.Context()); err != nil {
		t.Error(err)
	}
	if !b.kept()[0].Visible || b.memory.Load(keyLounge) != "" {
		t.Errorf("still waits: %+v, %q", b.kept()[0], b.memory.Load(keyLounge))
	}
	n := b.Requests("pwg.images.uploadCompleted")
	if err := c.Finish(t.Context()); err != nil || b.Requests("pwg.images.uploadCompleted") != n {
		t.Errorf("%v; asked again", err)
	}
}

func TestModeratedPhotos(t *testing.T) {
	b := startServer(t, emulator.Options{Community: true})
	a := b.account()
	a.User = "member"
	c := clientFor(t, a)
	it := uploadtest.Item("a.jpg", 20_000)
	r, err := c.Upload(t.Context(), it)
	if err != nil || !strings.Contains(r.Verified, "moderator") {
		t.Errorf("%+v, %v", r, err)
	}
	if err := clientFor(t, a).Finish(t.Context()); err != nil {
		t.Error(err)
	}
	if b.Requests("community.images.uploadCompleted") != 1 || b.Requests("pwg.images.uploadCompleted") != 1 {
		t.Error("the moderators were not told, or the lounge not emptied")
	}
	if !b.kept()[0].Pending {
		t.Error("the photo does not wait for a moderator")
	}
}

func TestAlbumLists(t *testing.T) {
	for name, tt := range map[string]struct{ list, want string }{
		"16":         {`{"categories":[{"id":3,"name":"A &amp; B","name_raw":"A & B","id_uppercat":null,"uppercats":"3"},{"id":4,"name":"C","id_uppercat":"3","uppercats":"3,4"}]}`, "3 A & B, 4 A & B/C"},
		"old":        {`{"categories":[{"id":"4","name":"C","id_uppercat":3},{"id":"3","name":"A &amp; B"}]}`, "3 A & B, 4 A & B/C"},
		"bare":       {`[{"id":3,"name":"A/B"}]`, "3 A" + slash + "B"},
		"Community":  {`{"categories":[{"id":1,"name":"M","uppercats":"1"},{"id":4,"name":"Sub","uppercats":"1,4"},{"id":9,"name":"deep","uppercats":"7,8,9"}]}`, "1 M, 4 M/Sub, 9 deep"},
		"in circles": {`{"categories":[{"id":1,"name":"a","id_uppercat":2},{"id":2,"name":"b","id_uppercat":1}]}`, "1 b/a/b/a, 2 a/b/a/b"},
		"none":       {`{"categories":[]}`, ""},
	} {
		var list albumList
		if err := json.Unmarshal([]byte(tt.list), &list); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range tree(list.Albums) {
			got = append(got, fmt.Sprintf("%d %s", a.id, a.path))
		}
		if name == "in circles" {
			continue // it ends, which is all that is wanted
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
