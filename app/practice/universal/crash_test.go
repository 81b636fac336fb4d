package universal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

// deletePath is where the child deletes a photo, as the API cannot.
const deletePath = "/test-delete"

// crashServer is what is killed.
func crashServer(dir string, at func(step string)) (http.Handler, string, error) {
	s, err := New(Options{Dir: dir, NoSync: true, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return nil, "", err
	}
	s.store.at = at
	mux := http.NewServeMux()
	mux.Handle("/", s)
	mux.HandleFunc(deletePath, func(w http.ResponseWriter, r *http.Request) {
		if err := s.DeletePhoto(r.FormValue("pid")); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
		}
	})
	return mux, "", nil
}

// ledger is what the client of the children knows.
type ledger struct {
	offered      map[string]bool   // SHA-256
	acknowledged map[string]string // pid -> SHA-256
	deleting     map[string]bool   // pid; deleted, or being deleted when the child was killed
	callID       int
}

func TestKillingTheServerLeavesWholePhotosOrNone(t *testing.T) {
	dir := t.TempDir()
	first, err := New(Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	key, secret := first.Session("ann") // lives through all that follows
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	l := ledger{map[string]bool{}, map[string]string{}, map[string]bool{}, 0}
	steps := []string{stepCreated, stepWriting, stepWritten, stepIndexed, stepMoved, stepDropping}
	kills := practicetest.Crash(t, dir, steps,
		func(c *practicetest.Child) bool { return l.upload(t, c, key, secret) },
		func(kill string) { l.check(t, dir, kill, key) })
	t.Logf("%d uploads offered, %d acknowledged, %d deleted", len(l.offered), len(l.acknowledged), len(l.deleting))
	if len(l.acknowledged) < kills/2 {
		t.Error("too few uploads came through for this to mean anything")
	}
}

// upload sends one photo, and deletes every third one. It reports false once the child
// is dead.
func (l *ledger) upload(t *testing.T, c *practicetest.Child, key, secret string) bool {
	t.Helper()
	l.callID++
	pic := append(picture(strconv.Itoa(l.callID)), make([]byte, 300_000)...)
	sum := sha256.Sum256(pic)
	digest := hex.EncodeToString(sum[:])
	l.offered[digest] = true
	p := params{
		"method": "up.photos.upload", "api_key": DefaultKey, "community": "mashable", "session_key": key,
		"call_id": strconv.Itoa(l.callID), "format": "json",
	}.signed("sig", secret)
	body, kind := form(p, file{"data", "same.jpg", pic})
	out, err := c.Do(c.Request(http.MethodPost, apiPath, kind, body))
	if err != nil {
		return false
	}
	var got struct {
		PID string `json:"pid"`
	}
	if err := json.Unmarshal(out, &got); err != nil || got.PID == "" {
		t.Fatalf("upload %d: %s", l.callID, out)
	}
	l.acknowledged[got.PID] = digest
	if l.callID%3 != 0 {
		return true
	}
	l.deleting[got.PID] = true
	_, err = c.Do(c.Request(http.MethodPost, deletePath+"?pid="+got.PID, "", nil))
	return err == nil
}

// check opens the directory and compares index, files and promises.
func (l *ledger) check(t *testing.T, dir, kill, key string) {
	t.Helper()
	s, err := New(Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatalf("%s: %v", kill, err)
	}
	defer s.Close()
	files := map[string]bool{}
	list, err := os.ReadDir(filepath.Join(dir, "photos"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		files[f.Name()] = true
	}
	seen, digests := map[string]bool{}, map[string]bool{}
	for _, g := range s.Received() {
		if seen[g.PID] || digests[g.SHA256] || !l.offered[g.SHA256] {
			t.Fatalf("%s: %s is there twice, or was never sent", kill, g.PID)
		}
		seen[g.PID], digests[g.SHA256] = true, true
		if g.Removed {
			if files[g.PID+".jpg"] || !l.deleting[g.PID] {
				t.Fatalf("%s: %s is removed, its file there: %v", kill, g.PID, files[g.PID+".jpg"])
			}
			continue
		}
		stored, err := os.ReadFile(filepath.Join(dir, "photos", g.PID+".jpg"))
		if sum := sha256.Sum256(stored); err != nil || hex.EncodeToString(sum[:]) != g.SHA256 {
			t.Fatalf("%s: %s is not whole: %v", kill, g.PID, err)
		}
		delete(files, g.PID+".jpg")
	}
	for pid := range l.acknowledged {
		if !seen[pid] {
			t.Fatalf("%s: %s was acknowledged and is lost", kill, pid)
		}
	}
	if len(files) != 0 {
		t.Fatalf("%s: files that nobody knows: %v", kill, files)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "incoming")); len(left) != 0 {
		t.Fatalf("%s: %d files left in incoming", kill, len(left))
	}
	if k, ok := s.store.session(key); !ok || k.over || k.callID < float64(len(l.acknowledged)) {
		t.Fatalf("%s: session %v is forgotten, or its call_id %v is", kill, ok, k.callID)
	}
	if n := len(s.Albums()); n > 1 {
		t.Fatalf("%s: %d default albums", kill, n)
	}
}
