package cli

import (
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/settings"
)

func TestRedaction(t *testing.T) {
	cfg := settings.Settings{Accounts: []settings.Account{{User: "anna"}, {User: "a.b+c"}}}
	r := newRedactor(cfg, []string{`correct "horse" & battery`, "short", ""})
	for _, tt := range []struct{ name, in, want string }{
		{"plain text stays", "Delivered path=/photos/IMG_1.jpg", "Delivered path=/photos/IMG_1.jpg"},
		{"a known secret", `the correct "horse" & battery is`, "the [redacted] is"},
		{"a known secret in JSON", `"correct \"horse\" \u0026 battery"`, `"[redacted]"`},
		{"a known secret in an address", `x=correct+%22horse%22+%26+battery`, `x=[redacted]`},
		{"a short secret as a word", `pw short, shortly`, `pw [redacted], shortly`},
		{"the path of an address", `GET https://me:pw@nas.example:8443/albums/anna?sid=4711 failed`, `GET https://nas.example:8443 failed`},
		{"an address in quotes", `url="http://nas/x y"`, `url="http://nas y"`},
		{"a password", `password=hunter2 attempt=1`, `password=[redacted] attempt=1`},
		{"a quoted password", `"password":"hun ter2","x":1`, `"password":"[redacted]","x":1`},
		{"a spelled key", `piwigo_token=abc api_key: abc pwg_token="a b"`, `piwigo_token=[redacted] api_key: [redacted] pwg_token="[redacted]"`},
		{"a header", "Authorization: Bearer abc def\nnext", "Authorization: [redacted]\nnext"},
		{"a cookie", `Cookie: JSESSIONID=1; x=2`, `Cookie: [redacted]`},
		{"a user", `user=anna hanna anna,anna`, `user=[user] hanna [user],[user]`},
		{"a user with signs", `as a.b+c.`, `as [user].`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(r.clean([]byte(tt.in))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func FuzzRedaction(f *testing.F) {
	f.Add("x=", "hunter2hunter2", " y")
	f.Add(`"password":"`, "correct horse", `"`)
	f.Add("https://", "secret-secret", "@host/path")
	f.Add("", "12345678", "12345678")
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		if len(secret) < longEnough || strings.Contains(redacted+"[user]", secret) {
			t.Skip("not looked for inside words")
		}
		r := newRedactor(settings.Settings{}, []string{secret})
		// The pieces that are put in may make the secret anew only if it
		// contains them.
		if strings.ContainsAny(secret, "[]~") {
			t.Skip("looks like a mark")
		}
		if got := string(r.clean([]byte(before + secret + after))); strings.Contains(got, secret) {
			t.Errorf("%q is still in %q", secret, got)
		}
	})
}
