package ipernity

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

// crashServer is what is killed. It says a token.
func crashServer(dir string, at func(step string)) (http.Handler, string, error) {
	s, err := New(Options{Dir: dir, NoSync: true, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return nil, "", err
	}
	s.store.at = at
	return s, s.Token("member", "delete"), nil
}

// callChild posts a signed call. An error means that the child is dead.
func callChild(c *practicetest.Child, method string, p params, file ...part) (map[string]any, error) {
	p = p.with("api_key", DefaultKey, "auth_token", c.Said)
	p = p.with("api_sig", signature(p, method, DefaultSecret))
	var parts []part
	for name, value := range p {
		parts = append(parts, part{name: name, data: []byte(value)})
	}
	body, kind := multipartBody(append(parts, file...)...)
	data, err := c.Do(c.Request(http.MethodPost, "/api/"+method, kind, body))
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(data, &out)
}

// promises are what clients of killed servers were told.
type promises struct {
	offered map[string]string // name -> SHA-256
	tickets map[string]string // ticket -> name
	removed map[string]bool   // name; or being removed when the server was killed
	tokens  map[string]bool
}

func TestKillingTheServerLeavesWholeDocumentsOrNone(t *testing.T) {
	dir := t.TempDir()
	steps := []string{stepCreated, stepWritten, stepIndexed, stepMoved, stepDropping}
	all := promises{map[string]string{}, map[string]string{}, map[string]bool{}, map[string]bool{}}
	seed := 0
	kills := practicetest.Crash(t, dir, steps, func(c *practicetest.Child) bool {
		all.tokens[c.Said] = true
		seed++
		name := fmt.Sprintf("%d.jpg", seed)
		pic := append(picture(32, 32, byte(seed)), append([]byte(strconv.Itoa(seed)), make([]byte, 300_000)...)...)
		sum := sha256.Sum256(pic)
		all.offered[name] = hex.EncodeToString(sum[:])
		m, err := callChild(c, "upload.file", params{"title": name}, filePart(name, pic))
		if err != nil {
			return false
		}
		ticket := dig(m, "ticket")
		if ticket == "" {
			t.Fatalf("upload %d: %v", seed, m)
		}
		all.tickets[ticket] = name
		if seed%3 != 0 {
			return true
		}
		if m, err = callChild(c, "upload.checkTickets", params{"tickets": ticket}); err != nil {
			return false
		}
		all.removed[name] = true
		_, err = callChild(c, "doc.delete", params{"doc_id": dig(m, "tickets", "ticket", "0", "doc_id")})
		return err == nil
	}, func(kill string) {
		checkAfterCrash(t, dir, kill, all)
	})
	t.Logf("%d uploads offered, %d acknowledged, %d removed", len(all.offered), len(all.tickets), len(all.removed))
	if len(all.tickets) < kills/2 {
		t.Error("too few uploads came through for this to mean anything")
	}
}

// checkAfterCrash opens the directory and compares index, files and promises.
func checkAfterCrash(t *testing.T, dir, kill string, all promises) {
	t.Helper()
	s, err := New(Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatalf("%s: %v", kill, err)
	}
	defer s.Close()
	files := map[string]bool{}
	list, err := os.ReadDir(filepath.Join(dir, "docs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		files[f.Name()] = true
	}
	tickets, used := map[string]string{}, map[string]bool{}
	for _, g := range s.Received() {
		if used[g.DocID] || used[g.Ticket] || g.SHA256 != all.offered[g.Name] || g.Title != g.Name {
			t.Fatalf("%s: %+v is there twice, or is not what was sent", kill, g)
		}
		used[g.DocID], used[g.Ticket] = true, true
		tickets[g.Ticket] = g.Name
		file := g.DocID + ".jpg"
		if g.Removed {
			if files[file] || !all.removed[g.Name] {
				t.Fatalf("%s: %s is removed, its file there: %v", kill, g.Name, files[file])
			}
			continue
		}
		kept, err := os.ReadFile(filepath.Join(dir, "docs", file))
		if sum := sha256.Sum256(kept); err != nil || hex.EncodeToString(sum[:]) != g.SHA256 {
			t.Fatalf("%s: %s is not whole: %v", kill, file, err)
		}
		delete(files, file)
	}
	for ticket, name := range all.tickets {
		if tickets[ticket] != name {
			t.Fatalf("%s: ticket %s of %s was given and is lost", kill, ticket, name)
		}
	}
	for token := range all.tokens {
		if _, ok := s.store.token(token); !ok {
			t.Fatalf("%s: a token is lost", kill)
		}
	}
	if len(files) != 0 {
		t.Fatalf("%s: files that nobody knows: %v", kill, files)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "incoming")); len(left) != 0 {
		t.Fatalf("%s: %d files left in incoming", kill, len(left))
	}
}
