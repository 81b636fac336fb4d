package ui

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// recordTo is a browser that writes down what it is to open.
func recordTo(opened *[]string) func(*url.URL) error {
	return func(u *url.URL) error {
		*opened = append(*opened, u.String())
		return nil
	}
}

// browserAccount is an account that is signed in to in the browser.
func browserAccount(state control.AccountState) control.Status {
	s := oneAccount()
	s.Accounts[0] = control.Account{Name: "Ip", Service: "ipernity", URL: "https://www.ipernity.com", SignIn: control.SignInBrowser, State: state}
	return s
}

func TestAccountSheetAsksForWhatTheServiceNeeds(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), page: "https://x.org/allow"}
	w := newTestWindow(t, e, Options{})
	var opened []string
	w.browse = recordTo(&opened)
	w.win.Resize(fyne.NewSize(640, 480))
	a := w.newAccountSheet()
	a.sheet.show()
	shows(t, w, "User", "Password")
	hides(t, w, "API key") // may be left out
	press(t, w, "More settings")
	shows(t, w, "API key", "The server's webapi.apikey, if it has one.")
	a.options[0].entry.SetText("of PicApport")

	a.service.SetSelected("ipernity")
	shows(t, w, "The application's secret", "API key", "The application's key.", "You sign in on the pages of ipernity")
	hides(t, w, "User", "Password", "Licence")
	if a.url.Text != "https://site.example" {
		t.Errorf("the address is %q, want the service's own", a.url.Text)
	}
	a.service.SetSelected("PicApport")
	if a.url.Text != "" {
		t.Errorf("the address of another service stays: %q", a.url.Text)
	}
	a.service.SetSelected("ipernity")
	a.name.SetText("Ip")
	a.url.SetText("https://www.ipernity.com")
	a.user.SetText("left from another service")
	a.secret.SetText("s3cret")
	press(t, w, "Check and add")
	shows(t, w, "API key is missing: The application's key.")
	wants(t, e)
	if a.options[0].entry.Password || !a.options[2].entry.Password {
		t.Error("what is no secret is hidden, or what is one is shown")
	}
	a.options[0].entry.SetText(" 79f0 ")
	press(t, w, "More settings")
	shows(t, w, "Licence", "Proxy password", "a number from 0")
	a.options[1].entry.SetText("5")
	press(t, w, "Fewer settings")
	hides(t, w, "Licence")

	e.report = control.CheckReport{OK: true, LoginNext: true, Ticks: []control.Tick{{What: "Address and keys", OK: true}, {What: "Sign-in", Detail: "not yet"}}}
	press(t, w, "Check and add")
	wants(t, e, "add account")
	want := control.AccountSpec{Service: "ipernity", Name: "Ip", URL: "https://www.ipernity.com", Secret: "s3cret", Options: map[string]string{"api_key": "79f0", "licence": "5"}}
	if fmt.Sprint(e.account) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %+v", e.account, want)
	}
	shows(t, w, "The account was added", "Address and keys", "Sign-in: not yet", "One step is left")
	if len(opened) > 0 {
		t.Errorf("opened unasked: %q", opened)
	}
	press(t, w, "Sign in in the browser")
	wants(t, e, "begin login Ip")
	shows(t, w, "Allow PhotoFerry to add photos.")
	if !slices.Equal(opened, []string{"https://x.org/allow"}) {
		t.Errorf("opened %q", opened)
	}
}

func TestCertificateIsAcceptedForOneAddress(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), report: control.CheckReport{Fingerprint: "00ff"}}
	w := newTestWindow(t, e, Options{})
	a := w.newAccountSheet()
	a.sheet.show()
	a.name.SetText("Club")
	a.url.SetText("https://x.org")
	press(t, w, "Check and add")
	e.report = control.CheckReport{Reason: "the password is wrong"}
	press(t, w, "It is the same, trust it")
	a.url.SetText("https://y.org")
	press(t, w, "Check and add")
	if e.account.URL != "https://y.org" || e.account.Fingerprint != "" {
		t.Errorf("got %+v", e.account)
	}
}

func TestSignInInTheBrowser(t *testing.T) {
	e := &fakeEngine{status: browserAccount(control.AccountHeld), page: "https://x.org/allow?frob=1"}
	w := newTestWindow(t, e, Options{})
	var opened []string
	w.browse = recordTo(&opened)
	w.show(pageAccounts)
	press(t, w, "Sign in")
	wants(t, e, "begin login Ip")
	shows(t, w, "A page of ipernity opens in your browser", "https://x.org/allow?frob=1")
	press(t, w, "Open the page again")
	if !slices.Equal(opened, []string{"https://x.org/allow?frob=1", "https://x.org/allow?frob=1"}) {
		t.Errorf("opened %q", opened)
	}
	press(t, w, "Copy address")
	if got := w.app.Clipboard().Content(); got != e.page {
		t.Errorf("copied %q", got)
	}
	e.err = &control.Problem{Message: "ip: it was not allowed yet", Hint: "Allow it in the browser, then press Done.", Exit: 4}
	press(t, w, "Done")
	shows(t, w, "Ip: it was not allowed yet. Allow it in the browser, then press Done.")
	e.err, e.page = nil, "https://x.org/allow?frob=2"
	press(t, w, "Begin again")
	wants(t, e, "finish login Ip", "begin login Ip")
	shows(t, w, "https://x.org/allow?frob=2")
	if opened[len(opened)-1] != e.page {
		t.Errorf("opened %q", opened)
	}
	e.report = control.CheckReport{OK: true, User: "anna", Ticks: []control.Tick{{What: "May upload", OK: true}}}
	press(t, w, "Done")
	wants(t, e, "finish login Ip")
	shows(t, w, "Ip is ready", "May upload", "signed in as anna")
	if len(w.sheets) != 1 {
		t.Errorf("%d sheets are open", len(w.sheets))
	}
}

