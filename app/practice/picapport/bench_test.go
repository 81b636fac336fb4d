package picapport

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkUpload sends photos of 3 MB over loopback, one after the other and four at a
// time, with everything on and with as little as possible.
func BenchmarkUpload(b *testing.B) {
	noise := make([]byte, 3_000_000)
	rand.NewChaCha8([32]byte{}).Read(noise) // never fails
	pic := append(picture(64, 64, 1), noise...)
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"plain", Options{NoMD5: true, NoSync: true}},
		{"sync", Options{NoMD5: true}},
		{"md5", Options{}},
		{"md5+kept", Options{KeepReceived: true}},
	} {
		for _, parallel := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/parallel=%v", c.name, parallel > 1), func(b *testing.B) {
				c.o.Dir = b.TempDir()
				s, err := New(c.o)
				if err != nil {
					b.Fatal(err)
				}
				defer s.Close()
				front := httptest.NewServer(s)
				defer front.Close()
				body, kind := multipartBody(photoPart("a.jpg", pic))
				client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8, WriteBufferSize: 256 << 10}}
				defer client.CloseIdleConnections()
				b.SetBytes(int64(len(pic)))
				b.ReportAllocs()
				one := func() {
					res, err := client.Post(front.URL+"/picapportapi/1.0/upload?apisid=admin", kind, bytes.NewReader(body))
					if err != nil {
						b.Error(err)
						return
					}
					out, _ := io.ReadAll(res.Body)
					res.Body.Close()
					if !bytes.Contains(out, []byte(`"OK"`)) {
						b.Errorf("%s", out)
					}
				}
				if parallel == 1 {
					for b.Loop() {
						one()
					}
					return
				}
				b.SetParallelism(parallel) // times GOMAXPROCS
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						one()
					}
				})
			})
		}
	}
}
