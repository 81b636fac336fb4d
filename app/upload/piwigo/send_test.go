package piwigo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	emulator "github.com/photoferry/photoferry/app/practice/piwigo"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// deliver does what the engine does: it asks before it sends.
func deliver(ctx context.Context, c *Client, it upload.Item) (upload.Receipt, error) {
	r, err := c.Find(ctx, it)
	if errors.Is(err, upload.ErrNotFound) || errors.Is(err, errors.ErrUnsupported) {
		return c.Upload(ctx, it)
	}
	return r, err
}

// mustHold checks that the server has exactly these photos, whole and in an
// album.

func (b *bench) mustHold(items ...upload.Item) {
	b.t.Helper()
	got := map[[32]byte]int{}
	for _, p := range b.photos() {
		got[p.SHA256]++
	}
	for _, it := range items {
		if got[it.SHA256] != 1 {
			b.t.Errorf("%q is on the server %d times, want once", it.Name, got[it.SHA256])
		}
		delete(got, it.SHA256)
	}
	if len(got) > 0 {
		b.t.Errorf("%d photos that were not sent whole", len(got))
	}
}

func mustKind(t *testing.T, err error, kind upload.Kind, words string) {
	t.Helper()
	e, ok := errors.AsType[*upload.Error](err)
	if !ok || e.Kind != kind || !strings.Contains(e.Reason+" "+e.Hint, words) {
		t.Errorf("%v, want kind %v and the words %q", err, kind, words)
	}
}

func TestManyPhotosOfOneName(t *testing.T) {
	for _, method := range []string{"auto", "simple", "async", "upload"} {
		for _, chunk := range []int64{0, smallest} {
			t.Run(fmt.Sprintf("%s in chunks of %d", method, chunk), func(t *testing.T) {
				b := startServer(t, emulator.Options{WarningRate: 0.1})
				if chunk > 0 {
					now := strconv.FormatInt(time.Now().Unix(), 10)
					_ = b.memory.Store(keySingle, strconv.FormatInt(chunk, 10)+" "+now)
					_ = b.memory.Store(keyChunk, strconv.FormatInt(chunk, 10)+" "+now)
				}
				c := clientFor(t, b.with("method="+method, "lanes=4"))
				items := make([]upload.Item, 40)
				var wg sync.WaitGroup
				for i := range items {
					items[i] = uploadtest.Item("IMG_0001.JPG", 150_000)
					wg.Go(func() {
						r, err := deliver(t.Context(), c, items[i])
						if err != nil || r.Known || r.Verified != saysMD5 {
							t.Errorf("%+v, %v", r, err)
						}
					})
				}
				wg.Wait()
				b.mustHold(items...)
				for _, p := range b.kept() {
					if p.File != "IMG_0001.JPG" || p.Title != "IMG 0001" {
						t.Errorf("a photo has the name %q and the title %q", p.File, p.Title)
					}
				}
			})
		}
	}
}

func TestChunksAreResumed(t *testing.T) {
	for _, tt := range []struct {
		name     string
		forget   bool // the server loses its buffer meanwhile
		requests int
	}{{"where they ended", false, 6}, {"after the server lost them", true, 9}} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, emulator.Options{})
			a := b.with("method=async")
			it := uploadtest.Item("big.jpg", 5*firstChunk+7)
			it.SetMark = func(m string) error { it.Mark = m; return nil }
			b.fault("/pwg.images.uploadAsync:reset-before:skip=3")
			if _, err := clientFor(t, a).Upload(t.Context(), it); err == nil {
				t.Fatal("went through")
			}
			m, ok := parseMark(it.Mark, md5Of(it))
			if !ok || m.done != 3 {
				t.Fatalf("mark %q", it.Mark)
			}
			b.fault()
			if tt.forget {
				chunks, err := filepath.Glob(filepath.Join(b.dir, "upload", "buffer", "*.chunk"))
				if err != nil || len(chunks) != 3 {
					t.Fatalf("%q, %v", chunks, err)
				}
				for _, name := range chunks {
					if err := os.Remove(name); err != nil {
						t.Fatal(err)
					}
				}
			}
			r, err := clientFor(t, a).Upload(t.Context(), it)
			if err != nil || r.Known || r.Verified != saysMD5 {
				t.Errorf("%+v, %v", r, err)
			}
			if n := b.Requests("pwg.images.uploadAsync"); n != tt.requests {
				t.Errorf("%d requests, want %d", n, tt.requests)
			}
			b.mustHold(it)
		})
	}
}

func TestStuckMergeIsGoneAround(t *testing.T) {
	b := startServer(t, emulator.Options{MergeCrashEvery: 1})
	c := clientFor(t, b.with("method=async"))
	it := uploadtest.Item("big.jpg", 2*firstChunk)
	_, err := c.Upload(t.Context(), it)
	if upload.KindOf(err) != upload.Transient || err == nil {
		t.Fatalf("%v, want the crash", err)
	}
	r, err := deliver(t.Context(), c, it)
	if err != nil || r.Verified == "" {
		t.Errorf("%+v, %v", r, err)
	}
	b.mustHold(it)
}

