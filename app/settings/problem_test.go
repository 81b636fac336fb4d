package settings

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const (
	account = "[[account]]\nid = 'b'\nname = 'home'\nservice = 'picapport'\nurl = 'http://h'\n" // 5 lines
	folder  = "[[folder]]\npath = '/p'\naccounts = ['home']\n"                                  // 3 lines, 6 to 8 after account
)

func TestEveryProblemIsFoundWithItsPlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		text string
		want []string // "line:column key: message", message and hint by their beginning
	}{
		{"not TOML", "[general\n", []string{"1:9 : expected ']'"}},
		{"an open text", "a = \"x\nb = 1", []string{"1:7 : basic strings cannot have new lines"}},
		{"a key twice", "[general]\nparallel = 1\nparallel = 2", []string{"3:1 parallel: key parallel is already defined"}},
		{"a table twice", "[general]\n[general]", []string{"2:2 general: table general already exists"}},
		{"an unknown key", "[general]\nparallels = 1", []string{"2:1 general.parallels: is not a known key; did you mean parallel?"}},
		{"a key without its table", "parallel = 1", []string{"1:1 parallel: is not a known key; parallel belongs into the table general"}},
		{"an unknown table", "[generl]\nparallel = 1", []string{"1:2 generl: is not a known table; the tables are"}},
		{"an unknown table below a known one", "[general.more]\nx = 1", []string{"1:2 general.more: is not a known table"}},
		{"unknown keys in a folder", account + folder + "colour = 1\n", []string{"9:1 folder.colour: is not a known key; known are path, accounts"}},
		{"wrong types", "[general]\nparallel = '3'\nnotifications = 1\ntheme = 3\nrescan_every = 15\nbandwidth = 2\n", []string{
			"2:1 general.parallel: must be a number without quotes", "3:1 general.notifications: must be true or false",
			"4:1 general.theme: must be a text", "5:1 general.rescan_every: must be a duration", "6:1 general.bandwidth: must be a text",
		}},
		{"values that cannot be read", "[general]\nrescan_every = 'soon'\nbandwidth = 'fast'", []string{
			"2:1 general.rescan_every: must be a duration", "3:1 general.bandwidth: must be a text",
		}},
		{"a number beyond all bounds", "[general]\nparallel = 99999999999999999999", []string{"2:12 : decimal number is too large"}},
		{"values out of range", "[general]\nparallel = 9\nbandwidth = '1 B'\nrescan_every = '0s'\ntheme = 'pink'\nlog_level = 'loud'", []string{
			"2:1 general.parallel: 9 is out of range; use 1 to 8", `3:1 general.bandwidth: "1 B" is out of range`, `4:1 general.rescan_every: "0s" is out of range`,
			`5:1 general.theme: "pink" is not known; use "system", "light" or "dark"`, `6:1 general.log_level: "loud" is not known`,
		}},
		{"hours, battery and language", "[general]\nquiet_hours = '25:00-7'\nbattery_below = 102\nlanguage = 'nl'", []string{
			"2:1 general.quiet_hours: ", "3:1 general.battery_below: 102 is out of range; use 0 to 101", `4:1 general.language: "nl" is not known`,
		}},
		{"words of a folder", account + folder + "title = '{nme}'\ntags = ['', '{']\nedited = 'maybe'\n", []string{
			"9:1 folder.title: at character 1: there is no field {nme}", "10:9 folder.tags: is empty", "10:13 folder.tags: at character 1", `11:1 folder.edited: "maybe" is not known`,
		}},
		{"copies of an account", account + "strip = 'gps'\nlongest_side = 20\nquality = 101\nhome = '1, 2, 3'\n" + folder + "unsupported = 'no'\npairs = 'one'\n", []string{
			`6:1 account.strip: "gps" is not known; use "place" or "all"`, "7:1 account.longest_side: 20 is out of range; use 200 to 30000", "8:1 account.quality: 101 is out of range",
			"9:1 account.home: is of no use without strip", `13:1 folder.unsupported: "no" is not known`, `14:1 folder.pairs: "one" is not known; use "both", "jpeg" or "raw"`,
		}},
		{"a circle", account + "strip = 'place'\nhome = '91, 0, 5'\n" + strings.NewReplacer("'b'", "'c'", "'home'", "'other'").Replace(account) + "home = 'here'\n" + folder, []string{
			"7:1 account.home: is not on the Earth", "13:1 account.home: must be latitude, longitude and metres",
		}},
		{"cameras", "[[camera]]\nmodel = 'a'\nadd = '0s'\n[[camera]]\nmodel = 'A'\nadd = 3600\n", []string{
			`3:1 camera.add: "0s" is out of range`, `5:1 camera.model: "A" is there twice`, "6:1 camera.add: must be a duration",
		}},
		{"events", "[[event]]\nname = 'a'\nfrom = 2026-05-02T12:00:00Z\nto = 2026-05-01T12:00:00Z\n[[event]]\nname = 'A'\nalbum = '{'\n", []string{
			"4:1 event.to: lies before from", "5:1 event.from: is missing", "6:1 event.name: another event is called", "7:1 event.album: at character 1",
		}},
		{"capital letters", "[general]\nParallel = 4\n" + account + strings.Replace(folder, "path", "Path", 1), []string{
			"2:1 general.Parallel: is not a known name; did you mean general.parallel?", "9:1 folder.Path: is not a known name; did you mean folder.path?",
		}},
		{"a table in capital letters", "[[Account]]\nName = 3\n[Account.options]\nx = 1\n" + folder, []string{
			"1:1 Account: is not a known name; did you mean account?",
		}},
		{"options without their account", "[account.options]\n", []string{
			"1:1 account.id: is missing", "1:1 account.name: is missing", "1:1 account.service: is missing", "1:1 account.url: is missing",
		}},
		{"general as a value", "general = 3", []string{"1:1 general: must be a table; write [general]"}},
		{"general as a list", "[[general]]\nparallel = 1", []string{"1:1 general: must be a table; write [general]"}},
		{"a folder in single brackets", account + "[folder]\npath = '/p'\n", []string{"6:1 folder: must be written with two pairs of brackets: [[folder]]"}},
		{"folders as a value", account + "folder = 3", []string{"6:1 account.folder: is not a known key"}},
		{"inline folders", "folder = [{path = '/p', accounts = ['x'], cool = 3}, {path = 'q', colour = 1}]", []string{
			`1:43 folder.cool: must be a duration`,
		}},
		{"problems inside of inline folders", "folder = [{path = '/p'}, {path = 'q', accounts = ['x'], colour = 1}]", []string{
			"1:11 folder.accounts: names no account", `1:27 folder.path: "q" is not a full path`, `1:51 folder.accounts: there is no account "x"`, "1:57 folder.colour: is not a known key",
		}},
		{"an account with nothing in it", "[[account]]\n", []string{
			`1:1 account.id: is missing; add the line: id = "`, "1:1 account.name: is missing", "1:1 account.service: is missing", "1:1 account.url: is missing",
		}},
		{"accounts that are the same", account + strings.Replace(account, "'home'", "'HOME'", 1), []string{
			`7:1 account.id: "b" is the ID of another account`, `8:1 account.name: another account is called "home" already`,
		}},
		{"an unknown service", strings.Replace(account, "picapport", "flickr", 1), []string{`4:1 account.service: "flickr" is not a service; use "ipernity", "picapport" or "plain"`}},
		{"options that the service has not", account + "options = { apikey = 'x', colour = 'red' }", []string{`6:27 account.options.colour: is not an option of picapport; use "apikey"`}},
		{"options of a service without any", strings.Replace(account, "picapport", "plain", 1) + "[account.options]\nx = 'y'", []string{"7:1 account.options.x: is not an option of plain; plain has no options"}},
		{"an option that is no text", account + "[account.options]\napikey = 3", []string{"7:1 account.options.apikey: must be a text in quotes"}},
		{"options that are no table", account + "options = 'x'", []string{"6:1 account.options: must be texts in quotes by name"}},
		{"a bad address", strings.Replace(account, "http://h", "photos.example.org", 1), []string{"5:1 account.url: must begin with https://"}},
		{"an address without a host", strings.Replace(account, "http://h", "http:///x", 1), []string{"5:1 account.url: has no host"}},
		{"an address with a query", strings.Replace(account, "http://h", "http://h/?a=b", 1), []string{"5:1 account.url: must end before the first ? or #"}},
		{"an address that cannot be read", strings.Replace(account, "http://h", "http://h/%zz", 1), []string{"5:1 account.url: is not an address"}},
		{"a bad fingerprint", account + "fingerprint = 'abc'", []string{"6:1 account.fingerprint: is not the SHA-256"}},
		{"a name with a line break", strings.Replace(account, "'home'", `"a\nb"`, 1), []string{"3:1 account.name: has a control character"}},
		{"a folder with nothing in it", account + "[[folder]]", []string{"6:1 folder.path: is missing", "6:1 folder.accounts: names no account"}},
		{"a relative folder", account + strings.Replace(folder, "/p", "pictures", 1), []string{`7:1 folder.path: "pictures" is not a full path; begin with / or ~/`}},
		{"another user's home", account + strings.Replace(folder, "/p", "~bob/p", 1), []string{`7:1 folder.path: "~bob/p" is not a full path`}},
		{"the same folder twice", account + folder + folder, []string{`10:1 folder.path: "/p" is there twice`}},
		{"a folder inside of another", account + folder + strings.Replace(folder, "/p", "/p/q", 1), []string{`10:1 folder.path: "/p/q" is inside of "/p"`}},
		{"a folder around another", account + strings.Replace(folder, "/p", "/p/q", 1) + folder, []string{`10:1 folder.path: "/p" contains "/p/q"`}},
		{"a neighbour with the same beginning is none", account + folder + strings.Replace(folder, "/p", "/p2", 1), nil},
		{"a folder below a flat one is none", account + folder + "flat = true\n" + strings.Replace(folder, "/p", "/p/q", 1), nil},
		{"a flat folder above another is none", account + strings.Replace(folder, "/p", "/p/q", 1) + folder + "flat = true\n", nil},
		{"accounts that are not there", account + strings.Replace(folder, "['home']", "['Home',\n 'club', 'club']", 1), []string{
			`8:13 folder.accounts: there is no account "Home"; did you mean "home"?`, `9:2 folder.accounts: there is no account "club"; there is "home"`, `9:10 folder.accounts: "club" is there twice`,
		}},
		{"a folder without any account configured", folder, []string{`3:13 folder.accounts: there is no account "home"; add one with "photoferry account add"`}},
		{"a list where there is none", account + strings.Replace(folder, "['home']", "'home'", 1), []string{"8:1 folder.accounts: must be a list of names"}},
		{"bad durations and patterns", account + folder + "cool = '-1m'\ninclude = ['[', '']\nexclude = ['a{']", []string{
			`9:1 folder.cool: "-1m" is out of range`, `10:12 folder.include: "[" is not a valid pattern`, "10:17 folder.include: is empty", `11:12 folder.exclude: "a{" is not a valid pattern`,
		}},
		{"a name that cannot be read hides no other problem", strings.Replace(account, "'home'", "3", 1) + folder + "cool = 'x'", []string{
			"3:1 account.name: must be a text", "9:1 folder.cool: must be a duration",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(write(t, tt.text), services)
			var invalid *Invalid
			if errors.As(err, &invalid) != (tt.want != nil) {
				t.Fatalf("got %v in\n%s", err, tt.text)
			}
			if tt.want == nil {
				return
			}
			var got []string
			for _, p := range invalid.Problems {
				got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Column, withKey(p)))
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got\n  %s\nwant\n  %s\nin\n%s", strings.Join(got, "\n  "), strings.Join(tt.want, "\n  "), tt.text)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], tt.want[i]) {
					t.Errorf("got  %s\nwant %s\nin\n%s", got[i], tt.want[i], tt.text)
				}
			}
		})
	}
}

