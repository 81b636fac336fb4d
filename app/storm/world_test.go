//go:build linux

package storm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/practice/visit"
)

// Kinds of findings. Each of them breaks a promise.
const (
	lost    = "lost"    // a photo is neither on the server nor told of
	doubled = "doubled" // a photo is there twice
	untrue  = "untrue"  // what the program says is not so
	strange = "strange" // a server has bytes that no file ever had
	crashed = "crashed" // the program ended, or met a fault of its own
)

// world is all that a storm happens to.
type world struct {
	t     testing.TB
	began time.Time
	dir   string // everything lies below
	home  string // the program's
	decoy *decoy

	engine *engine
	sites  map[string]*site
	album  *album

	mu       sync.Mutex
	findings []finding
	causes   map[string]bool // site and kind of all that has happened
	paused   bool
	trouble  int  // files that the program cannot write just now
	lostBook bool // the queue was harmed: what only it knew is gone
	story    []string
}

type finding struct{ kind, text string }

// newWorld sets up servers, program, accounts and folders, and starts all.
func newWorld(t testing.TB, bin string, seed uint64) *world {
	t.Helper()
	w := &world{t: t, began: time.Now(), sites: map[string]*site{}, causes: map[string]bool{}}
	var err error
	w.dir, err = os.MkdirTemp("", "storm") // short: a socket's address is
	w.need(err)
	t.Cleanup(func() { w.must(os.RemoveAll(w.dir)) })
	w.need(os.Chmod(w.dir, 0o755))
	w.home = filepath.Join(w.dir, "home")
	w.need(os.Mkdir(w.home, 0o700))
	if unmount, why := mount(w.home); why == "" {
		t.Cleanup(func() { w.must(unmount()) })
	}
	uid := os.Geteuid()
	if uid == 0 {
		uid = 65534 // rights mean nothing to root
	}
	w.need(os.Chown(w.home, uid, uid))
	w.engine = newEngine(bin, w.home, filepath.Join(w.dir, "words"), uid)
	w.album, err = newAlbum(w.dir, seed, uid)
	w.need(err)
	w.decoy, err = newDecoy()
	w.need(err)
	t.Cleanup(w.decoy.close)
	for i, name := range siteNames {
		s, err := newSite(filepath.Join(w.dir, "servers"), name, w.decoy.listener.Addr().String(), seed+uint64(i))
		w.need(err)
		t.Cleanup(func() { w.must(s.close()) })
		w.sites[name] = s
	}
	t.Cleanup(w.engine.kill)
	w.configure()
	return w
}

// configure adds accounts and folders by the command line, and starts the
// program.
func (w *world) configure() {
	for _, name := range siteNames {
		a := w.sites[name].account()
		args := []string{"account", "add", name, "--name", name, "--url", "http://" + w.sites[name].proxy.address, "--secret-stdin"}
		secret := a.Password
		if a.Secret != "" {
			secret = a.Secret
		} else {
			args = append(args, "--user", a.User)
		}
		for k, v := range a.Options {
			args = append(args, "--option", k+"="+v)
		}
		_, err := w.engine.user(secret, args...)
		w.need(err)
	}
	for i, f := range w.album.folders {
		args := []string{"folder", "add", f.path, "--everything"}
		for _, name := range siteNames {
			args = append(args, "--account", name)
		}
		if i == 1 {
			args = append(args, "--album", "{folder}")
		}
		_, err := w.engine.user("", args...)
		w.need(err)
	}
	for _, name := range siteNames {
		if w.sites[name].browser() {
			w.need(w.signIn(name))
		}
	}
	w.need(w.engine.start())
}

var pageLine = regexp.MustCompile(`(?m)^ +(https?://\S+)$`)

