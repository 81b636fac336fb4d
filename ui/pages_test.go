package ui

import (
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func TestAccountsPageOffersTheOneRepair(t *testing.T) {
	for _, tt := range []struct {
		name   string
		state  control.AccountState
		pin    string
		button string
		then   func(t *testing.T, w *Window)
		asked  []string
	}{
		{"healthy", control.AccountOK, "", "Check", nil, []string{"check Home"}},
		{"out of reach", control.AccountOffline, "", "Check", nil, []string{"check Home"}},
		{"paused", control.AccountPaused, "", "Resume", nil, []string{"resume Home"}},
		{"held", control.AccountHeld, "", "Sign in again", func(t *testing.T, w *Window) {
			shows(t, w, "The password was refused.")
			press(t, w, "Sign in")
		}, []string{"login Home "}},
		{"certificate", control.AccountHeld, "ab01ff", "Check the certificate", func(t *testing.T, w *Window) {
			shows(t, w, "AB:01:FF", "Is this the right server?")
			press(t, w, "It is the same, trust it")
		}, []string{"trust Home ab01ff"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := oneAccount()
			a := &s.Accounts[0]
			a.State, a.Fingerprint, a.Reason = tt.state, tt.pin, "the password was refused"
			e := &fakeEngine{status: s, report: control.CheckReport{OK: true}}
			w := newTestWindow(t, e, Options{})
			w.show(pageAccounts)
			w.strip.pause.Hide() // which has a Resume of its own
			press(t, w, tt.button)
			if tt.then != nil {
				wants(t, e)
				tt.then(t, w)
			}
			wants(t, e, tt.asked...)
		})
	}
}

func TestAccountCardSaysStateReasonAndNumbers(t *testing.T) {
	now := time.Now()
	next := now.Add(40 * time.Second)
	a := control.Account{
		Name: "Home", Service: "picapport", URL: "https://x.org", User: "anna", State: control.AccountOffline, Reason: "the server cannot be reached",
		Hint: "It is tried again.", Next: &next, Ready: 3, Leased: 1, Waiting: 2, Failed: 1, Skipped: 4, Delivered: 1200,
	}
	v := accountView(&a, "PicApport", false, now)
	want := cardView{
		icon: "account", title: "Home", state: "Cannot be reached, next try in 40 s", hue: colorMuted, path: "PicApport · anna at https://x.org",
		facts: "1,200 delivered · 4 to send · 2 waiting · 1 failed · 4 skipped", reason: "The server cannot be reached. It is tried again.",
		act: "Check", actIcon: "check",
	}
	if v != want {
		t.Errorf("got %+v\nwant %+v", v, want)
	}
	if v := accountView(&a, "PicApport", true, now); v.state != "" || !v.faded {
		t.Errorf("without an engine it claims %q", v.state)
	}
}

func TestNewAccountIsCheckedBeforeItIsSaved(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	w.show(pageAccounts)
	press(t, w, "Add account")
	press(t, w, "Check and add")
	shows(t, w, "Give the account a name.")
	a := w.newAccountSheet()
	a.sheet.show()
	a.name.SetText("Club")
	a.url.SetText("photos.example.org")
	a.user.SetText("anna")
	a.secret.SetText("s3cret")

	e.report = control.CheckReport{Ticks: []control.Tick{{What: "The server answers", OK: true}, {What: "Sign-in", Detail: "refused"}}, Reason: "the password is wrong", Hint: "Type it again."}
	press(t, w, "Check and add")
	wants(t, e, "add account")
	shows(t, w, "The server answers", "Sign-in: refused", "The password is wrong. Type it again.")
	if !a.sheet.open || a.add.Disabled() {
		t.Fatal("there is no second try")
	}

	e.report = control.CheckReport{Fingerprint: "00ff", Reason: "the certificate is not trusted"}
	press(t, w, "Check and add")
	shows(t, w, "00:FF")
	e.report = control.CheckReport{OK: true, Server: "PicApport 10.4", MaxBytes: 25e6, Ticks: []control.Tick{{What: "May upload", OK: true}}}
	press(t, w, "It is the same, trust it")
	wants(t, e, "add account", "add account")
	want := control.AccountSpec{Service: "picapport", Name: "Club", URL: "photos.example.org", User: "anna", Secret: "s3cret", Fingerprint: "00ff"}
	if got := e.account; got.URL != want.URL || got.Name != want.Name || got.Secret != want.Secret || got.Fingerprint != want.Fingerprint || got.User != want.User {
		t.Errorf("got %+v", got)
	}
	if a.sheet.open {
		t.Error("the sheet stays open")
	}
	shows(t, w, "The account was added", "May upload", "PicApport 10.4 · files up to 25 MB")
}

func TestCertificateInAProblemIsAskedAbout(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), err: &control.Problem{Message: "not trusted", Exit: 4, Fingerprint: "aa"}}
	w := newTestWindow(t, e, Options{})
	a := w.newAccountSheet()
	a.sheet.show()
	a.name.SetText("Club")
	a.url.SetText("https://x.org")
	press(t, w, "Check and add")
	shows(t, w, "Is this the right server?")
	press(t, w, "It is the same, trust it") // still refused: no loop of questions
	if a.pin != "aa" {
		t.Error("the answer was forgotten")
	}
	shows(t, w, "Not trusted.")
}

