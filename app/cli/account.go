package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/control"
)

type accountCmd struct {
	Add    accountAddCmd    `cmd:"" help:"Add an account."`
	List   accountListCmd   `cmd:"" help:"All accounts."`
	Change accountChangeCmd `cmd:"" help:"Change an account; what it delivered and what waits stays."`
	Check  accountCheckCmd  `cmd:"" help:"Ask an account's server whether it would take photos."`
	Login  accountLoginCmd  `cmd:"" help:"Sign in again, or change the secret."`
	Albums accountAlbumsCmd `cmd:"" help:"An account's albums."`
	Remove accountRemoveCmd `cmd:"" help:"Remove an account and what waits for it."`
}

type accountAddCmd struct {
	Service     string            `arg:"" enum:"${services}" help:"Kind of site: ${services}."`
	Name        string            `required:"" help:"What to call it here." placeholder:"NAME"`
	URL         string            `name:"url" help:"The site's root, such as https://photos.example.org; ipernity has one." placeholder:"URL"`
	User        string            `help:"User to sign in as." placeholder:"USER"`
	Option      map[string]string `help:"A setting of the service; repeat it for more. KEY=@FILE for secrets; fingerprint=HEX trusts a certificate." placeholder:"KEY=VALUE" mapsep:"none"`
	Strip       string            `enum:"nothing,place,all" default:"nothing" help:"What is taken out of what is sent: nothing, place or all metadata." placeholder:"WHAT"`
	Home        string            `name:"strip-around" help:"Take places out only within a circle: latitude, longitude, metres." placeholder:"LAT,LON,METRES"`
	LongestSide int               `help:"Send larger pictures smaller, as JPEG of this longest side in pixels." placeholder:"PIXELS"`
	Quality     int               `help:"Quality of JPEG where a picture is coded anew, 1 to 100." placeholder:"N"`
	SecretStdin bool              `help:"Read the secret from stdin."`
	NoCheck     bool              `help:"Add it without asking the server."`
}

// fingerprintOption is the option that is no setting of the service.
const fingerprintOption = "fingerprint"

// Run adds an account.
func (c *accountAddCmd) Run(s *session) error {
	if c.URL == "" && siteOf(c.Service) == "" {
		return usage("missing flags: --url=URL", "It is the site's root, such as https://photos.example.org")
	}
	secret, err := s.readSecret(c.SecretStdin, fmt.Sprintf("Password or secret for %s (empty for none): ", c.Name))
	if err != nil {
		return err
	}
	spec := control.AccountSpec{
		Service: c.Service, Name: c.Name, URL: c.URL, User: c.User,
		Options: make(map[string]string), Secret: secret, NoCheck: c.NoCheck,
		Strip: strip(c.Strip), Home: c.Home, LongestSide: c.LongestSide, Quality: c.Quality,
	}
	for k, v := range c.Option {
		if k == fingerprintOption {
			spec.Fingerprint = cleanFingerprint(v)
			continue
		}
		if spec.Options[k], err = optionValue(c.Service, k, v); err != nil {
			return err
		}
	}
	return s.with(func(cl *control.Client) error {
		r, err := s.trusting(
			func() (control.CheckReport, error) { return cl.AddAccount(s.ctx, spec) },
			func(print string) error { spec.Fingerprint = print; return nil },
			"--option fingerprint=",
		)
		if err != nil {
			return err
		}
		return s.show(r, func(w io.Writer) {
			showReport(w, r)
			if c.NoCheck {
				fmt.Fprintf(w, "%s: added without a check\n", printable(c.Name))
			}
		})
	})
}

// strip is a flag's word as the settings have it.
func strip(what string) string {
	if what == "nothing" {
		return ""
	}
	return what
}

// siteOf is the address of most accounts of a service.
func siteOf(service string) string {
	for _, s := range app.Services() {
		if s.ID == service {
			return s.Site
		}
	}
	return ""
}

