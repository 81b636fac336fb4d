//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/assets"
	"github.com/photoferry/photoferry/ui/desktest"
	"github.com/photoferry/photoferry/ui/say"
)

// TestAllThatShowsTheStateAgrees goes through all states, and back to the first.
func TestAllThatShowsTheStateAgrees(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.guided()
	site := d.site("picapport")
	d.open()
	d.appears()
	s, w := newServer(site), newWitnesses(d)
	photos := d.photos(300_000, "home/a.jpg", "home/b.jpg", "home/c.jpg", "home/d.jpg")
	w.agree(control.StateIdle)

	s.run("picapport/upload:slow:bps=20000")
	d.call("add", photos[0])
	w.agree(control.StateSending)
	d.call("pause")
	w.agree(control.StatePaused)
	d.call("pause", "1h")
	d.until("the pause has an end", func() bool { return d.status().PausedUntil != nil })
	w.agree(control.StatePaused)

	s.stop()
	d.until("the upload has broken off", func() bool { return d.status().Counts.Leased == 0 })
	d.call("resume")
	d.call("retry")
	w.agree(control.StateOffline)
	s.run()
	d.call("retry")
	w.agree(control.StateIdle)

	watched := d.manyFolders("home/Watched")
	d.call("folder", "add", watched, "--account", "picapport", "--cool", "1h")
	finish := d.begins(photos[1], filepath.Join(watched, "b.jpg"))
	w.agree(control.StateSettling)
	finish()
	w.agree(control.StateWaiting)
	enough := d.scans()
	w.agree(control.StateChecking)
	enough()
	w.agree(control.StateWaiting)
	d.call("release")
	w.agree(control.StateIdle)

	s.stop()
	accounts := filepath.Join(s.dir, "accounts.json")
	must(t, os.Rename(accounts, accounts+".kept"))
	s.run() // with another password
	d.call("add", photos[2])
	w.agree(control.StateStopped)
	s.stop()
	must(t, os.Rename(accounts+".kept", accounts))
	secret := "PHOTOFERRY_SECRET=" + s.run()
	d.env = append(d.env, secret)
	d.call("account", "login", "picapport")
	d.env = d.env[:len(d.env)-1]
	w.agree(control.StateIdle)

	s.run("picapport/upload:status:code=415")
	d.call("add", photos[3])
	w.agree(control.StateAttention)
	s.run()
	d.call("retry")
	w.agree(control.StateIdle)

	must(t, site.has(photos))
	for _, state := range desktest.States(t) {
		if w.pictures[state] == "" {
			t.Errorf("the state %s was not come to", state)
		}
	}
}

// witnesses are all that show the state.
type witnesses struct {
	d        *desk
	tray     *desktest.Icon
	word     place                    // of the strip's word
	pictures map[control.State]string // of the tray, until now
}

func newWitnesses(d *desk) *witnesses {
	w := &witnesses{d: d, tray: d.panel.Icon(), pictures: map[control.State]string{}}
	w.word = d.sees(say.State(control.StateIdle))
	return w
}

// agree waits until everybody shows a state, in the same words.
func (w *witnesses) agree(want control.State) {
	w.d.t.Helper()
	differ := ""
	defer func() {
		if differ != "" {
			w.d.t.Logf("%s: %s", want, differ)
		}
	}()
	w.d.until("all that show the state agree: "+string(want), func() bool {
		differ = w.differ(want)
		return differ == ""
	})
}

// differ says who does not show the state, or shows it in other words than the
// rest; "" is nobody. All are asked between two statuses that say the same.
func (w *witnesses) differ(want control.State) string {
	w.d.t.Helper()
	before := w.d.status()
	picture, line, tooltip, screen := w.tray.Picture(), w.tray.Menu()[0], fmt.Sprint(w.tray.Property("ToolTip")), w.d.eye.look()
	var after control.Status
	must(w.d.t, json.Unmarshal(w.d.call("status", "--json"), &after))
	w.honest(before)
	w.honest(after)

	text := after.Text
	if want == control.StateSending || want == control.StateChecking { // there the numbers run on
		before.Text, text, line, tooltip = withoutNumbers(before.Text), withoutNumbers(text), withoutNumbers(line), withoutNumbers(tooltip)
	}
	switch {
	case before.State != want, after.State != want:
		return fmt.Sprintf("the state is %s, and %s in status --json", before.State, after.State)
	case before.Text != text:
		return fmt.Sprintf("the text is %q, and %q in status --json", before.Text, text)
	case !looksLike(picture, w.d.drawn(want)):
		return "the tray has another picture"
	case line != text && !(want == control.StateSending && strings.HasPrefix(line, text+" · ")): // the speed follows
		return fmt.Sprintf("the menu's first line is %q, and the text %q", line, text)
	case !strings.Contains(tooltip, line):
		return fmt.Sprintf("the tooltip is %q, and the menu's first line %q", tooltip, line)
	}
	w.remember(want, string(picture))
	return w.strip(screen, after)
}

// honest fails the test for a tick while something is left to do.
func (w *witnesses) honest(s control.Status) {
	w.d.t.Helper()
	c := s.Counts
	if s.State == control.StateIdle && c.Ready+c.Leased+c.Waiting+c.Failed+len(s.Active) > 0 {
		w.d.t.Errorf("the state is %s, and there is something left: %+v", s.State, c)
	}
}

