package cli

import (
	"slices"

	"github.com/photoferry/photoferry/app/control"
)

type accountChangeCmd struct {
	Account     string            `arg:"" help:"Account."`
	Name        *string           `help:"Another name for it." placeholder:"NAME"`
	URL         *string           `name:"url" help:"Another address of the same site." placeholder:"URL"`
	User        *string           `help:"User to sign in as." placeholder:"USER"`
	Option      map[string]string `help:"A setting of the service; repeat it for more. An empty value takes it away, KEY=@FILE is for secrets." placeholder:"KEY=VALUE" mapsep:"none"`
	Strip       *string           `enum:"nothing,place,all" help:"What is taken out of what is sent: nothing, place or all metadata." placeholder:"WHAT"`
	Home        *string           `name:"strip-around" help:"Take places out only within a circle, such as \"48.1374,11.5755,500\": latitude, longitude, metres; empty for everywhere." placeholder:"LAT,LON,METRES"`
	LongestSide *int              `help:"Send larger pictures smaller, as JPEG of this longest side in pixels; 0 for as they are." placeholder:"PIXELS"`
	Quality     *int              `help:"Quality of JPEG where a picture is coded anew, 1 to 100." placeholder:"N"`
	NoCheck     bool              `help:"Change it without asking the server."`
}

// Run changes an account, if its server agrees.
func (c *accountChangeCmd) Run(s *session) error {
	change := control.AccountChange{Account: c.Account, Name: c.Name, URL: c.URL, User: c.User, NoCheck: c.NoCheck, Home: c.Home, LongestSide: c.LongestSide, Quality: c.Quality}
	if c.Strip != nil {
		what := strip(*c.Strip)
		change.Strip = &what
	}
	return s.with(func(cl *control.Client) error {
		st, err := cl.Status(s.ctx)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(st.Accounts, func(a control.Account) bool { return a.Name == c.Account }); i >= 0 && len(c.Option) > 0 {
			change.Options = make(map[string]string)
			for k, v := range c.Option {
				if change.Options[k], err = optionValue(st.Accounts[i].Service, k, v); err != nil {
					return err
				}
			}
		}
		return s.checkTrusting(cl, c.Account, "", func() (control.CheckReport, error) { return cl.ChangeAccount(s.ctx, change) })
	})
}