// optionValue is what was meant by --option KEY=VALUE. What is a secret may not
// be typed, since everybody can read the arguments of processes: it comes from
// a file.
func optionValue(service, key, value string) (string, error) {
	for _, s := range app.Services() {
		if s.ID != service || !slices.Contains(s.Private, key) {
			continue
		}
		file, ok := strings.CutPrefix(value, "@")
		if !ok {
			return "", usage("The option "+key+" is a secret and must not stand in a command", fmt.Sprintf("Put it into a file and give that: --option %s=@FILE", key))
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read the option %s: %w", key, err)
		}
		if len(b) > longestSecret {
			return "", usage("The file for the option "+key+" is too long for a secret", "")
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
	return value, nil
}

func cleanFingerprint(v string) string {
	return strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(v))
}

type accountListCmd struct{}

type accountList struct {
	Accounts []control.Account `json:"accounts"`
}

// Run lists the accounts.
func (accountListCmd) Run(s *session) error {
	return s.with(func(c *control.Client) error {
		st, err := c.Status(s.ctx)
		if err != nil {
			return err
		}
		return s.show(accountList{st.Accounts}, func(w io.Writer) {
			if len(st.Accounts) == 0 {
				fmt.Fprintln(w, "No accounts yet. photoferry account add --help tells how to add one.")
				return
			}
			t := newTable(w, "NAME", "SERVICE", "STATE", "USER", "ADDRESS")
			for _, a := range st.Accounts {
				t.row(a.Name, a.Service, string(a.State), a.User, a.URL)
			}
			t.end()
		})
	})
}

type accountCheckCmd struct {
	Name        string `arg:"" help:"Account."`
	Fingerprint string `help:"Trust the certificate with this SHA-256 from now on." placeholder:"HEX"`
}

// Run checks an account.
func (c *accountCheckCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		return s.checkTrusting(cl, c.Name, c.Fingerprint, func() (control.CheckReport, error) {
			return cl.CheckAccount(s.ctx, c.Name)
		})
	})
}

// checkTrusting shows the outcome of do, after the question about the
// certificate, if there is one.
func (s *session) checkTrusting(cl *control.Client, name, print string, do func() (control.CheckReport, error)) error {
	trust := func(print string) error { return cl.Trust(s.ctx, name, print) }
	if print != "" {
		if err := trust(cleanFingerprint(print)); err != nil {
			return err
		}
	}
	r, err := s.trusting(do, trust, "--fingerprint ")
	if err != nil {
		return err
	}
	if err := s.show(r, func(w io.Writer) { showReport(w, r) }); err != nil || r.OK {
		return err
	}
	p := &control.Problem{Message: name + ": " + r.Reason, Hint: r.Hint, Exit: exitError}
	if r.Kind == "denied" || r.Kind == "full" {
		p.Exit = exitNeedsYou
	}
	s.tell(p)
	return outcome(p.Exit)
}

type accountLoginCmd struct {
	Name        string `arg:"" help:"Account."`
	SecretStdin bool   `help:"Read the new secret from stdin."`
	Fingerprint string `help:"Trust the certificate with this SHA-256 from now on." placeholder:"HEX"`
	Done        bool   `help:"You have let PhotoFerry in on the page that an earlier login named."`
}

// Run signs in again and lifts the account's hold.
func (c *accountLoginCmd) Run(s *session) error {
	browser := false
	err := s.with(func(cl *control.Client) error {
		st, err := cl.Status(s.ctx)
		for _, a := range st.Accounts {
			browser = browser || a.Name == c.Name && a.SignIn == control.SignInBrowser
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case browser && !c.SecretStdin:
		return c.inBrowser(s)
	case c.Done:
		return usage(c.Name+" is not signed in to in the browser", "Leave --done away.")
	}
	secret, err := s.readSecret(c.SecretStdin, fmt.Sprintf("New password or secret for %s (empty keeps the old one): ", c.Name))
	if err != nil {
		return err
	}
	return s.with(func(cl *control.Client) error {
		return s.checkTrusting(cl, c.Name, c.Fingerprint, func() (control.CheckReport, error) {
			return cl.Login(s.ctx, c.Name, secret)
		})
	})
}

type accountAlbumsCmd struct {
	Name string `arg:"" help:"Account."`
}

type albumList struct {
	Albums []string `json:"albums"`
}

// Run lists an account's albums.
func (c *accountAlbumsCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		albums, err := cl.Albums(s.ctx, c.Name)
		if err != nil {
			return err
		}
		return s.show(albumList{albums}, func(w io.Writer) {
			for _, a := range albums {
				fmt.Fprintln(w, printable(a))
			}
		})
	})
}

type accountRemoveCmd struct {
	Name string `arg:"" help:"Account."`
}

type removed struct {
	Removed string `json:"removed"`
}

// Run removes an account.
func (c *accountRemoveCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		if err := cl.RemoveAccount(s.ctx, c.Name); err != nil {
			return err
		}
		return s.show(removed{c.Name}, func(w io.Writer) {
			fmt.Fprintf(w, "%s removed. What it delivered stays on the server, and is remembered.\n", printable(c.Name))
		})
	})
}
