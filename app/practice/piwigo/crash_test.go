package piwigo

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

var crashKey = APIKey{ID: "pkid-20260102-" + strings.Repeat("A", 20), Secret: strings.Repeat("a", 40), User: "admin"}

// crashServer is what is killed.
func crashServer(dir string, at func(step string)) (http.Handler, string, error) {
	s, err := New(Options{Dir: dir, NoSync: true, APIKeys: []APIKey{crashKey}, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return nil, "", err
	}
	s.store.at = at
	return s, "", nil
}

var idPattern = regexp.MustCompile(`"(?:image_)?id":"?(\d+)`)

func TestKillingTheServerLeavesWholePhotosOrNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	steps := []string{stepReceived, stepAdding, stepMerging, stepMerged, stepTaken, stepIndexed, stepMoved, stepDropping}
	acknowledged := map[string]bool{} // MD5
	offered := map[string]bool{}
	removed := map[string]bool{}
	seed := 0
	kills := practicetest.Crash(t, dir, steps, func(c *practicetest.Child) bool {
		seed++
		pic := append(picture(seed), make([]byte, 100_000)...)
		offered[sum(pic)] = true
		calls := []fields{{{"method", "pwg.images.addSimple"}, {"category", 1}, {"image", fileField{"same.jpg", pic}}}}
		if seed%2 == 0 {
			calls = nil
			for i := range 2 {
				calls = append(calls, append(fields{{"method", "pwg.images.uploadAsync"}, {"category", 1}}, asyncFields(pic, i, 2)...))
			}
		}
		var answer string
		for _, f := range calls {
			var alive bool
			if answer, alive = sendTo(c, f); !alive {
				return false
			}
		}
		id := idPattern.FindStringSubmatch(answer)
		if id == nil {
			t.Fatalf("upload %d: %s", seed, answer)
		}
		acknowledged[sum(pic)] = true
		if seed%3 != 0 {
			return true
		}
		removed[sum(pic)] = true // or being removed when it is killed
		_, alive := sendTo(c, fields{{"method", "pwg.images.delete"}, {"image_id", id[1]}, {"pwg_token", "x"}})
		return alive
	}, func(kill string) { checkAfterCrash(t, dir, kill, offered, acknowledged, removed) })
	t.Logf("%d kills, %d uploads offered, %d acknowledged, %d removed", kills, len(offered), len(acknowledged), len(removed))
	if len(acknowledged) < kills/2 {
		t.Error("too few uploads came through for this to mean anything")
	}
}

// sendTo calls a method with the key of crashServer, and reports false if the server is
// gone.
func sendTo(c *practicetest.Child, f fields) (string, bool) {
	body, kind := f.encode()
	req := c.Request(http.MethodPost, "/ws.php?format=json", kind, body)
	req.Header.Set("X-PIWIGO-API", crashKey.ID+":"+crashKey.Secret)
	out, err := c.Do(req)
	return string(out), err == nil
}

// checkAfterCrash opens the directory and compares index, files and promises.
func checkAfterCrash(t *testing.T, dir, at string, offered, acknowledged, removed map[string]bool) {
	t.Helper()
	s, err := New(Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatalf("%q: %v", at, err)
	}
	defer s.Close()
	files := map[string]bool{}
	list, err := filepath.Glob(filepath.Join(s.store.dir, "upload", "2*", "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		files[f] = true
	}
	seen := map[string]bool{}
	for _, g := range s.Received() {
		if !offered[g.MD5] || g.Claimed != g.MD5 {
			t.Fatalf("%q: photo %d has other bytes than were sent", at, g.ID)
		}
		if seen[g.MD5] {
			t.Fatalf("%q: photo %d is there twice", at, g.ID)
		}
		seen[g.MD5] = true
		path := s.store.file(s.store.photos[g.ID])
		if g.Removed {
			if files[path] || !removed[g.MD5] {
				t.Fatalf("%q: photo %d is removed, its file there: %v", at, g.ID, files[path])
			}
			continue
		}
		if data, err := os.ReadFile(path); err != nil || sum(data) != g.MD5 {
			t.Fatalf("%q: photo %d is not whole: %v", at, g.ID, err)
		}
		delete(files, path)
	}
	for id := range acknowledged {
		if !seen[id] {
			t.Fatalf("%q: %s was acknowledged and is lost", at, id)
		}
	}
	if len(files) != 0 {
		t.Fatalf("%q: files that nobody knows: %v", at, files)
	}
	if left, _ := os.ReadDir(s.store.tmp("")); len(left) != 0 {
		t.Fatalf("%q: %d files left in tmp", at, len(left))
	}
}
