package xdnd

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name    string
		list    string
		want    []string
		refused int
	}{
		{"nothing", "", nil, 0},
		{"one file", "file:///tmp/a.jpg\r\n", []string{"/tmp/a.jpg"}, 0},
		{"no end of line", "file:///tmp/a.jpg", []string{"/tmp/a.jpg"}, 0},
		{"ends of lines of all kinds, and of C", "file:///a\nfile:///b\r\n\r\nfile:///c\x00", []string{"/a", "/b", "/c"}, 0},
		{"comments", "# from a file manager\r\nfile:///a\r\n", []string{"/a"}, 0},
		{"spaces, umlauts and signs", "file:///home/me/Sch%C3%B6ne%20Bilder/IMG%231%2525.jpg", []string{"/home/me/Schöne Bilder/IMG#1%25.jpg"}, 0},
		{"what should have been escaped", "file:///tmp/a b/Höhe #1?.jpg", []string{"/tmp/a b/Höhe #1?.jpg"}, 0},
		{"small letters in escapes", "file:///tmp/%c3%bc", []string{"/tmp/ü"}, 0},
		{"a plus is a plus", "file:///tmp/a+b", []string{"/tmp/a+b"}, 0},
		{"broken escapes", "file:///a%\nfile:///a%2\nfile:///a%zz\nfile:///a%%20", nil, 4},
		{"a NUL, and a slash in a name", "file:///a%00b\nfile:///a\x00b\nfile:///tmp%2fa", nil, 3},
		{"localhost, and this computer", "file://localhost/a\nfile://LOCALHOST/b\nfile://box/c\nfile:/d", []string{"/a", "/b", "/c", "/d"}, 0},
		{"other computers and schemes", "file://nas/a\nhttps://example.org/a.jpg\nsmb://nas/a\ntrash:///a\nA:\\b", nil, 5},
		{"schemes are not about capitals", "FILE:///a", []string{"/a"}, 0},
		{"what is no address", "file:\nfile://\nfile://nas\nfile:a\n/tmp/a\nhello", nil, 6},
		{"folders with a slash at the end", "file:///tmp/photos/\nfile:///", []string{"/tmp/photos", "/"}, 0},
		{"the same twice", "file:///a\nfile:///b\nfile://localhost/a\nfile:///x/../a", []string{"/a", "/b"}, 0},
		{"names that are no UTF-8", "file:///a%FFb", []string{"/a\xffb"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, refused := parse([]byte(tt.list), "box")
			if !slices.Equal(got, tt.want) || refused != tt.refused {
				t.Errorf("got %q and %d refused, want %q and %d", got, refused, tt.want, tt.refused)
			}
		})
	}
	if got, refused := parse([]byte("file:///a\nfile://box/b"), ""); !slices.Equal(got, []string{"/a"}) || refused != 1 {
		t.Errorf("a computer without a name: got %q and %d refused", got, refused)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "file:///tmp/a%20b.jpg\r\n# c\r\n", "file://localhost/a", "file://box/%", "FILE:/a/../b/", "x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		paths, refused := parse(list, "box")
		if len(paths)+refused > strings.Count(string(list), "\n")+1 {
			t.Errorf("%d paths and %d refused from %q", len(paths), refused, list)
		}
		seen := map[string]bool{}
		for _, p := range paths {
			if seen[p] || !filepath.IsAbs(p) || filepath.Clean(p) != p || strings.Contains(p, "\x00") {
				t.Errorf("the path %q from %q", p, list)
			}
			seen[p] = true
			again, refused := parse([]byte((&url.URL{Scheme: "file", Path: p}).String()), "")
			if !slices.Equal(again, []string{p}) || refused != 0 {
				t.Errorf("%q does not survive being written as an address: %q", p, again)
			}
		}
	})
}