// remember fails the test unless a state has always the same picture, which no
// other state has.
func (w *witnesses) remember(state control.State, picture string) {
	w.d.t.Helper()
	for other, p := range w.pictures {
		if (p == picture) != (other == state) {
			w.d.t.Errorf("the tray's pictures of %s, and of %s before: the same is %v", state, other, p == picture)
		}
	}
	w.pictures[state] = picture
}

// strip says what of a status is not in the window's strip.
func (w *witnesses) strip(screen *view, s control.Status) string {
	word := say.State(s.State)
	rest, said := strings.CutPrefix(s.Text, word) // it is not said twice
	if said {
		rest = strings.TrimLeft(rest, " .,")
	}
	const near = 5                                                            // pixels, since no two words have the same outline
	screen.edges = slices.DeleteFunc(screen.edges, func(p image.Point) bool { // what is elsewhere is not looked at
		return p.Y < w.word.Min.Y-3*near || p.Y > w.word.Max.Y+3*near
	})
	for _, at := range screen.find(word) {
		off := at.Min.Sub(w.word.Min)
		if off.X < -near || off.X > near || off.Y < -near || off.Y > near {
			continue
		}
		if rest == "" || s.State == control.StateChecking { // whose numbers run on
			return ""
		}
		for _, r := range screen.find(rest) {
			if r.Min.X > at.Max.X && r.Min.Y < at.Max.Y && r.Max.Y > at.Min.Y {
				return ""
			}
		}
		return fmt.Sprintf("the strip has %q, but not %q", word, rest)
	}
	return fmt.Sprintf("the strip has no %q", word)
}

// withoutNumbers is a text without its numbers.
func withoutNumbers(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, text)
}

// drawn is the tray's picture of a state as the bus carries it: alpha, red,
// green and blue of each pixel.
func (d *desk) drawn(state control.State) []byte {
	d.t.Helper()
	img, err := png.Decode(bytes.NewReader(assets.Tray(string(state))))
	must(d.t, err)
	var argb []byte
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			r, g, b, a := img.At(x, y).RGBA()
			argb = append(argb, byte(a>>8), byte(r>>8), byte(g>>8), byte(b>>8))
		}
	}
	return argb
}

// looksLike compares pictures, but for the colours of pixels that shine
// through: there is more than one way to write those.
func looksLike(got, want []byte) bool {
	if len(got) != len(want) {
		return false
	}
	for i := 0; i < len(got); i += 4 {
		if got[i] != want[i] || got[i] == 0xff && !bytes.Equal(got[i:i+4], want[i:i+4]) {
			return false
		}
	}
	return true
}

// server is a site's practice server, which can be ended and started again.
type server struct {
	*site
	dir, address string
}

// newServer takes over the only site of a desk.
func newServer(s *site) *server {
	s.d.t.Helper()
	accounts := s.d.status().Accounts
	if len(accounts) != 1 {
		s.d.t.Fatalf("accounts: %+v", accounts)
	}
	_, address, _ := strings.Cut(accounts[0].URL, "://")
	return &server{s, s.d.file("server-" + s.program.name), strings.TrimRight(address, "/")}
}

// stop ends it as a power cut does.
func (s *server) stop() {
	s.d.t.Helper()
	_ = s.program.cmd.Process.Kill() // it may have ended
	s.d.until("the practice server has ended", s.program.ended)
}

// run starts it again at its address, misbehaving as the faults say, and returns
// the account's password.
func (s *server) run(faults ...string) (password string) {
	s.d.t.Helper()
	s.stop()
	service := s.program.name
	args := []string{"practice", "--dir", s.dir, "--service", service, "--listen", s.address}
	for _, f := range faults {
		args = append(args, "--fault", f)
	}
	s.program = s.d.start(service, binary, args...)
	var accounts map[string]struct{ Password string }
	s.d.until("the practice server runs again", func() bool {
		line, _, ok := strings.Cut(s.program.out.String(), "\n")
		return ok && json.Unmarshal([]byte(line), &accounts) == nil
	})
	return accounts[service].Password
}

// manyFolders makes a folder that takes a while to look through.
func (d *desk) manyFolders(name string) string {
	d.t.Helper()
	for i := range 200 {
		dir := filepath.Join(d.file(name), fmt.Sprintf("%03d", i))
		must(d.t, os.MkdirAll(dir, 0o755))
		for j := range 20 {
			must(d.t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.txt", j)), nil, 0o644))
		}
	}
	return d.file(name)
}

// begins writes half of a copy of a photo; finish writes the rest.
func (d *desk) begins(photo, as string) (finish func()) {
	d.t.Helper()
	b, err := os.ReadFile(photo)
	must(d.t, err)
	f, err := os.Create(as)
	must(d.t, err)
	_, err = f.Write(b[:len(b)/2])
	must(d.t, err)
	return func() {
		d.t.Helper()
		_, err := f.Write(b[len(b)/2:])
		must(d.t, err)
		must(d.t, f.Close())
	}
}

// scans has the folders looked through over and over again, until enough.
func (d *desk) scans() (enough func()) {
	d.t.Helper()
	c := d.client()
	if c == nil {
		d.t.Fatal("no engine runs")
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer c.Close()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			if err := c.ScanFolder(ctx, ""); err != nil && ctx.Err() == nil {
				d.t.Errorf("looking through the folders: %v", err)
				return
			}
			<-tick.C
		}
	}()
	end := func() {
		cancel()
		<-ended
	}
	d.t.Cleanup(end)
	return end
}
