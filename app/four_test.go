package app

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/practice"
	"github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/practice/universal"
	"github.com/photoferry/photoferry/app/practice/visit"
)

// server is one practice service that can be stopped and started again at the
// same address, keeping its state.
type server struct {
	*practice.Server
	t       testing.TB
	name    string
	options practice.Options
}

func newServer(t testing.TB, name string) *server {
	t.Helper()
	s := &server{t: t, name: name, options: practice.Options{Dir: t.TempDir(), Services: []string{name}}}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *server) start() {
	s.t.Helper()
	var err error
	waitFor(s.t, "the practice server's address to be free", func() bool {
		s.Server, err = practice.Start(s.options)
		return err == nil
	})
	u, err := url.Parse(s.account().URL)
	if err != nil {
		s.t.Fatal(err)
	}
	s.options.Listen = net.JoinHostPort(u.Hostname(), u.Port())
}

func (s *server) stop() {
	if s.Server == nil {
		return
	}
	if err := s.Close(context.Background()); err != nil {
		s.t.Error(err)
	}
	s.Server = nil
}

func (s *server) account() practice.Account { return s.Accounts()[s.name] }

// join adds an account on the service, under its name, and signs in.
func (h *home) join(a *App, s *server) {
	h.t.Helper()
	p := s.account()
	spec := control.AccountSpec{Service: s.name, Name: s.name, URL: p.URL, User: p.User, Secret: p.Password, Options: p.Options}
	if p.Secret != "" {
		spec.User, spec.Secret = "", p.Secret
	}
	r, err := a.AddAccount(h.t.Context(), spec)
	if err != nil || !r.OK {
		h.t.Fatalf("account on %s not added: %+v, %v", s.name, r, err)
	}
	if r.LoginNext {
		h.signIn(a, s)
	}
}

// signIn signs in to an account in the browser.
func (h *home) signIn(a *App, s *server) {
	h.t.Helper()
	page, err := a.BeginLogin(h.t.Context(), s.name)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := visit.Allow(h.t.Context(), page.Page, s.account().User, s.account().Password); err != nil {
		h.t.Fatal(err)
	}
	if r, err := a.FinishLogin(h.t.Context(), s.name); err != nil || !r.OK {
		h.t.Fatalf("sign-in to %s: %+v, %v", s.name, r, err)
	}
}

func accountOf(t testing.TB, a *App, name string) control.Account {
	t.Helper()
	for _, acc := range a.Status().Accounts {
		if acc.Name == name {
			return acc
		}
	}
	t.Fatalf("no account %s", name)
	return control.Account{}
}

