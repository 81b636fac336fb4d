package piwigo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif"  // what getimagesize knows
	_ "image/jpeg" // for derivatives
	_ "image/png"
	"io"
	"os"
	"time"

	_ "golang.org/x/image/webp"
)

// inspected is what a file says about itself.
type inspected struct {
	ext           string // "jpg", "png", "gif" or "webp" by content; "" for everything else
	width, height int
	taken         time.Time // DateTimeOriginal, in no zone
	short         bool      // not enough bytes to tell
}

// inspect is getimagesize and the part of sync_metadata that is on by default: the
// content decides, and a JPEG needs no more than its header [R3, R4].
func inspect(path string) (inspected, error) {
	f, err := os.Open(path)
	if err != nil {
		return inspected{}, err
	}
	defer f.Close() // only read
	r := bufio.NewReaderSize(f, 64<<10+4)
	head, _ := r.Peek(12) // a short file is no picture
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xd8, 0xff}):
		return inspectJPEG(r), nil
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")), bytes.HasPrefix(head, []byte("GIF8")),
		len(head) == 12 && string(head[:4]) == "RIFF" && string(head[8:]) == "WEBP":
		config, ext, err := image.DecodeConfig(r)
		if err != nil {
			return inspected{}, nil
		}
		return inspected{ext: ext, width: config.Width, height: config.Height}, nil
	}
	return inspected{short: len(head) < 12}, nil
}

// inspectJPEG reads segments up to the frame, without which a file is no JPEG.
func inspectJPEG(r *bufio.Reader) inspected {
	var p inspected
	if _, err := r.Discard(2); err != nil {
		return p
	}
	for {
		head, err := r.Peek(4)
		if err != nil || head[0] != 0xff {
			return inspected{}
		}
		marker, n := head[1], 2+int(binary.BigEndian.Uint16(head[2:]))
		segment, err := r.Peek(n)
		if err != nil || n < 4 {
			return inspected{}
		}
		switch {
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			if n < 9 {
				return inspected{}
			}
			p.ext, p.height, p.width = "jpg", int(binary.BigEndian.Uint16(segment[5:])), int(binary.BigEndian.Uint16(segment[7:]))
			return p
		case marker == 0xe1 && bytes.HasPrefix(segment[4:], []byte("Exif\x00\x00")):
			p.taken = exifTaken(segment[10:])
		case marker == 0xda || marker == 0xd9:
			return inspected{}
		}
		if _, err := r.Discard(n); err != nil {
			return inspected{}
		}
	}
}

// exifTaken is DateTimeOriginal. It follows one pointer, from the first directory to the
// EXIF one, so that no file can lead it astray.
func exifTaken(b []byte) time.Time {
	if len(b) < 8 {
		return time.Time{}
	}
	var order binary.ByteOrder = binary.BigEndian
	if b[0] == 'I' {
		order = binary.LittleEndian
	}
	find := func(dir uint32, want uint16) (value uint32, ok bool) {
		if uint64(dir)+2 > uint64(len(b)) {
			return 0, false
		}
		entries := b[dir+2:]
		for range order.Uint16(b[dir:]) {
			if len(entries) < 12 {
				return 0, false
			}
			if order.Uint16(entries) == want {
				return order.Uint32(entries[8:]), true
			}
			entries = entries[12:]
		}
		return 0, false
	}
	exif, ok := find(order.Uint32(b[4:]), 0x8769)
	if !ok {
		return time.Time{}
	}
	at, ok := find(exif, 0x9003)
	if !ok || uint64(at)+19 > uint64(len(b)) {
		return time.Time{}
	}
	taken, err := time.Parse("2006:01:02 15:04:05", string(b[at:at+19]))
	if err != nil {
		return time.Time{}
	}
	return taken
}

// date is date_creation in SQL's form, or "".
func (p inspected) date() string {
	if p.taken.IsZero() {
		return ""
	}
	return p.taken.Format(sqlTime)
}

// maxPixels bounds what a derivative may make the server hold in memory. [CHOICE]
const maxPixels = 200_000_000

// decode reads a whole picture of a bearable size.
func decode(r io.ReadSeeker) (image.Image, error) {
	config, _, err := image.DecodeConfig(bufio.NewReader(r))
	if err != nil || config.Width*config.Height > maxPixels {
		return nil, image.ErrFormat
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	pic, _, err := image.Decode(bufio.NewReader(r))
	return pic, err
}
