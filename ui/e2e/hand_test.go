//go:build linux

package e2e

import (
	"os/exec"
	"strconv"
	"strings"
)

const title = "PhotoFerry"

// keys presses keys, one after the other, as xdotool names them.
func (d *desk) keys(names ...string) {
	d.t.Helper()
	must(d.t, d.tool("xdotool", append([]string{"key", "--delay", "40"}, names...)...))
}

// sees waits until a text is on the screen and returns where.
func (d *desk) sees(text string) place {
	d.t.Helper()
	var at place
	d.until("the text "+strconv.Quote(text)+" is on the screen", func() bool {
		found := d.eye.look().find(text)
		if len(found) > 0 {
			at = found[0]
		}
		return len(found) > 0
	})
	return at
}

// misses waits until a text is not on the screen any more.
func (d *desk) misses(text string) {
	d.t.Helper()
	d.until("the text "+strconv.Quote(text)+" has gone", func() bool { return len(d.eye.look().find(text)) == 0 })
}

// click waits for a text and clicks it; of several it is the clearest.
func (d *desk) click(text string) {
	d.t.Helper()
	at := d.sees(text)
	x, y := (at.Min.X+at.Max.X)/2, (at.Min.Y+at.Max.Y)/2
	must(d.t, d.tool("xdotool", "mousemove", strconv.Itoa(x), strconv.Itoa(y), "click", "1"))
}

// shown returns the windows of the program that can be seen.
func (d *desk) shown() []string {
	cmd := exec.Command("xdotool", "search", "--onlyvisible", "--name", "^"+title+"$")
	cmd.Env = d.env
	out, _ := cmd.Output() // fails when there is none
	return strings.Fields(string(out))
}

// appears waits until the window is shown and in front, with a page in it.
func (d *desk) appears() {
	d.t.Helper()
	d.until("the window is in front", func() bool {
		cmd := exec.Command("xdotool", "getactivewindow", "getwindowname")
		cmd.Env = d.env
		out, err := cmd.Output()
		return err == nil && strings.TrimSpace(string(out)) == title
	})
	d.sees("Accounts")
}

// closed waits until no window is shown.
func (d *desk) closed() {
	d.t.Helper()
	d.until("the window is closed", func() bool { return len(d.shown()) == 0 })
}

// closeWindow closes the window by the cross of its frame.
func (d *desk) closeWindow() {
	d.t.Helper()
	must(d.t, d.tool("wmctrl", "-F", "-c", title))
}
