package picapport

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

// crashServer is what is killed.
func crashServer(dir string, at func(step string)) (http.Handler, string, error) {
	s, err := New(Options{Dir: dir, KeepReceived: true, NoSync: true, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return nil, "", err
	}
	s.store.at = at
	return s, "", nil
}

func TestKillingTheServerLeavesWholePhotosOrNone(t *testing.T) {
	dir := t.TempDir()
	steps := []string{stepCreated, stepWriting, stepWritten, stepIndexed, stepKept, stepMoved, stepSynced, stepDropping}
	acknowledged := map[string]string{} // ID -> SHA-256
	offered := map[string]string{}
	removed := map[string]bool{}
	seed := 0
	kills := practicetest.Crash(t, dir, steps, func(c *practicetest.Child) bool {
		seed++
		id, pic := goodID(), append(picture(32, 32, byte(seed)), strconv.Itoa(seed)...)
		pic = append(pic, make([]byte, 300_000)...)
		sum := sha256.Sum256(pic)
		offered[id] = hex.EncodeToString(sum[:])
		body, kind := multipartBody(metaPart(`{"photoID":"`+id+`"}`), photoPart("same.jpg", pic))
		answer, err := c.Do(c.Request(http.MethodPost, "/picapportapi/1.0/upload?apisid=admin", kind, body))
		if err != nil {
			return false
		}
		if !bytes.Contains(answer, []byte(`"OK"`)) {
			t.Fatalf("upload %d: %s", seed, answer)
		}
		acknowledged[id] = offered[id]
		if seed%3 != 0 {
			return true
		}
		removed[id] = true // or being removed when it is killed
		p := params{"apisid": "admin", "photoid": id}
		_, err = c.Do(c.Request(http.MethodGet, "/picapportapi/1.0/removePhoto?"+p.encode(), "", nil))
		return err == nil
	}, func(kill string) {
		checkAfterCrash(t, dir, kill, offered, acknowledged, removed)
	})
	t.Logf("%d uploads offered, %d acknowledged, %d removed", len(offered), len(acknowledged), len(removed))
	if len(acknowledged) < kills/2 {
		t.Error("too few uploads came through for this to mean anything")
	}
}

// checkAfterCrash opens the directory and compares index, files and promises.
func checkAfterCrash(t *testing.T, dir, kill string, offered, acknowledged map[string]string, removed map[string]bool) {
	t.Helper()
	s, err := New(Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatalf("%s: %v", kill, err)
	}
	defer s.Close()
	files := map[string]bool{}
	list, err := os.ReadDir(filepath.Join(dir, "photos", "uploads"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		files[f.Name()] = true
	}
	seen := map[string]bool{}
	for _, g := range s.Received() {
		if seen[g.PhotoID] {
			t.Fatalf("%s: %s is there twice", kill, g.PhotoID)
		}
		seen[g.PhotoID] = true
		if g.SHA256 != offered[g.PhotoID] {
			t.Fatalf("%s: %s has other bytes than were sent", kill, g.PhotoID)
		}
		if g.Removed {
			if files[g.Name] || !removed[g.PhotoID] {
				t.Fatalf("%s: %s is removed, its file there: %v", kill, g.PhotoID, files[g.Name])
			}
			continue
		}
		kept, err := os.ReadFile(filepath.Join(dir, "received", g.Name))
		if sum := sha256.Sum256(kept); err != nil || hex.EncodeToString(sum[:]) != g.SHA256 {
			t.Fatalf("%s: received bytes of %s are not whole: %v", kill, g.PhotoID, err)
		}
		stored, err := os.ReadFile(filepath.Join(dir, "photos", "uploads", g.Name))
		if err != nil || !bytes.HasSuffix(stored, kept[2:]) || !bytes.Contains(stored, []byte(g.PhotoID)) {
			t.Fatalf("%s: %s is not whole: %v", kill, g.Name, err)
		}
		if exists, synced := s.store.known(g.PhotoID); !exists || !synced {
			t.Fatalf("%s: %s exists %v, synced %v", kill, g.PhotoID, exists, synced)
		}
		delete(files, g.Name)
	}
	for id := range acknowledged {
		if !seen[id] {
			t.Fatalf("%s: %s was acknowledged and is lost", kill, id)
		}
	}
	if len(files) != 0 {
		t.Fatalf("%s: files that nobody knows: %v", kill, files)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, ".picapport", "incoming")); len(left) != 0 {
		t.Fatalf("%s: %d files left in incoming", kill, len(left))
	}
}
