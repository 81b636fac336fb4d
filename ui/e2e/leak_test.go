//go:build linux

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/desktest"
)

var noneBlocked = regexp.MustCompile(`(?m)^SigBlk:\s0+$`)

var createdBy = regexp.MustCompile(`(?m)^created by (.+?)(?: in goroutine \d+)?$`)

// goroutines ends the process and returns how many goroutines it had, by what
// started them.
func (p *program) goroutines() map[string]int {
	p.d.t.Helper()
	p.dump = true
	must(p.d.t, unix.Tgkill(p.cmd.Process.Pid, p.thread(), unix.SIGQUIT))
	p.d.until(p.name+" says what it does", p.ended)
	n := map[string]int{}
	for _, m := range createdBy.FindAllStringSubmatch(p.out.String(), -1) {
		n[m[1]]++
	}
	if len(n) == 0 {
		p.d.t.Fatalf("%s does not say what it does:\n%s", p.name, p.out)
	}
	return n
}

// thread returns a thread of the process that runs nothing but Go. The main one
// may be in the C of OpenGL, where Go cannot say what it does; OpenGL's own take
// no signals.
func (p *program) thread() int {
	p.d.t.Helper()
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", p.cmd.Process.Pid))
	for _, status := range tasks {
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(status)))
		b, _ := os.ReadFile(status)
		if err == nil && id != p.cmd.Process.Pid && noneBlocked.Match(b) {
			return id
		}
	}
	p.d.t.Fatalf("%s has no thread that can be asked", p.name)
	return 0
}

// TestNoGoroutineIsLeft compares a window and an engine that have done much with
// ones that have done nothing.
func TestNoGoroutineIsLeft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.site("picapport")
	photos := d.photos(0, "home/0.jpg", "home/1.jpg", "home/2.jpg", "home/3.jpg")
	var windows, engines []map[string]int
	for _, busy := range []bool{false, true} {
		engine := d.start("engine", binary, "run", "--tray")
		d.panel.Icon()
		d.until("the engine runs", func() bool { return d.status().Running })
		window := d.open()
		d.appears()
		if busy {
			for _, p := range photos {
				d.call("add", p)
				d.open().ends()
				d.keys("ctrl+2", "ctrl+3", "ctrl+4", "ctrl+5", "ctrl+1")
				d.call("pause")
				d.call("resume")
				source := desktest.NewSource(t, d.display)
				source.Enter(source.Find(title), desktest.URIList)
				source.Move(100, 100)
				source.Close()
			}
			d.misses("Drop photos and folders anywhere")
			d.until("all photos are delivered", func() bool { return d.status().Counts.Delivered == len(photos) })
		}
		d.until("the engine is at rest", func() bool { return d.status().State == control.StateIdle })
		d.sees("Accounts")
		windows = append(windows, window.goroutines())
		engines = append(engines, engine.goroutines())
	}
	for what, n := range map[string][]map[string]int{"window": windows, "engine": engines} {
		for by, used := range n[1] {
			// One more may be on its way; the others are one for each connection that is kept for the next call.
			if fresh := n[0][by]; used > fresh+1 && !strings.HasPrefix(by, "net/http.") {
				t.Errorf("the %s had %d goroutines of %s at rest, and has %d after some work", what, fresh, by, used)
			}
		}
	}
}
