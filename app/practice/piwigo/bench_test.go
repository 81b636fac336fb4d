package piwigo

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkPhotos is how fast photos of 3 MB are taken.
func BenchmarkPhotos(b *testing.B) {
	const size = 3_000_000
	for _, method := range []string{"pwg.images.addSimple", "pwg.images.uploadAsync"} {
		b.Run(method, func(b *testing.B) {
			s, err := New(Options{Dir: b.TempDir(), NoSync: true, APIKeys: []APIKey{crashKey}})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.SetBytes(size)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				pic := append(picture(i), make([]byte, size)...)
				f := fields{{"image", fileField{"a.jpg", pic}}}
				if method == "pwg.images.uploadAsync" {
					f = asyncFields(pic, 0, 1)
				}
				body, kind := append(f, field{"method", method}).encode()
				req := httptest.NewRequest(http.MethodPost, "/ws.php?format=json", bytes.NewReader(body))
				req.Header.Set("Content-Type", kind)
				req.Header.Set("X-PIWIGO-API", crashKey.ID+":"+crashKey.Secret)
				w := httptest.NewRecorder()
				b.StartTimer()
				s.ServeHTTP(w, req)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
