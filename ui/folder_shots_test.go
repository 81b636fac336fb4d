package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// deskEngine is an engine with accounts and folders of all kinds.
func deskEngine() *fakeEngine {
	now := pictured
	last, next := now.Add(-2*time.Hour), now.Add(40*time.Second)
	s := control.Status{
		Running: true, State: control.StateStopped, Text: "Ip: the sign-in is not valid any more", Hint: "Sign in again.",
		Counts: control.Counts{Ready: 12, Waiting: 4, Failed: 2, Delivered: 13_155},
	}
	s.Accounts = []control.Account{
		{Name: "Gallery", Service: "piwigo", URL: "https://photos.example.org", User: "anna", State: control.AccountOK, Delivered: 12_345},
		{Name: "Home", Service: "picapport", URL: "https://nas.example", User: "anna", State: control.AccountOffline, Reason: "the server cannot be reached", Hint: "It is tried again by itself; photos wait safely.", Next: &next, Ready: 12, Failed: 2, Delivered: 810},
		{Name: "Ip", Service: "ipernity", URL: "https://www.ipernity.com", SignIn: control.SignInBrowser, State: control.AccountHeld, Reason: "the sign-in is not valid any more", Hint: "Sign in again.", Waiting: 4},
	}
	s.Folders = []control.Folder{
		{Path: "/home/anna/Pictures", State: control.FolderWatching, Accounts: []string{"Gallery", "Home"}, Everything: true, Album: "{date:2006}/{date:2006-01}", Title: "{name}", Tags: []string{"family", "{year}"}, SyncCheck: true, Cool: "10m0s", Waiting: 12, Held: 3, Failed: 2, LastSent: &last, Files: 8200, LastScan: &last},
		{Path: "/media/anna/EOS/DCIM", State: control.FolderAway, Reason: "empty, and on another device than before: the drive is not mounted", Accounts: []string{"Home"}, Album: "{path}", LastSent: &last},
		{Path: "/home/anna/Documents/A folder with a name that is really much too long for a line/Scans", State: control.FolderWatching, Accounts: []string{"Gallery"}, Album: "Family/Scans", Everything: true, SyncCheck: true, LastSent: &last, Files: 31, LastScan: &last},
		{Path: "/srv/locked", State: control.FolderBroken, Reason: "open /srv/locked: permission denied", Accounts: []string{"Ip"}},
	}
	e := &fakeEngine{status: s, desk: desk{look: sea, general: general()}, albums: []string{"Family", "Sea"}}
	e.general.Files = control.Files{
		Settings: "/home/anna/.config/photoferry/settings.toml", Queue: "/home/anna/.local/share/photoferry/queue.db",
		Secrets: "the system's keyring", Log: "/home/anna/.local/state/photoferry/photoferry.log",
	}
	return e
}

// deskServices are those that the accounts are on.
func deskServices(e *fakeEngine) []control.Service {
	return append(e.Services(), control.Service{ID: "piwigo", Name: "Piwigo", Options: []control.ServiceOption{
		{Key: "album", Help: `where photos go that no folder has an album for: a path such as "Holidays/2026", or "id:12"; "PhotoFerry" otherwise`},
		{Key: "author", Help: "the author of all photos"}, {Key: "lanes", Help: "photos sent at once, 1 to 4; 2 already take all that a usual server has"},
		{Key: "front_password", Help: "password of the web server in front", Secret: true},
	}})
}

// walkDesk shows the rules of folders and accounts, and what is said of slips.
func walkDesk(t *testing.T, c *camera) {
	e := deskEngine()
	w := c.window(t, e, Options{})
	w.services = deskServices(e)
	w.show(pageFolders)
	f := w.newRulesSheet(&e.status.Folders[0])
	f.show()
	c.snap(t, "rules")
	f.album.SetText("Family/{nme}/{year}")
	f.tags.SetText("sea, {nme}")
	f.preview()
	c.snap(t, "rules-slip")
	f.unfold(true)
	f.sheet.scroll.ScrollToBottom()
	c.snap(t, "rules-more")
	f.sheet.scroll.ScrollToTop()
	w.popup(fieldItems(f.album, true, func() {}), fyne.NewPos(c.size.Width/2, c.size.Height/3))
	c.snap(t, "rules-fields")
	w.win.Canvas().Overlays().Remove(w.win.Canvas().Overlays().Top())
	f.sheet.hide()
	g := w.newFolderSheet("/home/anna/Pictures")
	g.show()
	settle(w)
	g.wrong("path", "The folder cannot be read: permission denied. Check the path, or plug the drive in.")
	c.snap(t, "watch")
	g.sheet.hide()
	r := w.newAccountRules(&e.status.Accounts[0], &control.AccountSpec{Service: "piwigo", Name: "Gallery", URL: "https://photos.example.org", User: "anna", Options: map[string]string{"lanes": "2"}})
	r.sheet.show()
	c.snap(t, "account")
	r.unfold(true)
	r.url.SetText("")
	r.run()
	c.snap(t, "account-slip")
	r.url.SetText("https://elsewhere.example")
	e.report = control.CheckReport{Ticks: []control.Tick{{What: "The server answers", OK: true}, {What: "Sign-in", Detail: "refused"}}, Reason: "the password is wrong", Hint: "Type it again."}
	r.run()
	c.snap(t, "account-refused")
	r.sheet.hide()
}
