package queue

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReasonLeavesOutWhatDiffersFromPhotoToPhoto(t *testing.T) {
	for _, tt := range []struct{ path, text, want string }{
		{"/p/a.jpg", "", ""},
		{"/p/a.jpg", "upload: the server does not take this file", "upload: the server does not take this file"},
		{"/p/a.jpg", "the file is too big: 12.5 MB, and the server takes at most 10 MB", "the file is too big: …, and the server takes at most …"},
		{"/p/b.jpg", "the file is too big: 980 KB, and the server takes at most 10.0 MB", "the file is too big: …, and the server takes at most …"},
		{"/my photos/a b.jpg", "open /my photos/a b.jpg: no such file or directory", "open …: no such file or directory"},
		{"/p/IMG_0001.JPG", "IMG_0001.JPG is broken (at byte 123456)", "… is broken (at byte …)"},
		{"/p/a.jpg", `the album "Holiday in \ Rome" does not exist, and “X” neither`, "the album … does not exist, and … neither"},
		{"/p/a.jpg", "the site refused it with the code 105", "the site refused it with the code 105"},
		{"/p/a.jpg", "the server answered with 503.", "the server answered with 503."},
		{"/p/a.jpg", "PhotoFerry crashed 3 times while it read this photo", "PhotoFerry crashed 3 times while it read this photo"},
		{"/p/a.jpg", "see https://nas.local/upload and request 7f3a-99", "see … and request …"},
		{"/p/is", "this is no photo", "this is no photo"},
		{"/p/a.jpg", `an "unfinished quotation`, `an "unfinished quotation`},
		{"/p/a.jpg", "from 2026-05-01 12:00:00 on", "from … on"},
	} {
		if got := reasonOf(tt.text, tt.path); got != tt.want {
			t.Errorf("%q of %s became %q, want %q", tt.text, tt.path, got, tt.want)
		}
	}
}

// FuzzReason: whatever a server says, its reason is no longer, valid where the text was, and stays what it is.
func FuzzReason(f *testing.F) {
	f.Add("the file is too big: 12.5 MB", "/p/a.jpg")
	f.Add(`"a" „b“ «c» 1 2 3 4567 MB, …`, "")
	f.Fuzz(func(t *testing.T, text, path string) {
		got := reasonOf(text, path)
		if len(got) > len(varying)*(len(text)+1) || utf8.ValidString(text) && utf8.ValidString(path) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", text, got)
		}
		if strings.Contains(got, "\n") || strings.Contains(got, "  ") {
			t.Errorf("%q", got)
		}
	})
}