func TestAccountMenu(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	w.show(pageAccounts)
	more := w.pages[pageAccounts].(*accountsPage).cards.all[0].more
	for _, tt := range []struct{ item, asked string }{{"Pause", "pause Home"}} {
		more.OnTapped()
		chooseItem(t, w, tt.item)
		wants(t, e, tt.asked)
	}
	more.OnTapped()
	chooseItem(t, w, "Remove")
	shows(t, w, "What is on the server stays there")
	wants(t, e)
	press(t, w, "Remove")
	wants(t, e, "remove account Home")
}

func TestDurationsAreShort(t *testing.T) {
	for d, want := range map[string]string{"10m0s": "10m", "1h0m0s": "1h", "1h30m0s": "1h30m", "90s": "90s", "24h": "24h", "20m5s": "20m5s"} {
		if got := coolWords(d); got != want {
			t.Errorf("%s is shown as %q, want %q", d, got, want)
		}
	}
}

func TestFoldersPage(t *testing.T) {
	s := oneAccount()
	last := time.Now()
	s.Folders[0].Files, s.Folders[0].LastScan, s.Folders[0].Settling, s.Folders[0].Cool = 8200, &last, 2, "10m0s"
	s.Folders = append(s.Folders, control.Folder{Path: "/media/card/DCIM", State: control.FolderAway, Reason: "the card is not plugged in", Everything: true})
	e := &fakeEngine{status: s}
	w := newTestWindow(t, e, Options{})
	w.show(pageFolders)
	shows(t, w, "Watching", "~/Pictures", "to Home", "8,200 files · checked today", "2 not finished yet", " · new photos only",
		"DCIM", "Away, comes back by itself", "The card is not plugged in.")
	press(t, w, "Check now")
	wants(t, e, "scan ")
	cards := w.pages[pageFolders].(*foldersPage).cards.all
	if cards[1].title.color != colorMuted || cards[0].title.color == colorMuted {
		t.Error("a folder that is away is not greyed, or another is")
	}
	cards[1].act.OnTapped()
	settle(w)
	wants(t, e, "scan /media/card/DCIM")
	cards[0].more.OnTapped()
	chooseItem(t, w, "Send now what cools down")
	wants(t, e, "release /home/me/Pictures")
	cards[0].more.OnTapped()
	chooseItem(t, w, "Remove")
	shows(t, w, "The folder and its photos stay as they are")
	press(t, w, "Remove")
	wants(t, e, "remove folder /home/me/Pictures")

	s.Folders = s.Folders[:1]
	refreshed(w, s)
	hides(t, w, "DCIM")
}

func TestAddingAFolder(t *testing.T) {
	s := oneAccount()
	s.Accounts = append(s.Accounts, control.Account{Name: "Club"})
	e := &fakeEngine{status: s}
	w := newTestWindow(t, e, Options{})
	w.show(pageFolders)
	f := w.newFolderSheet("")
	f.sheet.show()
	press(t, w, "Watch")
	shows(t, w, "Choose a folder first.")
	f.path.SetText("/home/me/DCIM")
	press(t, w, "Watch")
	shows(t, w, "Tick at least one account.")
	wants(t, e)
	f.to.checks[1].SetChecked(true)
	f.scope.SetSelectedIndex(1)
	f.cool.SetSelected("After 1 hour")
	f.album.SetText("{year}")
	f.sync.SetChecked(false)
	e.err = &control.Problem{Message: "this folder is watched already", Hint: "Change its rules instead."}
	press(t, w, "Watch")
	shows(t, w, "This folder is watched already. Change its rules instead.")
	if !f.sheet.open {
		t.Fatal("what was chosen is lost")
	}
	e.err = nil
	press(t, w, "Watch")
	wants(t, e, "add folder", "add folder")
	got := e.folder
	if got.Path != "/home/me/DCIM" || len(got.Accounts) != 1 || got.Accounts[0] != "Club" || !got.Everything || got.Cool != "1h0m0s" || got.Album != "{year}" || !got.NoSyncCheck {
		t.Errorf("got %+v", got)
	}
	shows(t, w, "The folder is watched now: 12 photos found, 12 of them left alone.")
}
