package piwigo

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAddSimpleStoresThePhotoAsItCame(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	v := r.as("admin")
	album := v.album("Hafen")
	pic := dated(1)
	id := v.simple("IMG_0001.JPG", pic, field{"category", album}, field{"name", "Title"}, field{"author", "Ada"},
		field{"comment", "Words"}, field{"level", 3}, field{"tags", `a,b\,c, a`}, field{"date_creation", "1999-01-01 00:00:00"})
	sha := sha256.Sum256(pic)
	g := r.only()
	want := Received{
		ID: 1, File: "IMG_0001.JPG", Size: int64(len(pic)), SHA256: hex.EncodeToString(sha[:]), MD5: sum(pic), Claimed: sum(pic),
		Title: "Title", Comment: "Words", Author: "Ada", Date: "2024-05-01 10:11:12", Tags: []string{"a", "b,c"}, Level: 3,
		Lounge: []int{album}, By: "admin", At: g.At,
	}
	if fmt.Sprint(g) != fmt.Sprint(want) || id != 1.0 {
		t.Errorf("received %+v\nwant %+v", g, want)
	}
	kept, err := os.ReadFile(r.store.file(r.store.photos[1]))
	if err != nil || !bytes.Equal(kept, pic) {
		t.Errorf("the file differs: %v", err)
	}
	v.ok("pwg.images.uploadCompleted", fields{{"category_id", album}, {"pwg_token", v.token}, {"image_id", 1}})
	if g := r.only(); !g.Visible || !slices.Equal(g.Albums, []int{album}) || !slices.Equal(g.Ranks, []int{1}) || len(g.Lounge) != 0 {
		t.Errorf("after uploadCompleted: %+v", g)
	}
}

func TestTheLounge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options Options
		do      func(v *visit)
		waits   bool
	}{
		{"nobody calls", Options{}, func(*visit) {}, true},
		{"another call", Options{}, func(v *visit) { v.ok("pwg.session.getStatus", nil) }, true},
		{"another call, much later", Options{LoungeMaxAge: time.Nanosecond}, func(v *visit) { v.ok("pwg.session.getStatus", nil) }, false},
		{"an upload, much later", Options{LoungeMaxAge: time.Nanosecond}, func(v *visit) { v.async(picture(9), 0, 2) }, true},
		{"emptied", Options{}, func(v *visit) { v.ok("pwg.images.emptyLounge", nil) }, false},
		{"no lounge", Options{NoLounge: true}, func(*visit) {}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.options)
			v := r.as("admin")
			v.simple("a.jpg", picture(1), field{"category", v.album("A")})
			c.do(v)
			if g := r.only(); (len(g.Lounge) == 1) != c.waits || g.Visible == c.waits || g.Orphan {
				t.Errorf("%+v", g)
			}
			if a := r.Albums()[0]; (a.Photos == 0) != c.waits {
				t.Errorf("album %+v", a)
			}
		})
	}
}

func TestDuplicatesHaveTheirOldIDAsAString(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options Options
		known   bool
	}{
		{"detected", Options{}, true},
		{"accepted", Options{AcceptDuplicates: true}, false},
		{"before 14", Options{Version: V13}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.options)
			v := r.as("admin")
			a, b := v.album("A"), v.album("B")
			v.simple("a.jpg", picture(1), field{"category", a}, field{"name", "old"}, field{"level", 8})
			id := v.simple("other.jpg", picture(1), field{"category", b}, field{"name", "new"})
			got := r.Received()
			if !c.known {
				if id != 2.0 || len(got) != 2 {
					t.Errorf("%v, %d photos", id, len(got))
				}
				return
			}
			if id != "1" || len(got) != 1 || got[0].Title != "new" || got[0].Level != 0 || len(got[0].Lounge) != 2 {
				t.Errorf("%T %v, %+v", id, id, got)
			}
		})
	}
}

func upload(v *visit, name string, data []byte, more ...field) answer {
	v.t.Helper()
	f := append(fields{{"pwg_token", v.token}, {"name", name}, {"file", fileField{"blob", data}}}, more...)
	return v.post("pwg.images.upload", f)
}

