package picapport

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A child process serves the directory in crashDir and kills itself at the nth time
// that it comes to a step, both given in crashAt as "step n".
const (
	crashDir = "PICAPPORT_CRASH_DIR"
	crashAt  = "PICAPPORT_CRASH_AT"
)

// crashServer is the child: it prints its address and serves until it is killed.
func crashServer(dir string) {
	s, err := New(Options{Dir: dir, KeepReceived: true, NoSync: true, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		panic(err)
	}
	step, nth, _ := strings.Cut(os.Getenv(crashAt), " ")
	n, _ := strconv.Atoi(nth)
	var left atomic.Int64
	left.Store(int64(n))
	s.store.at = func(at string) {
		if at == step && left.Add(-1) == 0 {
			self, err := os.FindProcess(os.Getpid())
			if err != nil || self.Kill() != nil {
				panic("cannot kill itself")
			}
			select {} // until the kill arrives
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	panic(http.Serve(l, s))
}

// startChild runs the test binary as crashServer and returns its address.
func startChild(t *testing.T, dir, at string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashAt+"="+at)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("child did not start: %v\n%s", err, said.String())
	}
	return cmd, strings.TrimSpace(line)
}

func TestKillingTheServerLeavesWholePhotosOrNone(t *testing.T) {
	dir := t.TempDir()
	var rounds []string
	for _, step := range []string{stepCreated, stepWriting, stepWritten, stepIndexed, stepKept, stepMoved, stepSynced, stepDropping} {
		rounds = append(rounds, step+" 1", step+" 3")
	}
	for range 8 {
		rounds = append(rounds, "") // killed from outside, at any moment
	}
	acknowledged := map[string]string{} // ID -> SHA-256
	offered := map[string]string{}
	removed := map[string]bool{}
	seed := 0
	for _, at := range rounds {
		cmd, address := startChild(t, dir, at)
		if at == "" {
			time.AfterFunc(time.Duration(rand.IntN(100))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
		client := &http.Client{Transport: &http.Transport{}}
		for alive := true; alive; {
			seed++
			id, pic := goodID(), append(picture(32, 32, byte(seed)), strconv.Itoa(seed)...)
			pic = append(pic, make([]byte, 300_000)...)
			sum := sha256.Sum256(pic)
			offered[id] = hex.EncodeToString(sum[:])
			body, kind := multipartBody(metaPart(`{"photoID":"`+id+`"}`), photoPart("same.jpg", pic))
			answer, err := send(client, "http://"+address+"/picapportapi/1.0/upload?apisid=admin", kind, body)
			if alive = err == nil; alive {
				if !strings.Contains(answer, `"OK"`) {
					t.Fatalf("upload %d: %s", seed, answer)
				}
				acknowledged[id] = offered[id]
			}
			if alive && seed%3 == 0 {
				p := params{"apisid": "admin", "photoid": id}
				removed[id] = true // or being removed when it is killed
				_, err := send(client, "http://"+address+"/picapportapi/1.0/removePhoto?"+p.encode(), "", nil)
				alive = err == nil
			}
		}
		client.CloseIdleConnections()
		if err := cmd.Wait(); err == nil {
			t.Fatalf("%q: the child ended by itself", at)
		}
		checkAfterCrash(t, dir, at, offered, acknowledged, removed)
	}
	t.Logf("%d uploads offered, %d acknowledged, %d removed", len(offered), len(acknowledged), len(removed))
	if len(acknowledged) < len(rounds)/2 {
		t.Error("too few uploads came through for this to mean anything")
	}
}

func send(client *http.Client, url, kind string, body []byte) (string, error) {
	var res *http.Response
	var err error
	if body == nil {
		res, err = client.Get(url)
	} else {
		res, err = client.Post(url, kind, bytes.NewReader(body))
	}
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	return string(out), err
}

// checkAfterCrash opens the directory and compares index, files and promises.
func checkAfterCrash(t *testing.T, dir, at string, offered, acknowledged map[string]string, removed map[string]bool) {
	t.Helper()
	s, err := New(Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatalf("%q: %v", at, err)
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
			t.Fatalf("%q: %s is there twice", at, g.PhotoID)
		}
		seen[g.PhotoID] = true
		if g.SHA256 != offered[g.PhotoID] {
			t.Fatalf("%q: %s has other bytes than were sent", at, g.PhotoID)
		}
		if g.Removed {
			if files[g.Name] || !removed[g.PhotoID] {
				t.Fatalf("%q: %s is removed, its file there: %v", at, g.PhotoID, files[g.Name])
			}
			continue
		}
		kept, err := os.ReadFile(filepath.Join(dir, "received", g.Name))
		if sum := sha256.Sum256(kept); err != nil || hex.EncodeToString(sum[:]) != g.SHA256 {
			t.Fatalf("%q: received bytes of %s are not whole: %v", at, g.PhotoID, err)
		}
		stored, err := os.ReadFile(filepath.Join(dir, "photos", "uploads", g.Name))
		if err != nil || !bytes.HasSuffix(stored, kept[2:]) || !bytes.Contains(stored, []byte(g.PhotoID)) {
			t.Fatalf("%q: %s is not whole: %v", at, g.Name, err)
		}
		if exists, synced := s.store.known(g.PhotoID); !exists || !synced {
			t.Fatalf("%q: %s exists %v, synced %v", at, g.PhotoID, exists, synced)
		}
		delete(files, g.Name)
	}
	for id := range acknowledged {
		if !seen[id] {
			t.Fatalf("%q: %s was acknowledged and is lost", at, id)
		}
	}
	if len(files) != 0 {
		t.Fatalf("%q: files that nobody knows: %v", at, files)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, ".picapport", "incoming")); len(left) != 0 {
		t.Fatalf("%q: %d files left in incoming", at, len(left))
	}
}