func TestEachAccountHasItsOwnTruth(t *testing.T) {
	h := newHome(t)
	pic, club := newServer(t, "picapport"), newServer(t, "piwigo")
	ip, up := newServer(t, "ipernity"), newServer(t, "universal")
	const n = 2
	h.with(func(a *App) {
		var names []string
		for _, s := range []*server{pic, club, ip, up} {
			h.join(a, s)
			names = append(names, s.name)
		}
		h.watch(a, control.FolderSpec{Everything: true, Accounts: names, Album: "{folder}"})
		want := map[string]bool{}
		for i := range n {
			want[shoot(t, filepath.Join(h.folder, fmt.Sprintf("IMG_%d.jpg", i)), i)] = true
		}

		pic.stop()
		quota := func(used int64) {
			if err := ip.Ipernity().Configure(func(o *ipernity.Options) {
				for i := range o.Users {
					o.Users[i].Monthly, o.Users[i].Used = 10<<20, used
				}
			}); err != nil {
				t.Fatal(err)
			}
		}
		quota(10 << 20)
		up.Universal().ExpireSessions()

		stop := h.running(a)
		waitFor(t, "the account in order to finish", func() bool { return accountOf(t, a, "piwigo").Delivered == n })
		for name, state := range map[string]control.AccountState{
			"picapport": control.AccountOffline, "ipernity": control.AccountHeld, "universal": control.AccountHeld,
		} {
			waitFor(t, name+" to be told", func() bool { return accountOf(t, a, name).State == state })
			got := accountOf(t, a, name)
			if got.Reason == "" || got.Hint == "" || got.Delivered != 0 || got.Failed != 0 || got.Ready+got.Waiting+got.Leased != n {
				t.Errorf("%s: %+v, want its photos to wait, with reason and hint", name, got)
			}
		}
		for name, kind := range map[string]string{"picapport": "", "piwigo": "", "ipernity": "full", "universal": "denied"} {
			if got := accountOf(t, a, name); got.Kind != kind {
				t.Errorf("%s is held as %q, want %q", name, got.Kind, kind)
			}
		}
		if got := accountOf(t, a, "universal"); !strings.Contains(strings.ToLower(got.Reason+got.Hint), "sign in") {
			t.Errorf("universal: %q, %q do not say to sign in again", got.Reason, got.Hint)
		}
		if st := a.Status(); st.State != control.StateStopped || st.Hint == "" {
			t.Errorf("the whole says %q, %q, %q", st.State, st.Text, st.Hint)
		}

		pic.start()
		quota(0)
		h.signIn(a, up)
		waitFor(t, "all to be delivered", func() bool { return a.Status().Counts.Delivered == 4*n })
		waitFor(t, "rest", func() bool { return a.Status().State == control.StateIdle })
		stop()
		if err := a.queue.Check(); err != nil {
			t.Error(err)
		}
	})
	got := map[string][]string{}
	for _, r := range pic.PicApport().Received() {
		got["picapport"] = append(got["picapport"], r.SHA256)
	}
	for _, r := range club.Piwigo().Received() {
		got["piwigo"] = append(got["piwigo"], r.SHA256)
		if !r.Visible {
			t.Errorf("%s is on the Piwigo and not in its album", r.File)
		}
	}
	for _, r := range ip.Ipernity().Received() {
		got["ipernity"] = append(got["ipernity"], r.SHA256)
	}
	for _, r := range up.Universal().Received() {
		got["universal"] = append(got["universal"], r.SHA256)
	}
	for name, digests := range got {
		if len(digests) != n {
			t.Errorf("%s has %d photos, want %d, each once", name, len(digests), n)
		}
	}
}

func TestKnownPhotosAreAskedForTogether(t *testing.T) {
	h := newHome(t)
	club := newServer(t, "piwigo")
	const n = 40
	h.with(func(a *App) {
		h.join(a, club)
		h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"piwigo"}})
		for i := range n {
			shoot(t, filepath.Join(h.folder, fmt.Sprintf("%d.jpg", i)), i)
		}
		h.deliverAll(a)
		if c := a.Status().Counts; c.Delivered != n {
			t.Fatalf("%+v", c)
		}
	})
	for _, f := range mustGlob(t, filepath.Join(h.dir, "queue.db*")) {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	asked, sent := club.Piwigo().Requests("pwg.images.exist"), club.Piwigo().Requests("pwg.images.addSimple")
	h.with(func(a *App) {
		h.deliverAll(a)
		if c := a.Status().Counts; c.Delivered != n {
			t.Errorf("%+v", c)
		}
		page, err := a.Records(control.RecordQuery{Limit: n})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			if r.Outcome != "adopted" && r.Outcome != "known" || r.RemoteID == "" {
				t.Errorf("record %+v", r)
			}
		}
	})
	if got := club.Piwigo().Requests("pwg.images.addSimple") - sent; got != 0 {
		t.Errorf("%d photos were sent again", got)
	}
	if got := club.Piwigo().Requests("pwg.images.exist") - asked; got > n/2 {
		t.Errorf("%d questions for %d photos, want them asked for together", got, n)
	}
	if got := len(club.Piwigo().Received()); got != n {
		t.Errorf("%d photos on the server, want %d", got, n)
	}
}

