package ipernity

import (
	"net/url"
	"testing"
)

const (
	vectorKey    = "0123456789abcdef0123456789abcdef"
	vectorSecret = "0a2b3c4d5e6a7b8d"
	vectorToken  = "12345-a0b1c2d3e4f5"
)

// uploadVector are the parameters of the vector with all that can go wrong: a
// value that is not ASCII, blanks, an empty value, and names of which one
// begins another.
func uploadVector() params {
	return params{
		"api_key": vectorKey, "auth_token": vectorToken, "async": "1",
		"title": "Été à Paris & co", "description": "",
		"is_public": "0", "is_family": "1", "is_friend": "0", "license": "11",
		"keywords": "sea,blue sky", "perm_comment": "5", "perm_tag": "4", "perm_tagme": "4",
		"created_at": "2013-07-03 10:20:30",
	}
}

func TestSignatures(t *testing.T) {
	key := params{"api_key": vectorKey}
	with := func(more params) params {
		p := params{}
		for _, all := range []params{key, more} {
			for name, value := range all {
				p[name] = value
			}
		}
		return p
	}
	for _, tt := range []struct {
		name, method, secret string
		p                    params
		want                 string
	}{
		{"the documents' own, of a call", "doc.tags.add", "e9a599f0cf6ce193",
			params{"api_key": "6fa87ba500002712bd4eed6020f3bd72", "doc_id": "1234", "keywords": "easy"}, "a269b218feb341ef03bc093a0f2c8078"},
		{"the documents' own, of a link", "", "e9a599f0cf6ce193",
			params{"api_key": "6fa87ba500002712bd4eed6020f3bd72", "perm_network": "read"}, "da183021cd39461108770b822fcd9398"},
		{"getFrob", getFrob, vectorSecret, key, "b080bfabf08ce86909ba301241318945"},
		{"link", "", vectorSecret, with(params{"frob": "123456789-0ad5e2a8", "perm_doc": "write"}), "a52885aab9fa43bf650ad426fc21cc7a"},
		{"getToken", getToken, vectorSecret, with(params{"frob": "123456789-0ad5e2a8"}), "25f287fd4e0d3e0651a010d9482fd642"},
		{"checkToken", checkToken, vectorSecret, with(params{"auth_token": vectorToken}), "7faeccaf562b1ee644d503f7a531940e"},
		{"upload.file", uploadFile, vectorSecret, uploadVector(), "1b16a6a1326e7e346cef314c70efb1f1"},
		{"upload.file, with a signature already", uploadFile, vectorSecret, func() params {
			p := uploadVector()
			p["api_sig"] = "00000000000000000000000000000000"
			return p
		}(), "1b16a6a1326e7e346cef314c70efb1f1"},
		{"checkTickets", checkTickets, vectorSecret, with(params{"auth_token": vectorToken, "tickets": "712218,712219"}), "fad0190ec4a9e9b686801222ebac06e9"},
		{"album.docs.add", albumAdd, vectorSecret, with(params{"auth_token": vectorToken, "album_id": "10552", "doc_id": "395557,395558"}), "d600080c5e88ce43ba85fafb0c53dc1b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sign(tt.method, tt.secret, tt.p); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestSignaturesOfWhatIsSignedWrongly is the other half of the vectors: what
// the known mistakes give must not be what we give.
func TestSignaturesOfWhatIsSignedWrongly(t *testing.T) {
	escaped, dropped := params{}, params{}
	for name, value := range uploadVector() {
		escaped[name] = url.QueryEscape(value)
		dropped.set(name, value)
	}
	want := sign(uploadFile, vectorSecret, uploadVector())
	for name, got := range map[string]string{
		"escaped values":          sign(uploadFile, vectorSecret, escaped),
		"without the empty value": sign(uploadFile, vectorSecret, dropped),
		"without the method":      sign("", vectorSecret, uploadVector()),
		"with another secret":     sign(uploadFile, "0a2b3c4d5e6a7b8e", uploadVector()),
	} {
		if got == want {
			t.Errorf("%s: the same signature", name)
		}
	}
	if got := sign(uploadFile, vectorSecret, dropped); got[:8] != "a44b29e3" {
		t.Errorf("without the empty description: %s", got)
	}
	if got := uploadVector().names(); got[10] != "perm_comment" || got[11] != "perm_tag" || got[12] != "perm_tagme" {
		t.Errorf("order of the names: %q", got)
	}
}

// TestWhatIsSent checks that parameters without a value do not go out, and that
// token and key go where they belong.
func TestWhatIsSent(t *testing.T) {
	c := testClient(t, "https://photos.home", nil)
	p := params{}
	p.set("title", "")
	p.set("album_id", "7")
	got := c.signed(albumAdd, p)
	if _, ok := got["title"]; ok || got["album_id"] != "7" || got["auth_token"] != vectorToken || got["api_key"] != vectorKey || len(got["api_sig"]) != 32 {
		t.Errorf("%v", got)
	}
	if got := c.signed(getFrob, params{}); got["auth_token"] != "" || got["api_sig"] != "b080bfabf08ce86909ba301241318945" {
		t.Errorf("getFrob: %v", got)
	}
}