func TestSignInPageMustBeAWebPage(t *testing.T) {
	for _, page := range []string{"file:///etc/passwd", "javascript:alert(1)", "https:", ""} {
		e := &fakeEngine{status: browserAccount(control.AccountOK), page: page}
		w := newTestWindow(t, e, Options{})
		var opened []string
		w.browse = recordTo(&opened)
		w.signIn(&e.status.Accounts[0])
		settle(w)
		if len(opened) > 0 {
			t.Errorf("%q was opened", opened)
		}
		shows(t, w, "No browser could be opened here.")
	}
}

func TestSignInWithoutABrowserCanBeDoneByHand(t *testing.T) {
	e := &fakeEngine{status: browserAccount(control.AccountOK), page: "https://x.org/allow"}
	w := newTestWindow(t, e, Options{})
	w.browse = func(*url.URL) error { return errors.New("no browser") }
	w.signIn(&e.status.Accounts[0])
	settle(w)
	shows(t, w, "No browser could be opened here. Copy the address instead.", "https://x.org/allow")
	press(t, w, "Cancel")
	if len(w.sheets) != 0 {
		t.Error("the sheet stays")
	}
}

func TestSignInPageOfAnUnknownServerAsksAboutItsCertificate(t *testing.T) {
	e := &fakeEngine{status: browserAccount(control.AccountOK), err: &control.Problem{Message: "not trusted", Exit: 4, Fingerprint: "ab01"}}
	w := newTestWindow(t, e, Options{})
	w.signIn(&e.status.Accounts[0])
	settle(w)
	shows(t, w, "Is this the right server?", "AB:01")
	e.err = nil
	e.took()
	press(t, w, "It is the same, trust it")
	wants(t, e, "trust Ip ab01")
}

func TestMenuOfAnAccountFollowsItsSignIn(t *testing.T) {
	e := &fakeEngine{status: browserAccount(control.AccountOK), page: "https://x.org/allow"}
	w := newTestWindow(t, e, Options{})
	w.browse = recordTo(new([]string))
	labels := func(a control.Account) string {
		var ls []string
		for _, it := range w.accountMenu(&a) {
			ls = append(ls, it.label)
		}
		return strings.Join(ls, ", ")
	}
	if got, want := labels(e.status.Accounts[0]), "Check, Change, Sign in, Change the application's secret, Albums, Pause, Remove"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := labels(control.Account{State: control.AccountPaused}), "Check, Change, Sign in again, Albums, Resume, Remove"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.show(pageAccounts)
	more := w.pages[pageAccounts].(*accountsPage).cards.all[0].more
	more.OnTapped()
	chooseItem(t, w, "Change the application's secret")
	shows(t, w, "The application's secret", "The secret that belongs to the application's key at ipernity.")
	e.report = control.CheckReport{OK: true, LoginNext: true}
	press(t, w, "Sign in")
	wants(t, e, "login Ip ")
	shows(t, w, "Ip is nearly ready")
	press(t, w, "Sign in in the browser")
	wants(t, e, "begin login Ip")
}

func TestAlbumsOfAnAccount(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	w.show(pageAccounts)
	more := w.pages[pageAccounts].(*accountsPage).cards.all[0].more
	more.OnTapped()
	chooseItem(t, w, "Albums")
	wants(t, e, "albums Home")
	shows(t, w, "0 albums at Home", "There is no album yet.")
	w.escape()

	for i := range 300 {
		e.albums = append(e.albums, fmt.Sprintf("Trips/%03d", i))
	}
	e.albums = append(e.albums, "a\u202eb")
	w.showAlbums("Home")
	settle(w)
	shows(t, w, "301 albums at Home", "Trips/000", "and 101 more: type a part of the name")
	hides(t, w, "Trips/299", "\u202e")
	for _, o := range objects(w) {
		if find, ok := o.(*entry); ok {
			find.SetText(" trips/29 ")
		}
	}
	shows(t, w, "Trips/299")
	hides(t, w, "Trips/000", "more")
	w.escape()

	e.err = &control.Problem{Message: "picApport has no albums", Hint: "Its photos are found by title."}
	w.showAlbums("Home")
	settle(w)
	shows(t, w, "PicApport has no albums.", "Its photos are found by title.")
}

func TestServicesAreNamedAsTheEngineNamesThem(t *testing.T) {
	s := browserAccount(control.AccountOK)
	s.Accounts = append(s.Accounts, control.Account{Name: "New", Service: "newer", URL: "https://n.org", State: control.AccountOK})
	w := newTestWindow(t, &fakeEngine{status: s}, Options{})
	w.show(pageAccounts)
	shows(t, w, "ipernity · https://www.ipernity.com", "newer · https://n.org")
	for key, want := range map[string]string{"api_key": "API key", "licence": "Licence", "hide_place": "Hide place", "login_url": "Login URL", "": ""} {
		if got := optionLabel(key); got != want {
			t.Errorf("%q is shown as %q, want %q", key, got, want)
		}
	}
}

func TestAFullAccountIsCheckedAndNotSignedInTo(t *testing.T) {
	s := browserAccount(control.AccountHeld)
	s.Accounts[0].Kind, s.Accounts[0].Reason = "full", "the account has sent as much as it may this month"
	s.Accounts[0].Hint = "It goes on when the month turns."
	e := &fakeEngine{status: s, report: control.CheckReport{OK: true}}
	w := newTestWindow(t, e, Options{})
	w.show(pageAccounts)
	shows(t, w, "Full", "The account has sent as much as it may this month. It goes on when the month turns.")
	hides(t, w, "Sign in")
	press(t, w, "Check again")
	wants(t, e, "check Ip")
}
