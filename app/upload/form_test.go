package upload

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

func TestFormIsWhatBrowsersSend(t *testing.T) {
	content := []byte("\xff\xd8 some\r\n--bytes \xff\xd9")
	f := Form{
		Fields: []Field{{"one", "1"}, {"two", "line\r\nbreak"}},
		File: FormFile{
			Name: "photos", FileName: "Größe \"a\"\r\n📷.jpg", ContentType: "image/jpeg", Size: int64(len(content)),
			Open: func() (io.ReadCloser, error) {
				// The awkward kinds of readers that are allowed.
				return io.NopCloser(iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(content)))), nil
			},
		},
	}
	s, err := f.Post(t.Context(), "http://photos.home/upload")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	defer s.Request.Body.Close()
	body, err := io.ReadAll(s.Request.Body)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(body)) != s.Request.ContentLength {
		t.Errorf("%d bytes, Content-Length %d", len(body), s.Request.ContentLength)
	}
	_, params, err := mime.ParseMediaType(s.Request.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("\n", "\r\n", "BOUNDARY", params["boundary"]).Replace(`--BOUNDARY
Content-Disposition: form-data; name="one"

1
--BOUNDARY
Content-Disposition: form-data; name="two"

line
break
--BOUNDARY
Content-Disposition: form-data; name="photos"; filename="Größe %22a%22%0D%0A📷.jpg"
Content-Type: image/jpeg

`) + string(content) + "\r\n--" + params["boundary"] + "--\r\n"
	if string(body) != want {
		t.Errorf("body\n%s\nwant\n%s", body, want)
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for n := 0; ; n++ {
		if _, err := parts.NextPart(); err == io.EOF {
			if n != 3 {
				t.Errorf("%d parts", n)
			}
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	again, err := s.Request.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if body2, err := io.ReadAll(again); err != nil || !bytes.Equal(body, body2) {
		t.Errorf("a repeated body differs: %v", err)
	}
}

// readBody reads a form's body to its end and returns what came before any error.
func readBody(t *testing.T, f Form) (*Sending, []byte, error) {
	t.Helper()
	s, err := f.Post(t.Context(), "http://photos.home/upload")
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(s.Request.Body)
	s.Request.Body.Close()
	s.Stop()
	return s, body, err
}

func TestFormNeverSendsWrongBytesWhole(t *testing.T) {
	broken := errors.New("card pulled out")
	read := func(r io.Reader) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(r), nil }
	}
	text := func(s string) io.Reader { return strings.NewReader(s) }
	for _, tt := range []struct {
		name string
		open func() (io.ReadCloser, error)
		want error
	}{
		{"as announced", read(text("0123456789")), nil},
		{"as announced, byte by byte", read(iotest.OneByteReader(text("0123456789"))), nil},
		{"as announced, with the end in the last read", read(iotest.DataErrReader(text("0123456789"))), nil},
		{"as announced, with empty reads", read(&lazy{r: text("0123456789")}), nil},
		{"shorter", read(text("012345678")), ErrChanged},
		{"empty", read(text("")), ErrChanged},
		{"longer", read(text("0123456789a")), ErrChanged},
		{"growing", read(endless{}), ErrChanged},
		{"broken in the middle", read(io.MultiReader(text("01234"), iotest.ErrReader(broken))), broken},
		{"broken at the end", read(io.MultiReader(text("0123456789"), iotest.ErrReader(broken))), broken},
		{"stuck at the end", read(io.MultiReader(text("0123456789"), stuck{})), io.ErrNoProgress},
		{"gone", func() (io.ReadCloser, error) { return nil, fs.ErrNotExist }, fs.ErrNotExist},
		{"refused with a kind", func() (io.ReadCloser, error) { return nil, &Error{Kind: Rejected, Reason: "no", Err: fs.ErrPermission} }, fs.ErrPermission},
	} {
		t.Run(tt.name, func(t *testing.T) {
			commits := 0
			f := Form{
				File:   FormFile{Name: "f", Size: 10, Open: tt.open},
				Commit: func() error { commits++; return nil },
			}
			s, body, err := readBody(t, f)
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if err == nil {
				if commits != 1 || !s.Complete() || int64(len(body)) != s.Request.ContentLength {
					t.Errorf("%d commits, complete %v, %d bytes", commits, s.Complete(), len(body))
				}
				return
			}
			if commits != 0 || s != nil && s.Complete() {
				t.Error("it counts as sent")
			}
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("%T is no *Error", err)
			}
			if strings.Contains(string(body), "0123456789") {
				t.Errorf("all ten bytes went out: %q", body)
			}
			if s != nil && !errors.Is(s.Failed("upload", errors.New("write: broken pipe")), tt.want) {
				t.Errorf("Failed hides the file's fault")
			}
		})
	}
	if KindOf((&Error{Kind: Rejected}).Unwrap()) != Transient {
		t.Error("an error without a kind is not transient")
	}
}

// lazy returns nothing at every other read.
type lazy struct {
	r    io.Reader
	idle bool
}

func (l *lazy) Read(p []byte) (int, error) {
	if l.idle = !l.idle; l.idle {
		return 0, nil
	}
	return l.r.Read(p)
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestCommitThatFailsBreaksOff(t *testing.T) {
	full := errors.New("disk full")
	f := formOf(10)
	f.Commit = func() error { return full }
	s, body, err := readBody(t, f)
	if !errors.Is(err, full) || s.Complete() || bytes.Contains(body, []byte("xxxxxxxxxx")) {
		t.Errorf("%v, complete %v, %q", err, s.Complete(), body)
	}
}

func TestStopEndsTheTransmission(t *testing.T) {
	f := formOf(100)
	f.Commit = func() error { t.Error("committed after Stop"); return nil }
	s, err := f.Post(t.Context(), "http://photos.home/upload")
	if err != nil {
		t.Fatal(err)
	}
	s.Stop() // does not hang although the body is open
	if _, err := io.ReadAll(s.Request.Body); !errors.Is(err, errStopped) {
		t.Errorf("%v", err)
	}
	if err := s.Request.Body.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Request.Body.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestFormWithAnUnusableAddress(t *testing.T) {
	_, err := formOf(1).Post(t.Context(), "http://photos.home/%zz?pw=geheim")
	if KindOf(err) != Denied || strings.Contains(err.Error(), "geheim") {
		t.Errorf("%v", err)
	}
}

func TestFormIsSentByTheClient(t *testing.T) {
	var got *http.Request
	var file []byte
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		got = r
		f, _, err := r.FormFile("photos")
		if err != nil {
			t.Error(err)
			return
		}
		file, _ = io.ReadAll(f)
	})
	if _, _, err := post(t.Context(), newTestClient(t, ClientOptions{}), srv.URL, formOf(300_000)); err != nil {
		t.Fatal(err)
	}
	if len(file) != 300_000 || got.ContentLength <= 300_000 || len(got.TransferEncoding) != 0 || got.FormValue("metadata") != `{"a":"b"}` {
		t.Errorf("%d bytes, Content-Length %d, encoding %v", len(file), got.ContentLength, got.TransferEncoding)
	}
	if ua := got.UserAgent(); ua != "PhotoFerry" {
		t.Errorf("User-Agent %q", ua)
	}
}