func TestTheBufferOfUploadTakesWhateverArrives(t *testing.T) {
	t.Parallel()
	pic := picture(1)
	half := func(i int) []byte { return slice(pic, i, 2) }
	type piece struct {
		data   []byte
		chunks []field // chunk and chunks
	}
	of := func(chunk, chunks int) []field { return []field{{"chunk", chunk}, {"chunks", chunks}} }
	for _, c := range []struct {
		name   string
		pieces []piece
		want   []byte
	}{
		{"whole", []piece{{pic, nil}}, pic},
		{"two chunks", []piece{{half(0), of(0, 2)}, {half(1), of(1, 2)}}, pic},
		{"a chunk twice", []piece{{half(0), of(0, 2)}, {half(0), of(0, 2)}, {half(1), of(1, 2)}}, slices.Concat(half(0), half(0), half(1))},
		{"a leftover before a single chunk", []piece{{half(0), of(0, 2)}, {pic, of(0, 1)}}, slices.Concat(half(0), pic)},
		{"a leftover before a whole", []piece{{half(0), of(0, 2)}, {pic, nil}}, pic},
		{"the last one alone", []piece{{pic, of(1, 2)}}, pic},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Options{})
			v := r.as("admin")
			album := v.album("A")
			var last answer
			for i, p := range c.pieces {
				last = upload(v, "IMG_0001.JPG", p.data, append(p.chunks, field{"category", album})...)
				if i < len(c.pieces)-1 && (last.Stat != "ok" || last.Result != nil) {
					t.Fatalf("piece %d: %s", i, last.body)
				}
			}
			if last.Stat != "ok" || last.Result.(map[string]any)["image_id"] != 1.0 {
				t.Fatal(last.body)
			}
			if r.only().MD5 != sum(c.want) {
				t.Error("the photo is not what was appended")
			}
		})
	}
}

// parallel sends n different photos of one name at once.
func parallel(t *testing.T, n int, send func(i int, pic []byte)) (sums map[string]bool) {
	t.Helper()
	sums = map[string]bool{}
	var wg sync.WaitGroup
	for i := range n {
		pic := append(picture(i), make([]byte, 50_000)...)
		sums[sum(pic)] = true
		wg.Go(func() { send(i, pic) })
	}
	wg.Wait()
	return sums
}

func TestPhotosOfOneNameAtOnce(t *testing.T) {
	t.Parallel()
	const n = 40
	for name, send := range map[string]func(v *visit, pic []byte) answer{
		"addSimple": func(v *visit, pic []byte) answer {
			return v.post("pwg.images.addSimple", fields{{"category", 1}, {"image", fileField{"IMG_0001.JPG", pic}}})
		},
		"uploadAsync": func(v *visit, pic []byte) answer {
			v.async(pic, 1, 2, field{"category", 1})
			return v.async(pic, 0, 2, field{"category", 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Options{})
			v := r.as("admin")
			v.album("A")
			sums := parallel(t, n, func(i int, pic []byte) {
				if a := send(&visit{rig: r, cookie: v.cookie}, pic); a.Stat != "ok" {
					t.Errorf("%d: %s", i, a.body)
				}
			})
			for _, g := range r.Received() {
				delete(sums, g.MD5)
			}
			if len(r.Received()) != n || len(sums) != 0 {
				t.Errorf("%d photos, %d missing", len(r.Received()), len(sums))
			}
		})
	}
	t.Run("upload", func(t *testing.T) { // loses some, and must survive that
		t.Parallel()
		r := newRig(t, Options{})
		v := r.as("admin")
		v.album("A")
		parallel(t, n, func(_ int, pic []byte) {
			upload(&visit{rig: r, cookie: v.cookie, token: v.token}, "IMG_0001.JPG", pic, field{"category", 1})
		})
		for _, g := range r.Received() {
			data, err := os.ReadFile(r.store.file(r.store.photos[g.ID]))
			if err != nil || sum(data) != g.MD5 {
				t.Errorf("photo %d is not what the index says: %v", g.ID, err)
			}
		}
	})
}