func TestABatchIsFinishedAlsoAfterACrash(t *testing.T) {
	h := newHome(t)
	club := newServer(t, "piwigo")
	visible := func() (n int) {
		for _, r := range club.Piwigo().Received() {
			if r.Visible {
				n++
			}
		}
		return n
	}
	h.with(func(a *App) {
		h.join(a, club)
		h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"piwigo"}})
		club.Faults("piwigo").Set(practice.Fault{Function: "pwg.images.uploadCompleted", Kind: practice.Status, Code: 500})
		for i := range 3 {
			shoot(t, filepath.Join(h.folder, fmt.Sprintf("%d.jpg", i)), i)
		}
		stop := h.running(a)
		waitFor(t, "the photos", func() bool { return a.Status().Counts.Delivered == 3 })
		waitFor(t, "the batch to be finished in vain", func() bool { return club.Faults("piwigo").Hits() > 0 })
		stop()
	})
	if n := visible(); n != 0 {
		t.Fatalf("%d photos are visible", n)
	}
	club.Faults("piwigo").Clear()
	h.with(func(a *App) { h.deliverAll(a) })
	if n := visible(); n != 3 {
		t.Errorf("%d photos are visible, want 3", n)
	}
}

func TestMarkedAsSent(t *testing.T) {
	h := newHome(t)
	up := newServer(t, "universal")
	h.with(func(a *App) {
		h.join(a, up)
		h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{"universal"}})
		if err := up.Universal().Configure(func(o *universal.Options) { o.Refuse = map[string]int{"up.photos.upload": 324} }); err != nil {
			t.Fatal(err)
		}
		shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		if r := h.deliverAll(a); r.Failed != 1 {
			t.Fatalf("%+v", r)
		}
		page, err := a.Jobs(control.JobQuery{State: "failed"})
		if err != nil || len(page.Jobs) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		if n, err := a.Sent([]uint64{page.Jobs[0].ID}); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		if n, err := a.Sent([]uint64{page.Jobs[0].ID}); n != 0 || err == nil {
			t.Errorf("once more: %d, %v", n, err)
		}
		records, err := a.Records(control.RecordQuery{})
		if err != nil || len(records.Records) != 1 || !strings.Contains(records.Records[0].Verified, "by you") {
			t.Errorf("%+v, %v", records, err)
		}
		h.deliverAll(a)
	})
	if n := up.Universal().Requests("up.photos.upload"); n != 1 {
		t.Errorf("%d uploads, want 1", n)
	}
}

func TestASignInInTheBrowserSurvivesARestart(t *testing.T) {
	h := newHome(t)
	ip := newServer(t, "ipernity")
	p := ip.account()
	var page control.LoginPage
	h.with(func(a *App) {
		_, err := a.AddAccount(t.Context(), control.AccountSpec{Service: "ipernity", Name: "ipernity", URL: p.URL, Secret: p.Secret, Options: p.Options})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.FinishLogin(t.Context(), "ipernity"); err == nil {
			t.Error("a sign-in ended that was not begun")
		}
		if page, err = a.BeginLogin(t.Context(), "ipernity"); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(page.Page, p.Secret) {
			t.Error("the page's address has the secret in it")
		}
		if _, err := a.FinishLogin(t.Context(), "ipernity"); err == nil {
			t.Error("a sign-in ended that nobody confirmed")
		}
		if page, err = a.BeginLogin(t.Context(), "ipernity"); err != nil {
			t.Fatal(err)
		}
	})
	if err := visit.Allow(t.Context(), page.Page, p.User, p.Password); err != nil {
		t.Fatal(err)
	}
	h.with(func(a *App) {
		if r, err := a.FinishLogin(t.Context(), "ipernity"); err != nil || !r.OK {
			t.Fatalf("%+v, %v", r, err)
		}
		if err := a.RemoveAccount("ipernity"); err != nil {
			t.Fatal(err)
		}
	})
}
