package ipernity

import (
	"bytes"
	"net/http"
	"testing"
	"time"
)

const (
	officialKey, officialSecret = "6fa87ba500002712bd4eed6020f3bd72", "e9a599f0cf6ce193"
	vectorToken                 = "12345-a0b1c2d3e4f5"
)

// vectors are I1 to I9 of the reference. I1 and I2 are ipernity's own.
var vectors = []struct {
	name, method string
	official     bool
	p            params
	want         string
}{
	{"I1", "doc.tags.add", true, params{"doc_id": "1234", "keywords": "easy"}, "a269b218feb341ef03bc093a0f2c8078"},
	{"I2", "", true, params{"perm_network": "read"}, "da183021cd39461108770b822fcd9398"},
	{"I3", "auth.getFrob", false, params{}, "b080bfabf08ce86909ba301241318945"},
	{"I4", "", false, params{"frob": "123456789-0ad5e2a8", "perm_doc": "write"}, "a52885aab9fa43bf650ad426fc21cc7a"},
	{"I5", "auth.getToken", false, params{"frob": "123456789-0ad5e2a8"}, "25f287fd4e0d3e0651a010d9482fd642"},
	{"I6", "auth.checkToken", false, params{"auth_token": vectorToken}, "7faeccaf562b1ee644d503f7a531940e"},
	{"I7", "upload.file", false, uploadVector, "1b16a6a1326e7e346cef314c70efb1f1"},
	{"I8", "upload.checkTickets", false, params{"auth_token": vectorToken, "tickets": "712218,712219"}, "fad0190ec4a9e9b686801222ebac06e9"},
	{"I9", "album.docs.add", false, params{"auth_token": vectorToken, "album_id": "10552", "doc_id": "395557,395558"}, "d600080c5e88ce43ba85fafb0c53dc1b"},
}

var uploadVector = params{
	"auth_token": vectorToken, "async": "1", "title": "Été à Paris & co", "description": "",
	"is_public": "0", "is_family": "1", "is_friend": "0", "license": "11", "keywords": "sea,blue sky",
	"perm_comment": "5", "perm_tag": "4", "perm_tagme": "4", "created_at": "2013-07-03 10:20:30",
}

func TestSignatureVectors(t *testing.T) {
	for _, v := range vectors {
		key, secret := DefaultKey, DefaultSecret
		if v.official {
			key, secret = officialKey, officialSecret
		}
		p := v.p.with("api_key", key, "api_sig", "not signed", "file", "neither")
		if got := signature(p, v.method, secret); got != v.want {
			t.Errorf("%s: %s, want %s", v.name, got, v.want)
		}
	}
}

// withVectorToken knows the token of the vectors, and application and secret.
func withVectorToken(t *testing.T, key, secret string) *rig {
	t.Helper()
	r := newRig(t, Options{Key: key, Secret: secret})
	if err := r.Server.store.issue(token{vectorToken, 12345, perms{"doc": "write"}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheServerAcceptsTheVectorsAndNothingNearThem(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			r := withVectorToken(t, DefaultKey, DefaultSecret)
			if v.official {
				r = withVectorToken(t, officialKey, officialSecret)
			}
			ask := func(sig string) bool {
				p := v.p.with("api_key", r.Key(), "api_sig", sig)
				switch v.method {
				case "":
					// A frob or its absence is only looked at once the signature is right.
					return !bytes.Contains(r.get(authorizePath+"?"+p.encode()).body, []byte("signature"))
				case "upload.file":
					var parts []part
					for name, value := range p {
						parts = append(parts, part{name: name, data: []byte(value)})
					}
					body, kind := multipartBody(append(parts, filePart("a.jpg", picture(8, 8, 1)))...)
					return code(t, r.request(http.MethodPost, "/api/upload.file/json", bytes.NewReader(body), kind)) == 0
				}
				return code(t, r.post("/api/"+v.method, p)) != signatureInvalid
			}
			if !ask(v.want) {
				t.Error("the vector is refused")
			}
			wrong := []string{v.want[1:] + v.want[:1], string(bytes.ToUpper([]byte(v.want))), v.want + "0"}
			for _, sig := range wrong {
				if ask(sig) {
					t.Errorf("%s is accepted", sig)
				}
			}
		})
	}
}

func TestSignaturesOfOtherReadingsAreRefused(t *testing.T) {
	r := withVectorToken(t, DefaultKey, DefaultSecret)
	whole := uploadVector.with("api_key", r.Key())
	for name, p := range map[string]params{
		"URL-encoded values":  whole.with("title", "%C3%89t%C3%A9%20%C3%A0%20Paris%20%26%20co"),
		"empty value dropped": func() params { q := whole.with(); delete(q, "description"); return q }(),
		"other method":        nil,
	} {
		sig := signature(p, "upload.file", r.Secret())
		if p == nil {
			sig = signature(whole, "upload.replace", r.Secret())
		}
		if got := code(t, r.post("/api/upload.file", whole.with("api_sig", sig))); got != signatureInvalid {
			t.Errorf("%s: code %d", name, got)
		}
	}
	if got := code(t, r.post("/api/upload.file", whole.with("api_sig", signature(whole, "upload.file", r.Secret())))); got != 1 {
		t.Errorf("the right one: code %d", got)
	}
}
