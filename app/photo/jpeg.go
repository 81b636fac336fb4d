package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// maxParts is how many parts of a JPEG are told apart. A progressive picture
// of twelve scans has about fifty.
const maxParts = 8192

var errJPEG = errors.New("not a whole JPEG")

// part is a piece of a JPEG: a marker with its segment, coded data, or what
// follows after the picture's end. All parts together are the file.
type part struct {
	marker byte // 0: coded data, fill bytes or what lies between segments
	at, n  int64
	intro  int64 // marker and length, before the payload
	stray  bool  // between segments, where nothing belongs
	after  bool  // behind the end of the picture
}

// metadata reports whether a decoder can do without the part: application
// segments and comments. Adobe's says how colours are coded.
func (p part) metadata() bool {
	return p.stray || p.marker == 0xfe || p.marker >= 0xe0 && p.marker <= 0xef && p.marker != 0xee
}

// jpegParts takes a JPEG apart. A file without a scan is none, nor is one whose
// segments do not follow each other, because nothing could be said for sure
// about what is in it. A picture that is cut off lacks nothing but its end.
func jpegParts(file span) ([]part, error) {
	var parts []part
	var b [4]byte
	if !file.read(b[:2], 0) || string(b[:2]) != "\xff\xd8" {
		return nil, errJPEG
	}
	parts = append(parts, part{marker: 0xd8, n: 2, intro: 2})
	at, scan := int64(2), false
	buf := make([]byte, 32<<10)
	for len(parts) < maxParts {
		next := nextMarker(file, at, buf)
		if next < 0 {
			if !scan || at >= file.n {
				return nil, errJPEG
			}
			return append(parts, part{at: at, n: file.n - at}), nil
		}
		if next > at {
			parts = append(parts, part{at: at, n: next - at, stray: !scan})
			at = next
		}
		if !file.read(b[:2], at) {
			return nil, errJPEG
		}
		switch m := b[1]; {
		case m == 0xd9:
			parts = append(parts, part{marker: m, at: at, n: 2, intro: 2})
			at += 2
			if !scan {
				return nil, errJPEG
			}
			if at < file.n {
				parts = append(parts, part{at: at, n: file.n - at, after: true})
			}
			return parts, nil
		case m == 0x01 || m == 0xd8:
			parts = append(parts, part{marker: m, at: at, n: 2, intro: 2})
			at += 2
		default:
			if !file.read(b[:], at) {
				return nil, errJPEG
			}
			n := 2 + int64(binary.BigEndian.Uint16(b[2:]))
			if n < 4 || n > file.n-at {
				return nil, errJPEG
			}
			scan = scan || m == 0xda
			parts = append(parts, part{marker: m, at: at, n: n, intro: 4})
			at += n
		}
	}
	return nil, errJPEG
}

// nextMarker returns the offset of the next marker that is not part of coded
// data, at or behind at; -1 if there is none. It reads into buf.
func nextMarker(file span, at int64, buf []byte) int64 {
	for at < file.n {
		b := file.head(buf, at)
		if len(b) < 2 {
			return -1
		}
		for i := 0; ; i++ {
			j := bytes.IndexByte(b[i:], 0xff)
			if j < 0 {
				at += int64(len(b))
				break
			}
			if i += j; i+1 >= len(b) {
				at += int64(i)
				if i == 0 {
					return -1 // a last byte of 0xff
				}
				break
			}
			// 00 is a stuffed byte, ff a fill byte, d0 to d7 restart the coder.
			if m := b[i+1]; m != 0 && m != 0xff && (m < 0xd0 || m > 0xd7) {
				return at + int64(i)
			}
		}
	}
	return -1
}

// jpegPictures calls visit for a JPEG's main picture and for those behind it,
// which follow at once or after zeros: those of MPF, HDR gain maps. The rest
// is what lies behind the last of them. The error is for the main one.
func jpegPictures(file span, visit func(gap, picture span, parts []part) error) (rest span, err error) {
	parts, err := jpegParts(file)
	if err != nil {
		return span{}, err
	}
	var gap span
	for range maxPreviews {
		if err := visit(gap, file, parts); err != nil {
			return span{}, err
		}
		if last := parts[len(parts)-1]; last.after {
			rest, _ = file.within(last.at, last.n)
		} else {
			return span{}, nil
		}
		gap, file = padded(rest)
		if parts, err = jpegParts(file); err != nil {
			return rest, nil
		}
	}
	return rest, nil
}

// maxGap is how many bytes of zeros there may be between pictures.
const maxGap = 64 << 10

// padded cuts what follows a picture into zeros and what comes after them.
func padded(rest span) (zeros, next span) {
	b := rest.head(make([]byte, min(rest.n, maxGap)), 0)
	i := slices.IndexFunc(b, func(c byte) bool { return c != 0 })
	if i < 0 {
		return span{}, span{}
	}
	zeros, _ = rest.within(0, int64(i))
	next, _ = rest.within(int64(i), rest.n)
	return zeros, next
}

// spliced is a file made of pieces of another and of new bytes.
type spliced struct {
	pieces []piece
	size   int64
}

// piece is a stretch of the original, or new bytes.
type piece struct {
	at   int64 // in the spliced file
	n    int64
	from span
	mem  []byte
}

func (s *spliced) add(p piece) {
	p.at = s.size
	if p.mem != nil {
		p.n = int64(len(p.mem))
	} else {
		p.n = p.from.n
	}
	s.size += p.n
	if p.n > 0 {
		s.pieces = append(s.pieces, p)
	}
}

// ReadAt implements [io.ReaderAt].
func (s *spliced) ReadAt(b []byte, off int64) (n int, err error) {
	for _, p := range s.pieces {
		if off >= p.at+p.n || len(b) == 0 {
			continue
		}
		rel, want := off-p.at, min(int64(len(b)), p.at+p.n-off)
		if p.mem != nil {
			copy(b[:want], p.mem[rel:])
		} else if got, err := p.from.r.ReadAt(b[:want], p.from.off+rel); int64(got) < want {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return n + got, err
		}
		n, off, b = n+int(want), off+want, b[want:]
	}
	if len(b) > 0 {
		return n, io.EOF
	}
	return n, nil
}