func TestTimeoutAfterStoring(t *testing.T) {
	b := startServer(t, emulator.Options{TimeoutEvery: 1})
	c := clientFor(t, b.account())
	it := uploadtest.Item("slow.jpg", 30_000)
	r, err := c.Upload(t.Context(), it)
	if err != nil || r.Known || r.RemoteID == "" {
		t.Errorf("%+v, %v", r, err)
	}
	if c.lanes.allowed != 1 {
		t.Errorf("%d lanes after the server ran out of time", c.lanes.allowed)
	}
	b.mustHold(it)
}

func TestFirstPhotosOfTheDay(t *testing.T) {
	b := startServer(t, emulator.Options{MkdirRace: true})
	c := clientFor(t, b.with("lanes=4"))
	var wg sync.WaitGroup
	items := make([]upload.Item, 8)
	for i := range items {
		items[i] = uploadtest.Item("a.jpg", 20_000)
		wg.Go(func() {
			if _, err := c.Upload(t.Context(), items[i]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.mustHold(items...)
}

func TestTextsDatesAndNames(t *testing.T) {
	taken := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	for _, version := range []emulator.Version{emulator.V210, emulator.V13, emulator.V16} {
		for _, method := range []string{methodSimple, methodAsync, methodUpload} {
			if method == methodAsync && version == emulator.V210 {
				continue // came with 11
			}
			t.Run(version.String()+" by "+method, func(t *testing.T) {
				b := startServer(t, emulator.Options{Version: version})
				c := clientFor(t, b.with("method="+method, "author=Ann O'Neil & Söhne", "level=4"))
				it := uploadtest.Item("Tom & Jerry's <1>_📷.jpg", 20_000)
				it.Meta = photo.Meta{Description: "a < b & c > d", Tags: []string{"x, y", "Z"}, Taken: taken}
				if _, err := c.Upload(t.Context(), it); err != nil {
					t.Fatal(err)
				}
				k := b.kept()[0]
				if k.File != "Tom & Jerry's _1__□.jpg" || k.Title != "Tom & Jerry's  1  □" {
					t.Errorf("name %q, title %q", k.File, k.Title)
				}
				if k.Comment != it.Meta.Description || k.Author != "Ann O'Neil & Söhne" || k.Level != 4 {
					t.Errorf("comment %q, author %q, level %d", k.Comment, k.Author, k.Level)
				}
				if method == methodAsync && k.Date != "2024-05-06 07:08:09" {
					t.Errorf("date %q", k.Date)
				}
				checkTags(t, k.Tags, it.Meta)
			})
		}
	}
}

func TestKinds(t *testing.T) {
	b := startServer(t, emulator.Options{FileTypes: []string{"jpg", "png", "tif", "cr2", "mov"}})
	c := clientFor(t, b.account())
	l, err := c.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[photo.Kind]bool{
		photo.JPEG: true, photo.PNG: true, photo.TIFF: true, photo.RAW: true, photo.MOV: true,
		photo.HEIC: false, photo.MP4: false, photo.WebP: false, photo.Unknown: false,
	} {
		if Service.Takes(l, k) != want {
			t.Errorf("takes %v: %v", k, !want)
		}
	}
	if !Service.Takes(upload.Limits{}, photo.HEIC) {
		t.Error("a server that was not asked is said to refuse")
	}
	for name, kind := range map[string]photo.Kind{"a.heic": photo.HEIC, "a.nef": photo.RAW} {
		it := uploadtest.Item(name, 5000)
		it.Kind = kind
		_, err := c.Upload(t.Context(), it)
		mustKind(t, err, upload.Rejected, "does not take")
	}
	if n := len(b.kept()); n != 0 {
		t.Errorf("%d photos", n)
	}
}

func TestChunkLists(t *testing.T) {
	for message, want := range map[string][]int64{
		"chunks uploaded = 1,4": {0, 3}, "chunks uploaded = ": nil, "": nil, "chunks uploaded = 9,x,-1,0,2": {1},
	} {
		have := chunkList(message, 5)
		if got := slices.Sorted(maps.Keys(have)); !slices.Equal(got, want) {
			t.Errorf("%q: %v", message, got)
		}
	}
	if n := firstMissing(map[int64]bool{0: true, 2: true}, 3); n != 1 {
		t.Error(n)
	}
	for _, mark := range []string{"", "sent", "chunks x 983040 1", "chunks abc 1 1", "chunks abc 983040 -1", "chunks abc 983040", "chunks abc 99999999 1"} {
		if m, ok := parseMark(mark, "abc"); ok {
			t.Errorf("%q: %+v", mark, m)
		}
	}
}

func TestStorable(t *testing.T) {
	for text, want := range map[string]string{
		"plain äöü 写真": "plain äöü 写真", "📷": "□", "😀👍🏽": "☺□", "🇩🇪": "DE", "𝐀𝐛𝟗": "Ab9", "💙 𠀋": "♥ 〓", "bad \xff": "bad \uFFFD",
	} {
		if got := storable(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
