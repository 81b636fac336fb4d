//go:build linux

package e2e

import "testing"

func TestSecondStartRaisesTheWindowAndHandsFilesOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	site := d.site("picapport")
	first := d.open()
	d.appears()
	must(t, d.tool("xdotool", "getactivewindow", "windowminimize"))
	d.closed()

	d.open().ends()
	d.appears()

	files := d.photos(0, "home/Bilder/a b.jpg", "home/Bilder/Höhe #1.jpg")
	d.open(files...).ends()
	d.sees("a b.jpg, Höhe #1.jpg")
	d.click("Add")
	d.until("both photos are delivered", func() bool { return d.status().Counts.Delivered == 2 })
	must(t, site.has(files))
	if n := len(d.shown()); n != 1 || first.ended() {
		t.Errorf("%d windows, the first has ended: %v", n, first.ended())
	}
}

func TestCloseToTheTrayAndBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	w := d.open()
	d.appears()
	tray := d.panel.Icon()

	d.closeWindow()
	d.sees("PhotoFerry goes on in the background")
	d.click("Close the window")
	w.ends()
	d.closed()
	if !d.status().Running {
		t.Fatal("the engine has ended with its window")
	}

	tray.Click("Open window")
	d.appears()
	d.closeWindow() // it was said once
	d.closed()
	tray.Tap()
	d.appears()

	tray.Click("Quit")
	d.closed()
	d.until("the engine has ended", func() bool { return !d.status().Running })
}

func TestWindowSaysWhenTheEngineHasGoneAndStartsAnother(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.guided()
	engine := d.start("engine", binary, "run")
	d.until("the engine runs", func() bool { return d.status().Running })
	d.open()
	d.appears()
	must(t, engine.cmd.Process.Kill())
	<-engine.done
	d.sees("The engine is not running")
	d.click("Start")
	d.until("an engine runs", func() bool { return d.status().Running })
	d.misses("The engine is not running")
}