func withKey(p Problem) string {
	if p.Key == "" {
		return ": " + p.String()
	}
	return p.String()
}

func TestSecretsInTheFileAreRefusedAndNeverRepeated(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for name, text := range map[string]string{
		"a password":            account + "password = '" + secret + "'",
		"a secret":              account + "secret = '" + secret + "'",
		"a token":               account + "Access_Token = '" + secret + "'",
		"a password in options": account + "options = { password = '" + secret + "' }",
		"in the address":        strings.Replace(account, "http://h", "http://bob:"+secret+"@h", 1),
		"in a broken address":   strings.Replace(account, "http://h", "http://bob:%zz"+secret+"@h", 1),
		"in a number":           account + "password = 1\n" + "[general]\npassword = '" + secret + "'",
		"in a broken file":      account + "password = '" + secret,
	} {
		_, err := Load(write(t, text), services)
		var invalid *Invalid
		if !errors.As(err, &invalid) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error repeats the secret: %v", name, err)
		}
		if name != "in a broken file" && !strings.Contains(err.Error(), "keyring") {
			t.Errorf("%s: the error does not say where secrets belong: %v", name, err)
		}
	}
}

func TestAnOptionThatTheServiceDeclaresMayLookLikeASecret(t *testing.T) {
	t.Parallel()
	s := Default()
	s.Accounts = []Account{{ID: "a", Name: "a", Service: "x", URL: "http://h", Options: map[string]string{"token_kind": "frob"}}}
	if p := s.Validate(map[string][]string{"x": {"token_kind"}}); p != nil {
		t.Errorf("got %v", p)
	}
}

