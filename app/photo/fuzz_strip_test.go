package photo

import (
	"bytes"
	"io"
	"testing"
)

func FuzzStrip(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		for what, strip := range map[string]func(io.ReaderAt, int64, io.Writer) error{"GPS": StripGPS, "all": StripAll} {
			var out bytes.Buffer
			err := strip(bytes.NewReader(data), int64(len(data)), &out)
			if !bytes.Equal(before, data) {
				t.Fatal("the original was changed")
			}
			if err != nil {
				if out.Len() > 0 {
					t.Errorf("%s: %v, but %d bytes were written", what, err, out.Len())
				}
				continue
			}
			m, _ := ReadMeta(bytes.NewReader(out.Bytes()), int64(out.Len()))
			if m.GPS != nil || !m.GPSTime.IsZero() || what == "all" && m.Make+m.Model+m.Title+m.Description != "" {
				t.Errorf("%s: the copy says %+v", what, m)
			}
			want, err1 := PictureSum(bytes.NewReader(data), int64(len(data)))
			got, err2 := PictureSum(bytes.NewReader(out.Bytes()), int64(out.Len()))
			if err1 != nil || err2 != nil || want != got {
				t.Errorf("%s: the copy shows something else: %v, %v", what, err1, err2)
			}
		}
	})
}
