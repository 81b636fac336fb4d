package upload

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCleanURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://photos.example.org":            "https://photos.example.org",
		"  HTTPS://Photos.Example.ORG/  ":       "https://photos.example.org",
		"photos.example.org":                    "https://photos.example.org",
		"nas:8080":                              "https://nas:8080",
		"localhost:8080":                        "http://localhost:8080",
		"127.0.0.1:8080/":                       "http://127.0.0.1:8080",
		"[::1]:8080":                            "http://[::1]:8080",
		"http://nas:80":                         "http://nas",
		"https://nas:443/photos/":               "https://nas/photos",
		"http://nas:443":                        "http://nas:443",
		"http://nas//a/../b/?q=1#home":          "http://nas/b",
		"http://nas/with%20blank":               "http://nas/with%20blank",
		"https://[2001:DB8::1]":                 "https://[2001:db8::1]",
		"http://nas:":                           "http://nas",
		"":                                      "",
		"   ":                                   "",
		"ftp://nas":                             "",
		"http://":                               "",
		"nas/@home":                             "https://nas/@home",
		"http://user:geheim@nas":                "",
		"http://user:geheim@nas/@home":          "",
		"user:geheim@nas":                       "",
		"http://nas:99999999999999999999/%zz":   "",
		"http://na\x00s/":                       "",
		"file:///etc/passwd":                    "",
		"javascript://nas/%0aalert(1)?geheim=1": "",
	} {
		got, err := CleanURL(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: the error repeats the password: %v", in, err)
		}
	}
}

func FuzzCleanURL(f *testing.F) {
	for _, s := range []string{"http://nas:8080/photos", "user:pw@nas", "[::1]", "http://%31/", "https://ä.example/ü?x#y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := CleanURL(in)
		if err != nil {
			return
		}
		if again, err := CleanURL(got); err != nil || again != got {
			t.Errorf("%q became %q, and that %q, %v", in, got, again, err)
		}
		if strings.HasSuffix(got, "/") || strings.ContainsAny(got, "?# ") {
			t.Errorf("%q became %q", in, got)
		}
		// An @ may stand in a path. Before it, or as a user to whoever parses
		// the address again, it would carry a password along.
		_, rest, _ := strings.Cut(got, "://")
		host, _, _ := strings.Cut(rest, "/")
		if u, err := url.Parse(got); err != nil || u.User != nil || strings.Contains(host, "@") {
			t.Errorf("%q became %q, which names a user", in, got)
		}
	})
}

func TestForeignHidesSecretsAndControls(t *testing.T) {
	secret := "Ge heim+/ß"
	for _, form := range []string{
		secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.RawURLEncoding.EncodeToString([]byte(secret)), "Ge+heim%2B%2F%C3%9F",
	} {
		if got := Foreign("pw="+form+" is wrong.", secret); got != "pw=*** is wrong" {
			t.Errorf("%q: %q", form, got)
		}
	}
	if got := Foreign("one\r\ntwo\x00\x1b[31m\tthree \xff"); got != "one two[31m three \uFFFD" {
		t.Errorf("%q", got)
	}
	if got := Foreign(strings.Repeat("ü", 1000)); utf8.RuneCountInString(got) != maxForeign {
		t.Errorf("%d runes", utf8.RuneCountInString(got))
	}
}

func FuzzFileName(f *testing.F) {
	for _, s := range []string{"a.jpg", "..", ".jpg", "a/b\\c\".JPEG", strings.Repeat("ü", 300), "\xff\xfe", "con:?*.jpg"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := FileName(in, ".jpg", ".jpeg")
		low := strings.ToLower(got)
		if len(got) > 200 || !utf8.ValidString(got) || strings.HasPrefix(got, ".") ||
			!strings.HasSuffix(low, ".jpg") && !strings.HasSuffix(low, ".jpeg") ||
			strings.ContainsAny(got, `"\/`) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q became %q", in, got)
		}
		if again := FileName(got, ".jpg", ".jpeg"); again != got {
			t.Errorf("%q became %q, and that %q", in, got, again)
		}
	})
}

func TestAccountsDoNotPrintTheirSecrets(t *testing.T) {
	a := Account{Name: "home", User: "me", Secret: "geheim"}
	for _, text := range []string{fmt.Sprint(a), fmt.Sprintf("%+v %#v %s", a, a, &a), a.LogValue().String()} {
		if strings.Contains(text, "geheim") {
			t.Error(text)
		}
	}
}