func TestInvalidReadsAsOneLineForEachProblem(t *testing.T) {
	t.Parallel()
	_, err := Load(write(t, account+folder+"cool = 'x'\nflat = 1"), services)
	want := "settings.toml:9: folder.cool: must be a duration in quotes such as \"30s\", \"10m\" or \"1h30m\"\n" +
		"settings.toml:10: folder.flat: must be true or false, without quotes"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestValidateSaysWhichAccountOrFolderIsMeant(t *testing.T) {
	t.Parallel()
	s := Default()
	s.Folders = []Folder{{Path: "/a", Accounts: []string{"x"}}, {Path: "b"}}
	err := &Invalid{Problems: s.Validate(nil)}
	want := "settings: folder.accounts (folder 1): there is no account \"x\"; add one with \"photoferry account add\"\n" +
		"settings: folder.path (folder 2): \"b\" is not a full path; begin with / or ~/\n" +
		"settings: folder.accounts (folder 2): names no account; name at least one, such as accounts = [\"home\"]"
	if err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestValidateRefusesWhatTOMLCannotHold(t *testing.T) {
	t.Parallel()
	s := Default()
	s.Accounts = []Account{{ID: "a", Name: "a\xff", Service: "x", URL: "http://h"}}
	s.Folders = []Folder{{Path: "/a\xff", Accounts: []string{"a\xff"}}, {Path: "/a\x00", Accounts: []string{"a\xff"}}}
	if p := s.Validate(nil); len(p) != 3 {
		t.Errorf("got %v", p)
	}
}

// FuzzLoad checks that no file can crash the reader, that every problem has a
// place in the file, and that what is accepted survives being saved.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(complete))
	f.Add([]byte(account + folder))
	f.Add([]byte("[folder]\n[[folder.x]]\n\"a.b[\" = {c = [1, {d = 2}]}"))
	f.Add([]byte("general = 1\naccount = [{options = {a = 1}}, 3]\n"))
	f.Add([]byte("\ufefffolder = [{cool = 1, accounts = [[]]}]"))
	f.Add([]byte("[[account]]\noptions.x.y = 1\r\n[account.options.z]\n"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		s, problems := parse(doc, services)
		lines := strings.Count(string(doc), "\n") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 {
				t.Errorf("no place: %+v", p)
			}
			if p.Message == "" || p.Message == unreadable {
				t.Errorf("no message: %+v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		text, err := encode(fileHead, s)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := parse(text, services)
		if len(problems) > 0 {
			t.Fatalf("%v in\n%s", problems, text)
		}
		if fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", s) {
			t.Fatalf("got  %+v\nwant %+v", again, s)
		}
	})
}
