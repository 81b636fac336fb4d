package picapport

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"testing"
	"testing/iotest"
)

func splice(t *testing.T, pic, packet []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	src := bufio.NewReaderSize(iotest.HalfReader(bytes.NewReader(pic)), bufferSize)
	if err := spliceXMP(&out, src, packet); err != nil {
		t.Fatal(err)
	}
	if _, err := src.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestXMPGoesBehindJFIFAndExifAndReplacesAnOlderOne(t *testing.T) {
	bare := picture(8, 8, 1)
	jfif := segmentOf(markerAPP0, []byte("JFIF\x00rest"))
	exif := exifSegment(binary.BigEndian, 1)
	old := segmentOf(markerAPP1, append(append([]byte{}, idXMP...), "old"...))
	extended := segmentOf(markerAPP1, append(append([]byte{}, idExtendedXMP...), "old"...))
	icc := segmentOf(markerAPP2, append(append([]byte{}, idICC...), "profile"...))
	comment := segmentOf(markerCOM, []byte("hello"))
	packet := segmentOf(markerAPP1, append(append([]byte{}, idXMP...), "new"...))
	for _, c := range []struct {
		name     string
		in, want [][]byte
	}{
		{"bare", nil, [][]byte{packet}},
		{"JFIF and Exif", [][]byte{jfif, exif}, [][]byte{jfif, exif, packet}},
		{"old XMP", [][]byte{exif, old, icc}, [][]byte{exif, packet, icc}},
		{"old XMP first", [][]byte{old, exif}, [][]byte{packet, exif}},
		{"old XMP in two", [][]byte{exif, old, comment, extended}, [][]byte{exif, packet, comment}},
	} {
		if got := splice(t, insert(bare, c.in...), packet); !bytes.Equal(got, insert(bare, c.want...)) {
			t.Errorf("%s: wrong", c.name)
		}
	}
}

func TestStrippingLeavesWhatThePictureNeeds(t *testing.T) {
	bare := picture(8, 8, 1)
	jfif := segmentOf(markerAPP0, []byte("JFIF\x00rest"))
	icc := segmentOf(markerAPP2, append(append([]byte{}, idICC...), "profile"...))
	adobe := segmentOf(markerAPP14, []byte("Adobe"))
	in := insert(bare, jfif, exifSegment(binary.LittleEndian, 6), icc, segmentOf(markerAPP2, []byte("MPF\x00")), adobe, segmentOf(0xed, []byte("Photoshop")), segmentOf(markerCOM, []byte("c")))
	var out bytes.Buffer
	if err := stripMetadata(&out, bufio.NewReaderSize(bytes.NewReader(in), bufferSize)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), insert(bare, jfif, icc, adobe)) {
		t.Error("wrong segments")
	}
	if err := stripMetadata(&out, bufio.NewReader(bytes.NewReader([]byte("PNG")))); err == nil {
		t.Error("strips what is no JPEG")
	}
}

// FuzzSplice: taking the packet out of the result gives the input without its XMP, and
// nothing is lost behind the header.
func FuzzSplice(f *testing.F) {
	bare := picture(8, 8, 1)
	old := segmentOf(markerAPP1, append(append([]byte{}, idXMP...), "old"...))
	f.Add(bare)
	f.Add(insert(bare, exifSegment(binary.BigEndian, 1), old))
	f.Add([]byte{0xff, 0xd8, 0xff})
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 0})
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 'E'})
	f.Fuzz(func(t *testing.T, pic []byte) {
		if len(pic) < 2 {
			return
		}
		packet := segmentOf(markerAPP1, append(append([]byte{}, idXMP...), "NEW"...))
		got := splice(t, pic, packet)
		if n := bytes.Count(got, packet) - bytes.Count(pic, packet); n < 0 || n > 1 || !bytes.Contains(got, packet) {
			t.Fatalf("packet is there %d times more", n)
		}
		if !bytes.Contains(pic, idXMP) && !bytes.Contains(pic, idExtendedXMP) && !bytes.Equal(bytes.Replace(got, packet, nil, 1), pic) {
			t.Fatal("something else was changed")
		}
		src := bufio.NewReaderSize(bytes.NewReader(pic), bufferSize)
		inspect(src)
		src.Reset(bytes.NewReader(pic))
		_ = stripMetadata(&bytes.Buffer{}, src) // must only not panic: much of this is no JPEG
	})
}

// FuzzExif: foreign TIFF bytes never make the reader fail.
func FuzzExif(f *testing.F) {
	for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		f.Add(exifSegment(order, 8)[9:])
	}
	f.Add([]byte("\x00II*\x00\xff\xff\xff\xff"))
	f.Add([]byte("\x00MM\x00*\x00\x00\x00\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var i info
		i.readExif(b)
		if i.aperture < 0 || i.exposure < 0 || i.focal < 0 {
			t.Fatalf("%+v", i)
		}
	})
}