func TestUpdateModeNeedsThePhotoInItsAlbum(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	v := r.as("admin")
	album := v.album("A")
	update := []field{{"category", album}, {"update_mode", "true"}}
	upload(v, "a.jpg", picture(1), update...)
	a := upload(v, "a.jpg", picture(2), update...).Result.(map[string]any)
	if a["image_id"] != 2.0 || a["add_status"] != "add" {
		t.Errorf("while the first one waits in the lounge: %v", a)
	}
	v.ok("pwg.images.emptyLounge", nil)
	a = upload(v, "a.jpg", picture(3), update...).Result.(map[string]any)
	if a["image_id"] != "1" || a["add_status"] != "update" {
		t.Errorf("in its album: %v", a)
	}
	got := r.Received()
	if len(got) != 2 || got[0].MD5 != sum(picture(3)) || len(got[0].Replaced) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestAddBelievesAndSkipsTheLounge(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	v := r.as("admin")
	a, b := v.album("A"), v.album("B")
	pic, claimed := picture(1), strings.Repeat("ab", 16)
	for i := range 2 {
		part := base64.StdEncoding.EncodeToString(slice(pic, i, 2))
		v.ok("pwg.images.addChunk", fields{{"data", part}, {"original_sum", claimed}, {"position", i}})
	}
	add := fields{{"original_sum", claimed}, {"original_filename", "a.jpg"}, {"categories", fmt.Sprintf("%d;%d,7", a, b)}, {"date_creation", "2020-01-02 03:04:05"}}
	v.ok("pwg.images.add", add)
	g := r.only()
	if g.MD5 != sum(pic) || g.Claimed != claimed || !slices.Equal(g.Albums, []int{a, b}) || !slices.Equal(g.Ranks, []int{1, 7}) || g.Date != "2020-01-02 03:04:05" {
		t.Errorf("%+v", g)
	}
	if got := v.ok("pwg.images.exist", fields{{"md5sum_list", claimed}}).(map[string]any); got[claimed] != "1" {
		t.Errorf("exist says %v", got)
	}
	v.wants(500, 500, "file already exists", "pwg.images.add", add)
	if a := v.post("pwg.images.add", fields{{"original_sum", sum(picture(2))}, {"original_filename", "b.jpg"}}); !strings.HasSuffix(a.body, "forbidden file type") {
		t.Errorf("without chunks: %s", a.body)
	}
}

func TestAsyncGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pic := picture(1)
	r := newRig(t, Options{Dir: dir})
	if a := r.as("admin").async(pic, 0, 3); a.Result.(map[string]any)["message"] != "chunks uploaded = 1" {
		t.Fatal(a.body)
	}
	again := newRig(t, Options{Dir: dir})
	v := again.as("admin")
	if a := v.async(pic, 2, 3); a.Result.(map[string]any)["message"] != "chunks uploaded = 1,3" {
		t.Fatal(a.body)
	}
	a := v.async(pic, 1, 3, field{"date_creation", "2026:01:02T03"}, field{"tag_ids", "1,2"}, field{"level", 99})
	got, ok := a.Result.(map[string]any)
	if !ok || got["id"] != 1.0 || got["md5sum"] != sum(pic) || got["date_creation"] != "2026-01-02 03:00:00" || got["level"] != "8" {
		t.Fatal(a.body)
	}
	if err := again.store.forgetOldChunks(time.Now().Add(8 * 24 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(again.store.buffer("")); len(left) != 0 {
		t.Errorf("%d files left in the buffer", len(left))
	}
}

func TestAMergeThatDiedBlocksThePhoto(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pic := picture(1)
	r := newRig(t, Options{Dir: dir, MergeCrashEvery: 1, KeepMerged: true})
	v := r.as("admin")
	if a := v.async(pic, 0, 1); a.status != 502 || a.json {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.configure(func(o *Options) { o.MergeCrashEvery = 0 })
	blocked := func(r *rig) bool {
		a := r.as("admin").async(pic, 0, 1)
		got, _ := a.Result.(map[string]any)
		return got["message"] == "chunks uploaded = 1"
	}
	if !blocked(r) || !blocked(newRig(t, Options{Dir: dir, KeepMerged: true})) {
		t.Error("it is not blocked")
	}
	again := newRig(t, Options{Dir: dir})
	if blocked(again) || again.only().MD5 != sum(pic) {
		t.Error("it is blocked although somebody has cleaned up")
	}
}
