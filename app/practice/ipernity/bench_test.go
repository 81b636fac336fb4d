package ipernity

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkUpload sends photos of 3 MB over loopback, one after the other.
func BenchmarkUpload(b *testing.B) {
	noise := make([]byte, 3_000_000)
	rand.NewChaCha8([32]byte{}).Read(noise) // never fails
	pic := append(picture(64, 64, 1), noise...)
	for name, o := range map[string]Options{"plain": {NoSync: true}, "sync": {}} {
		b.Run(name, func(b *testing.B) {
			o.Dir = b.TempDir()
			s, err := New(o)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			front := httptest.NewServer(s)
			defer front.Close()
			p := params{"api_key": s.Key(), "auth_token": s.Token("member", "write")}
			p = p.with("api_sig", signature(p, "upload.file", s.Secret()))
			body, kind := multipartBody(filePart("a.jpg", pic))
			client := &http.Client{Transport: &http.Transport{WriteBufferSize: 256 << 10}}
			defer client.CloseIdleConnections()
			b.SetBytes(int64(len(pic)))
			b.ReportAllocs()
			for b.Loop() {
				res, err := client.Post(front.URL+"/api/upload.file?"+p.encode(), kind, bytes.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				out, _ := io.ReadAll(res.Body)
				res.Body.Close()
				if !bytes.Contains(out, []byte(`"ok"`)) {
					b.Fatalf("%s", out)
				}
			}
		})
	}
}
