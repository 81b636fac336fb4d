package ui

import (
	"fmt"
	"os"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// TestPicturesOfFoldersAndAccounts makes pictures of both pages and their
// sheets, to be looked at: PHOTOFERRY_SHOTS names the folder that they go to.
func TestPicturesOfFoldersAndAccounts(t *testing.T) {
	dir := os.Getenv("PHOTOFERRY_SHOTS")
	if dir == "" {
		t.Skip("PHOTOFERRY_SHOTS is not set")
	}
	if l := os.Getenv("PHOTOFERRY_LANGUAGE"); l != "" {
		defer speak(say.Language())
		speak(l)
	}
	now := time.Now()
	last, next := now.Add(-2*time.Hour), now.Add(40*time.Second)
	s := control.Status{Running: true, State: control.StateIdle, Text: "Everything sent", Language: os.Getenv("PHOTOFERRY_LANGUAGE")}
	s.Accounts = []control.Account{
		{Name: "Gallery", Service: "piwigo", URL: "https://photos.example.org", User: "anna", State: control.AccountOK, Delivered: 12_345},
		{Name: "Home", Service: "picapport", URL: "https://nas.example", User: "anna", State: control.AccountOffline, Reason: "the server cannot be reached", Hint: "It is tried again.", Next: &next, Ready: 12, Failed: 2, Delivered: 810},
		{Name: "Ip", Service: "ipernity", URL: "https://www.ipernity.com", SignIn: control.SignInBrowser, State: control.AccountHeld, Reason: "the sign-in was taken back", Hint: "Sign in again.", Waiting: 4},
	}
	s.Folders = []control.Folder{
		{Path: "/home/anna/Pictures", State: control.FolderWatching, Accounts: []string{"Gallery", "Home"}, Everything: true, Album: "{date:2006}/{date:2006-01}", Title: "{name}", Tags: []string{"family", "{year}"}, SyncCheck: true, Cool: "10m0s", Waiting: 12, Held: 3, Failed: 2, LastSent: &last, Files: 8200, LastScan: &last},
		{Path: "/media/anna/EOS/DCIM", State: control.FolderAway, Reason: "the drive is not plugged in", Accounts: []string{"Home"}, Album: "{path}", LastSent: &last},
		{Path: "/home/anna/Documents/A folder with a name that is really much too long for a line/Scans", State: control.FolderWatching, Accounts: []string{"Gallery"}, Album: "Family/Scans", Everything: true, SyncCheck: true, LastSent: &last, Files: 31, LastScan: &last},
		{Path: "/srv/locked", State: control.FolderBroken, Reason: "the folder cannot be read: permission denied", Accounts: []string{"Ip"}},
	}
	for _, theme := range []string{"light", "dark"} {
		for _, size := range []fyne.Size{fyne.NewSize(1200, 800), fyne.NewSize(640, 480)} {
			e := &fakeEngine{status: s, desk: desk{look: sea}, albums: []string{"Family", "Sea"}}
			e.status.Theme = theme
			w := newTestWindow(t, e, Options{})
			w.services = append(e.Services(), control.Service{ID: "piwigo", Name: "Piwigo", Options: []control.ServiceOption{
				{Key: "album", Help: `where photos go that no folder has an album for: a path such as "Holidays/2026", or "id:12"; "PhotoFerry" otherwise`},
				{Key: "author", Help: "the author of the photos, where they name none"}, {Key: "lanes", Help: "photos sent at once, 1 to 4; 2 already take all that a usual server has"},
				{Key: "front_password", Help: "of what stands before the site", Secret: true},
			}})
			w.home = "/home/anna"
			w.win.Resize(size)
			refreshed(w, e.status)
			n := 0
			snap := func(name string) {
				n++
				settle(w)
				shoot(t, w, dir, fmt.Sprintf("desk-%d-%s-%s-%v", n, name, theme, size.Width))
			}
			w.show(pageFolders)
			snap("folders")
			f := w.newRulesSheet(&s.Folders[0])
			f.show()
			snap("rules")
			f.album.SetText("Family/{nme}/{year}")
			f.tags.SetText("sea, {nme}")
			f.preview()
			snap("slip")
			f.unfold(true)
			f.sheet.scroll.ScrollToBottom()
			snap("more")
			f.sheet.scroll.ScrollToTop()
			w.popup(fieldItems(f.album, true, func() {}), fyne.NewPos(size.Width/2, size.Height/3))
			snap("fields")
			w.win.Canvas().Overlays().Remove(w.win.Canvas().Overlays().Top())
			f.sheet.hide()
			g := w.newFolderSheet("/home/anna/Pictures")
			g.show()
			settle(w)
			g.wrong("path", "The folder cannot be read: permission denied. Check the path, or plug the drive in.")
			snap("watch")
			g.sheet.hide()
			w.show(pageAccounts)
			snap("accounts")
			r := w.newAccountRules(&s.Accounts[0], &control.AccountSpec{Service: "piwigo", Name: "Gallery", URL: "https://photos.example.org", User: "anna", Options: map[string]string{"lanes": "2"}})
			r.sheet.show()
			snap("account")
			r.unfold(true)
			r.url.SetText("")
			r.run()
			snap("account-slip")
			r.url.SetText("https://elsewhere.example")
			e.report = control.CheckReport{Ticks: []control.Tick{{What: "The server answers", OK: true}, {What: "Sign-in", Detail: "refused"}}, Reason: "the password is wrong", Hint: "Type it again."}
			r.run()
			snap("account-refused")
			r.sheet.hide()
			w.app.Settings().SetTheme(newTheme(""))
		}
	}
}