// signIn signs in to an account in the browser, as a person does.
func (w *world) signIn(name string) error {
	out, _ := w.engine.user("", "account", "login", name) // ends, since nobody presses Enter
	page := pageLine.FindStringSubmatch(out)
	if page == nil {
		return fmt.Errorf("sign in to %s: there is no page in %q", name, out)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a := w.sites[name].account()
	if err := visit.Allow(ctx, page[1], a.User, a.Password); err != nil {
		return err
	}
	_, err := w.engine.user("", "account", "login", name, "--done")
	return err
}

// need ends the test: the storm cannot even begin.
func (w *world) need(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// must is for what the storm itself does: it fails the test.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Error(err)
	}
}

// try is for what a person does in the storm: it may fail then.
func (w *world) try(err error) {
	if err != nil {
		w.logf("in vain: %v", err)
	}
}

// logf adds a line to the storm's story, which is told when it fails.
func (w *world) logf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.story = append(w.story, fmt.Sprintf("%8.2f ", time.Since(w.began).Seconds())+fmt.Sprintf(format, args...))
}

func (w *world) find(kind, format string, args ...any) {
	f := finding{kind, fmt.Sprintf(format, args...)}
	w.mu.Lock()
	again := slices.Contains(w.findings, f)
	if !again {
		w.findings = append(w.findings, f)
	}
	w.mu.Unlock()
	if !again {
		w.logf("%s: %s", strings.ToUpper(kind), f.text)
	}
}

// blame notes that a site may be said to be in this kind of trouble.
func (w *world) blame(site, kind string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.causes[site+" "+kind] = true
}

func (w *world) blamed(site, kind string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.causes[site+" "+kind]
}

func (w *world) troubled(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble += n
}

func (w *world) queueLost() {
	w.mu.Lock()
	w.lostBook = true
	w.mu.Unlock()
	w.album.leaveDesk()
}

// up starts the program unless it runs. While its files cannot be written it
// may refuse, if it says why.
func (w *world) up() {
	if cmd, _ := w.engine.running(); cmd != nil {
		return
	}
	err := w.engine.start()
	w.mu.Lock()
	trouble := w.trouble
	w.mu.Unlock()
	switch {
	case err == nil:
	case trouble > 0 && told(err):
		w.logf("does not start: %v", err)
	default:
		w.find(crashed, "does not start: %v", err)
	}
}

// storm lets a plan happen while photos come, and ends all that lasts.
func (w *world) storm(plan []step, photos int) {
	ends := map[int][]func(){} // by step
	brought := 0
	for i, s := range plan {
		for _, end := range ends[i] {
			end()
		}
		delete(ends, i)
		n, err := w.album.shoot(photos*(i+1)/len(plan) - brought)
		w.must(err)
		brought += n
		<-time.After(s.wait) // the moment is what is tried here; there is no condition to wait for
		w.alive()
		w.logf("step %d: %s", i, s)
		end, err := s.event.begin(w, s)
		if err != nil {
			w.t.Errorf("step %d, %s: %v", i, s, err)
		}
		if end != nil {
			ends[i+1+s.last] = append(ends[i+1+s.last], func() {
				w.logf("over: %s", s)
				end()
			})
		}
	}
	for _, at := range slices.Sorted(maps.Keys(ends)) {
		for _, end := range ends[at] {
			end()
		}
	}
	_, err := w.album.shoot(photos - brought)
	w.must(err)
}

// alive finds a program that has ended by itself, and starts it again.
func (w *world) alive() {
	if how := w.engine.died(); how != "" {
		w.find(crashed, "the program ended by itself: %s", how)
		w.up()
	}
}

// repair puts everything right, as servers, line and a person do.
func (w *world) repair() {
	w.engine.suspend(false)
	for _, s := range w.sites {
		s.proxy.set(faultNone, 0)
		w.must(s.alive())
		w.must(s.setPassword(""))
		s.setFull("")
	}
	w.alive()
	w.up()
	_, err := w.engine.user("", "resume")
	w.must(err)
}

// eventually tries until it works, for half a minute.
func eventually(f func() error) error {
	var err error
	for range 600 {
		if err = f(); err == nil {
			return nil
		}
		<-time.After(time.Duration(30+rand.IntN(40)) * time.Millisecond)
	}
	return errors.Join(errors.New("waited too long"), err)
}
