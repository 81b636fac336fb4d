package picapport

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/photoferry/photoferry/app/photo"
)

func TestUploadAnswers(t *testing.T) {
	type want struct {
		session, name, id, outcome string
		size                       int64
		class                      outcomeClass
	}
	for _, tt := range []struct {
		name string
		in   string
		want []want // nil: not understood
	}{
		{"one set of names", `{"apisid":"s","photos":[{"fileName":"a.jpg","contentType":"image/jpeg","fileSize":12,"photoID":"id","result":"OK"}]}`,
			[]want{{"s", "a.jpg", "id", "OK", 12, outcomeStored}}},
		{"another", `{"files":[{"status":"OK","photoID":"id","size":12,"fileName":"C:\\photos\\a.jpg"}],"apisid":"s"}`,
			[]want{{"s", "a.jpg", "id", "OK", 12, outcomeStored}}},
		{"names that nobody thought of", `{"x":"y","n":[1,2],"uploaded":[{"bytes":12,"outcome":"OK","fileName":"/srv/photos/a.jpg","photoID":"id"}]}`,
			[]want{{"", "a.jpg", "id", "OK", 12, outcomeStored}}},
		{"a bare list", `[{"fileName":"a.jpg","result":"ok "},{"fileName":"b.jpg","result":"Server Error: File too big."}]`,
			[]want{{"", "a.jpg", "", "ok ", 0, outcomeStored}, {"", "b.jpg", "", "Server Error: File too big.", 0, outcomeTooBig}}},
		{"wrong type without the full stop", `{"photos":[{"result":"Server Error: Invalid content type"}]}`,
			[]want{{"", "", "", "Server Error: Invalid content type", 0, outcomeType}}},
		{"an outcome in words of its own", `{"photos":[{"message":"Photo exists"}]}`,
			[]want{{"", "", "", "Photo exists", 0, outcomeOther}}},
		{"the likelier of two outcomes", `{"photos":[{"message":"stored","note":"OK","result":"Server Error: x"}]}`,
			[]want{{"", "", "", "Server Error: x", 0, outcomeOther}}},
		{"a number as status, the outcome elsewhere", `{"photos":[{"status":200,"text":"OK"}]}`,
			[]want{{"", "", "", "OK", 200, outcomeStored}}},
		{"OK as a file's name", `{"photos":[{"fileName":"OK","contentType":"OK","photoID":"OK"}]}`,
			[]want{{"", "OK", "OK", "", 0, outcomeOther}}},
		{"no photos", `{"photos":[]}`, []want{}},
		{"no list", `{"apisid":"s"}`, nil},
		{"a list of numbers", `[1]`, nil},
		{"a text", `"OK"`, nil},
		{"null", `null`, nil},
		{"an outcome without a list", `{"result":"OK"}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var a uploadAnswer
			err := json.Unmarshal([]byte(tt.in), &a)
			if (err == nil) != (tt.want != nil) || len(a.photos) != len(tt.want) {
				t.Fatalf("%+v, %v", a, err)
			}
			for i, w := range tt.want {
				p := a.photos[i]
				if got := (want{a.session, p.name(), p.photoID, p.outcome, p.size, classOf(p.outcome)}); got != w {
					t.Errorf("%+v, want %+v", got, w)
				}
			}
		})
	}
}

func FuzzUploadAnswer(f *testing.F) {
	for _, s := range []string{
		`{"apisid":"s","photos":[{"fileName":"a.jpg","fileSize":12,"photoID":"id","result":"OK"}]}`,
		`[{"status":"Server Error: File too big."}]`, `{"a":[{}],"a":[{"result":"OK"}]}`, `[[[[[{}]]]]]`, `{"photos":[{"size":1e400}]}`, `{"photos":[{"size":-1}]}`, "null",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var a uploadAnswer
		if json.Unmarshal(in, &a) != nil {
			return
		}
		for _, p := range a.photos {
			if classOf(p.outcome) == outcomeStored && !strings.Contains(strings.ToLower(string(in)), "ok") &&
				!strings.Contains(string(in), `\u`) {
				t.Errorf("%s counts as stored", in)
			}
			if p.size < 0 || !utf8.ValidString(p.name()) || strings.ContainsAny(p.name(), `/\`) {
				t.Errorf("%+v", p)
			}
		}
	})
}

func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`{"versionMajor":10,"versionMinor":4,"version":"V10.4.00 01.02.2023","isValid":true,"uid":"u","name":"N","canUpload":true,"uploadMaxFilesizeMB":"100","supportedVideoTypes":[".mov"]}`,
		`{"versionMajor":"10","uploadMaxFilesizeMB":12.5,"canUpload":"true","isValid":0}`,
		`{"uploadMaxFilesizeMB":"1e300"}`, `{"uploadMaxFilesizeMB":"-5"}`, `{"uploadMaxFilesizeMB":null}`, `{"uploadMaxFilesizeMB":"12,5"}`,
		`{"photoID":"x","exists":false,"alreadySynced":true}`, `{"apisid":"a","authorised":false,"algorithm":"RSA","exponent":"10001","modulus":"b3"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var (
			st serverStatus
			pc photoCheck
			ns newSessionAnswer
		)
		_ = json.Unmarshal(in, &pc)
		_ = json.Unmarshal(in, &ns)
		if json.Unmarshal(in, &st) != nil {
			return
		}
		if st.maxBytes() < 0 || len(st.kinds()) == 0 || !strings.HasPrefix(st.product(), "PicApport") {
			t.Errorf("%d, %v, %q", st.maxBytes(), st.kinds(), st.product())
		}
	})
}

func TestPhotoIDsHaveTheServersShape(t *testing.T) {
	for _, digest := range [][32]byte{{}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {1, 2, 3}} {
		id := PhotoID(digest)
		raw, err := base64.RawStdEncoding.Strict().DecodeString(id)
		if err != nil || len(id) != 22 || raw[6]>>4 != 4 || raw[8]>>6 != 2 || !strings.ContainsRune("AQgw", rune(id[21])) {
			t.Errorf("%x: %q, %v", digest, id, err)
		}
	}
	// Must never change: it is how servers know photos again.
	if got := PhotoID([32]byte{0: 0xe3, 1: 0xb0, 2: 0xc4, 6: 0xfb, 8: 0x99, 15: 0x24}); got != "47DEAAAASwCZAAAAAAAAJA" {
		t.Errorf("%q", got)
	}
}

func TestASCIIJSON(t *testing.T) {
	in := metadata{Title: "Größe 📷 \u2028 <&> \"q\"", Rating: 5}
	text, err := asciiJSON(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range text {
		if r >= utf8.RuneSelf {
			t.Fatalf("%q is not ASCII", text)
		}
	}
	var out metadata
	if err := json.Unmarshal([]byte(text), &out); err != nil || out.Title != in.Title || out.Rating != 5 {
		t.Errorf("%+v, %v", out, err)
	}
	if empty, _ := asciiJSON(metadata{}); empty != "{}" {
		t.Errorf("%q", empty)
	}
}

func TestFileNames(t *testing.T) {
	for _, tt := range []struct {
		in   string
		kind photo.Kind
		want string
	}{
		{"IMG_1.JPG", photo.JPEG, "IMG_1.JPG"},
		{"IMG_1.jpeg", photo.JPEG, "IMG_1.jpeg"},
		{"IMG_1", photo.JPEG, "IMG_1.jpg"},
		{"IMG_1.png", photo.JPEG, "IMG_1.png.jpg"},
		{"clip.MOV", photo.MOV, "clip.MOV"},
		{"clip.m4v", photo.MP4, "clip.m4v.mp4"},
	} {
		if got := fileName(tt.in, tt.kind); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}
