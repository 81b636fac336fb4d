package app

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo/phototest"
	"github.com/photoferry/photoferry/app/practice/picapport"
)

// benchServer makes the test binary be a practice PicApport in the directory
// that it names, so that client and server do not share a process.
const benchServer = "PHOTOFERRY_TEST_SERVER"

func serveBench(dir string) int {
	emu, err := picapport.New(picapport.Options{Dir: dir, NoSync: true, NoMD5: true, Users: []picapport.User{
		{UID: testUser, Password: testUser, Permissions: []picapport.Permission{picapport.AccessUploads}},
	}})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(l.Addr())
	if err := http.Serve(l, emu); !errors.Is(err, http.ErrServerClosed) {
		return 1
	}
	return 0
}

// BenchmarkUpload sends 1,000 photos of 3 MB, digested and queued beforehand,
// through three connections, and then the same files by three curls that keep
// their connection, to the same kind of server. It reports the engine's
// throughput, curl's, and the ratio (more is better for the engine).
func BenchmarkUpload(b *testing.B) {
	if _, err := exec.LookPath("curl"); err != nil {
		b.Skip("the reference is curl, which is not installed")
	}
	const photos, size, connections = 1000, 3_000_000, 3
	dir := b.TempDir()
	for i := range photos {
		photo := phototest.JPEG(phototest.Options{Seed: uint64(i), Width: 320, Height: 240, Taken: time.Unix(int64(i), 0).UTC(), Size: size})
		write(b, filepath.Join(dir, fmt.Sprintf("IMG_%04d.jpg", i)), photo)
	}
	megabytes := float64(photos) * size / 1e6
	for b.Loop() {
		engine := benchEngine(b, dir, photos)
		curl := benchCurl(b, dir, photos, connections)
		b.ReportMetric(megabytes/engine.Seconds(), "MB/s")
		b.ReportMetric(megabytes/curl.Seconds(), "curl-MB/s")
		b.ReportMetric(curl.Seconds()/engine.Seconds(), "x-curl")
	}
}

// startBenchServer returns the address of a fresh server.
func startBenchServer(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), benchServer+"="+b.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return "http://" + strings.TrimSpace(line)
}

func benchEngine(b *testing.B, dir string, photos int) time.Duration {
	b.Helper()
	url := startBenchServer(b)
	h := newHome(b)
	var took time.Duration
	h.with(func(a *App) {
		if _, err := a.AddAccount(b.Context(), control.AccountSpec{Service: "picapport", Name: "home", URL: url, User: testUser, Secret: testUser}); err != nil {
			b.Fatal(err)
		}
		if err := a.Pause(control.PauseRequest{}); err != nil {
			b.Fatal(err)
		}
		sum, err := a.Add(b.Context(), control.AddRequest{Paths: []string{dir}}, func(control.AddResult) {})
		if err != nil || sum.Queued != photos {
			b.Fatalf("queued %+v, %v", sum, err)
		}
		h.running(a)
		waitFor(b, "the engine to be up", func() bool { return a.isRunning() && a.watcher.Load().Idle() })
		start := time.Now()
		if err := a.Resume(""); err != nil {
			b.Fatal(err)
		}
		waitFor(b, "all photos", func() bool { return a.queue.Counts("").Delivered == photos })
		took = time.Since(start)
	})
	return took
}

func benchCurl(b *testing.B, dir string, photos, connections int) time.Duration {
	b.Helper()
	url := startBenchServer(b)
	configs := make([]strings.Builder, connections)
	for i := range photos {
		c := &configs[i%connections]
		if c.Len() > 0 {
			c.WriteString("next\n")
		}
		// apisid may be a user ID whose password is the same: no sign-in needed.
		fmt.Fprintf(c, "silent\nfail\nheader = \"Expect:\"\noutput = /dev/null\nurl = \"%s/picapportapi/1.0/upload?apisid=%s\"\nform = \"photos=@%s;type=image/jpeg\"\n",
			url, testUser, filepath.Join(dir, fmt.Sprintf("IMG_%04d.jpg", i)))
	}
	var files []string
	for i := range configs {
		f := filepath.Join(b.TempDir(), fmt.Sprintf("curl-%d", i))
		write(b, f, []byte(configs[i].String()))
		files = append(files, f)
	}
	start := time.Now()
	var wg sync.WaitGroup
	for _, f := range files {
		wg.Go(func() {
			if out, err := exec.Command("curl", "-K", f).CombinedOutput(); err != nil {
				b.Errorf("curl: %v: %s", err, out)
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}
