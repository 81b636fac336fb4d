package app

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/photoferry/photoferry/app/control"
)

// chromium starts a browser that ends with the test.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no Chromium on this machine; make test installs it where apt-get is")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // its sandbox is not to be had as root
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// TestSignInsInARealBrowser goes the whole round: the program names a page, a
// person signs in and clicks in Chromium, and the program gets its token.
func TestSignInsInARealBrowser(t *testing.T) {
	for _, tt := range []struct {
		name  string
		click []chromedp.ID // after user and password are typed
		done  chromedp.ID   // on the last page
	}{
		{"ipernity", []chromedp.ID{"allow"}, "text"},
		{"universal", []chromedp.ID{"signin", "allow"}, "message"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			browser := chromium(t)
			h := newHome(t)
			s := newServer(t, tt.name)
			p := s.account()
			h.with(func(a *App) {
				r, err := a.AddAccount(t.Context(), control.AccountSpec{Service: tt.name, Name: tt.name, URL: p.URL, Secret: p.Secret, Options: p.Options})
				if err != nil || !r.LoginNext {
					t.Fatalf("%+v, %v", r, err)
				}
				page, err := a.BeginLogin(t.Context(), tt.name)
				if err != nil {
					t.Fatal(err)
				}
				steps := []chromedp.Action[chromedp.Void]{
					chromedp.Navigate(page.Page),
					chromedp.SendKeys(chromedp.ID("user"), p.User),
					chromedp.SendKeys(chromedp.ID("password"), p.Password),
				}
				for _, button := range tt.click {
					steps = append(steps, chromedp.Click(button))
				}
				if err := chromedp.Do(browser, steps...); err != nil {
					t.Fatal(err)
				}
				text, err := chromedp.Run(browser, chromedp.Text(tt.done))
				if err != nil {
					t.Fatal(err)
				}
				if text = strings.ToLower(text); !strings.Contains(text, "go back") && !strings.Contains(text, "return") {
					t.Errorf("the last page says %q, want it to send people back to the program", text)
				}
				if r, err := a.FinishLogin(t.Context(), tt.name); err != nil || !r.OK {
					t.Fatalf("%+v, %v", r, err)
				}
				h.watch(a, control.FolderSpec{Everything: true, Accounts: []string{tt.name}})
				shoot(t, h.folder+"/a.jpg", 1)
				h.deliverAll(a)
				if c := a.Status().Counts; c.Delivered != 1 {
					t.Errorf("%+v", c)
				}
			})
		})
	}
}
