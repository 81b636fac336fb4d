package ui

import (
	"reflect"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// ipSpec is an account with an option, and a secret one that is not told.
func ipSpec() control.AccountSpec {
	return control.AccountSpec{
		Service: "ipernity", Name: "Ip", URL: "https://www.ipernity.com", Options: map[string]string{"api_key": "79f0", "licence": "5"},
	}
}

func changingIP(t *testing.T, e *fakeEngine) (*Window, *accountRules) {
	t.Helper()
	e.status, e.spec = browserAccount(control.AccountOK), ipSpec()
	e.status.Accounts = append(e.status.Accounts, control.Account{Name: "Club"})
	w := newTestWindow(t, e, Options{})
	w.win.Resize(fyne.NewSize(640, 480))
	w.show(pageAccounts)
	w.pages[pageAccounts].(*accountsPage).cards.all[0].more.OnTapped()
	chooseItem(t, w, "Change")
	wants(t, e, "account spec Ip")
	shows(t, w, "Change the account Ip")
	r := w.newAccountRules(&e.status.Accounts[0], &e.spec)
	w.escape()
	r.sheet.show()
	return w, r
}

func (r *accountRules) input(key string) *entry {
	for _, o := range r.options {
		if o.Key == key {
			return o.entry
		}
	}
	return nil
}

func TestAnAccountIsChanged(t *testing.T) {
	text := func(s string) *string { return &s }
	for _, tt := range []struct {
		name string
		edit func(r *accountRules)
		want control.AccountChange
	}{
		{"name", func(r *accountRules) { r.name.SetText(" Gallery ") }, control.AccountChange{Account: "Ip", Name: text("Gallery")}},
		{"address", func(r *accountRules) { r.url.SetText("https://y.org") }, control.AccountChange{Account: "Ip", URL: text("https://y.org")}},
		{"option", func(r *accountRules) { r.input("licence").SetText("0") }, control.AccountChange{Account: "Ip", Options: map[string]string{"licence": "0"}}},
		{"option away", func(r *accountRules) { r.input("licence").SetText("") }, control.AccountChange{Account: "Ip", Options: map[string]string{"licence": ""}}},
		{"secret", func(r *accountRules) { r.input("proxy_password").SetText("new") }, control.AccountChange{Account: "Ip", Options: map[string]string{"proxy_password": "new"}}},
		{"secret away", func(r *accountRules) {
			for _, o := range r.options {
				if o.gone != nil {
					o.gone.SetChecked(true)
				}
			}
		}, control.AccountChange{Account: "Ip", Options: map[string]string{"proxy_password": ""}}},
		{"no place", func(r *accountRules) { r.copied.strip.SetSelected("Where they were taken") }, control.AccountChange{Account: "Ip", Strip: text("place")}},
		{"no place near home", func(r *accountRules) {
			r.copied.strip.SetSelected("Where they were taken, near home only")
			r.copied.home.SetText(" 48.1, 11.5, 500 ")
		}, control.AccountChange{Account: "Ip", Strip: text("place"), Home: text("48.1, 11.5, 500")}},
		{"smaller", func(r *accountRules) {
			r.copied.side.SetSelected("At most 2048 pixels")
			r.copied.quality.SetText("80")
		}, control.AccountChange{Account: "Ip", LongestSide: new(2048), Quality: new(80)}},
		{"several", func(r *accountRules) {
			r.name.SetText("G")
			r.input("api_key").SetText("aaaa")
		}, control.AccountChange{Account: "Ip", Name: text("G"), Options: map[string]string{"api_key": "aaaa"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &fakeEngine{report: control.CheckReport{OK: true}}
			w, r := changingIP(t, e)
			tt.edit(r)
			press(t, w, "Check and save")
			wants(t, e, "change account Ip")
			if !reflect.DeepEqual(e.accountChange, tt.want) {
				t.Errorf("it is asked for %+v, want %+v", e.accountChange, tt.want)
			}
			if r.sheet.open {
				t.Error("the sheet stays")
			}
			shows(t, w, "The account was changed")
		})
	}
}

func TestAnAccountThatIsNotTouchedIsNotAsked(t *testing.T) {
	e := &fakeEngine{}
	w, r := changingIP(t, e)
	press(t, w, "More settings")
	shows(t, w, "Proxy password", "Forget the one that is kept")
	if s := r.input("proxy_password"); s.PlaceHolder != "Unchanged" || !s.Password || s.Text != "" {
		t.Errorf("the secret is shown as %q, %q", s.PlaceHolder, s.Text)
	}
	press(t, w, "Check and save")
	wants(t, e)
	if r.sheet.open {
		t.Error("the sheet stays")
	}
}

func TestWhatIsWrongWithAnAccountIsSaidAtItsField(t *testing.T) {
	e := &fakeEngine{}
	w, r := changingIP(t, e)
	at := func(name, want string) {
		t.Helper()
		press(t, w, "Check and save")
		for n, ff := range r.faults {
			if got := ff.reason.Visible(); got != (n == name) {
				t.Errorf("at %s there is a complaint: %v", n, got)
			}
		}
		if got := r.faults[name].reason.Text; got != want {
			t.Errorf("at %s: %q, want %q", name, got, want)
		}
		if focused(w) != r.faults[name].input {
			t.Errorf("nobody is led to %s", name)
		}
	}
	r.copied.quality.SetText("101")
	at("quality", "Write a number from 1 to 100, or nothing.")
	r.copied.quality.SetText("")
	r.copied.strip.SetSelected("Where they were taken, near home only")
	at("home", "Say where home is.")
	r.copied.strip.SetSelected("Nothing")
	r.name.SetText("")
	at("name", "Give the account a name.")
	r.name.SetText("Club")
	at("name", "Another account has this name.")
	r.name.SetText("Ip")
	r.url.SetText(" ")
	at("url", "The address is missing.")
	r.url.SetText("https://y.org")
	r.input("api_key").SetText("")
	at("options.api_key", "API key is missing: The application's key.")
	wants(t, e)
	r.input("api_key").SetText("x")
	r.input("proxy_password").SetText("y")
	e.err = &control.Problem{Message: "not an address", Hint: "Write it like https://x.org", Field: "url"}
	at("url", "Not an address. Write it like https://x.org")
	e.err = &control.Problem{Message: "too long", Field: "options.proxy_password"}
	at("options.proxy_password", "Too long.")
	if !r.more.Visible() {
		t.Error("the complaint is hidden")
	}
	e.err = &control.Problem{Message: "the disk is full"}
	press(t, w, "Check and save")
	shows(t, w, "The disk is full.")

	e.err = nil
	e.report = control.CheckReport{Ticks: []control.Tick{{What: "The server answers", Detail: "no"}}, Reason: "it cannot be reached"}
	press(t, w, "Check and save")
	shows(t, w, "The server answers: no", "It cannot be reached.", "Nothing was changed.")
	if !r.sheet.open || r.url.Text != "https://y.org" || r.input("api_key").Text != "x" || r.input("proxy_password").Text != "y" || r.save.Disabled() {
		t.Error("what was typed is lost")
	}
}

func TestTheCertificateOfANewAddressIsAskedAbout(t *testing.T) {
	e := &fakeEngine{report: control.CheckReport{Fingerprint: "00ff", Reason: "not trusted"}}
	w, r := changingIP(t, e)
	r.url.SetText("https://nas.example")
	press(t, w, "Check and save")
	shows(t, w, "Is this the right server?", "00:FF")
	if e.accountChange.Fingerprint != nil {
		t.Error("it was trusted unasked")
	}
	e.report = control.CheckReport{OK: true, LoginNext: true, Ticks: []control.Tick{{What: "Address", OK: true}}}
	press(t, w, "It is the same, trust it")
	if p := e.accountChange.Fingerprint; p == nil || *p != "00ff" {
		t.Errorf("it is asked for %+v", e.accountChange)
	}
	shows(t, w, "The account was changed", "Sign in in the browser")
	w.escape()

	r = w.newAccountRules(&e.status.Accounts[0], &e.spec)
	r.sheet.show()
	r.pin = "00ff"
	r.url.SetText("https://other.example")
	press(t, w, "Check and save")
	if e.accountChange.Fingerprint != nil {
		t.Error("one server's certificate is trusted at another's address")
	}
}

func TestTheAlbumOfAnAccountIsChosen(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), albums: []string{"Holidays", "Sea"}, report: control.CheckReport{OK: true}}
	w := newTestWindow(t, e, Options{})
	w.services = append(e.Services(), control.Service{ID: "piwigo", Name: "Piwigo", Options: []control.ServiceOption{{Key: "album", Help: "where photos go"}, {Key: "lanes", Help: "photos sent at once"}, {Key: "key", Needed: true, Secret: true}}})
	spec := control.AccountSpec{Service: "piwigo", Name: "Home", URL: "https://x.org", User: "anna"}
	r := w.newAccountRules(&e.status.Accounts[0], &spec)
	r.sheet.show()
	shows(t, w, "anna at Piwigo", "Album of photos that no folder has one for")
	hides(t, w, "Lanes")
	press(t, w, "Choose")
	shows(t, w, "Choose an album")
	w.picker.find.SetText("New one")
	shows(t, w, "A new album “New one” is made")
	w.picker.choose()
	press(t, w, "More settings")
	shows(t, w, "Lanes", "Photos sent at once.")
	r.input("lanes").SetText("2")
	press(t, w, "Check and save")
	if want := map[string]string{"album": "New one", "lanes": "2"}; !reflect.DeepEqual(e.accountChange.Options, want) {
		t.Errorf("it is asked for %+v", e.accountChange)
	}
	if _, ok := r.faults["options.album"]; !ok {
		t.Error("nothing can be said at the album")
	}
}
