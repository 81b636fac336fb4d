package photo

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Sidecar is what the XMP file beside a photo says about it.
type Sidecar struct{ l layer }

// ReadSidecar reads an XMP file of the given size in bytes.
//
// It reads no file of more than 256 KiB or 5,000 tags and attributes, and
// none that declares a document type or entities; otherwise the bounds of
// [ReadMeta] hold. The error is [ErrNoMeta] for a file without a packet, or
// tells what is wrong with it. A file that could not be read says nothing:
// the zero Sidecar may be used.
func ReadSidecar(r io.ReaderAt, size int64) (Sidecar, error) {
	w := newWindow(r, size)
	packet, err := readXMP(span{w, 0, size}, false)
	if w.err != nil {
		err = w.err
	}
	if err != nil {
		return Sidecar{}, fmt.Errorf("read sidecar: %w", err)
	}
	l, err := decodeXMP(packet)
	if errors.Is(err, errXMPEmpty) {
		err = ErrNoMeta
	}
	if err != nil {
		return Sidecar{}, fmt.Errorf("read sidecar: %w", err)
	}
	return Sidecar{l}, nil
}

// Over returns m with what the sidecar states in the place of what the file
// says: a person has put it there after the file was made. A list is taken
// whole. What the sidecar does not mention stays, with one exception that it
// can state: a rating of none.
func (s Sidecar) Over(m Meta) Meta { return s.l.over(m) }

const sidecarExt = ".xmp"

// IsSidecar reports whether a file is a sidecar by its name. Sidecars are
// never photos.
func IsSidecar(name string) bool { return strings.EqualFold(filepath.Ext(name), sidecarExt) }

// SidecarFor picks a photo's sidecar out of the names in its folder: the one
// that names it with its extension (IMG_1.jpg.xmp), which is its own, else the
// one of its stem (IMG_1.xmp), which RAW and JPEG may share. Upper and lower
// case are the same. It returns "" if there is none.
func SidecarFor(name string, names []string) string {
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	found := ""
	for _, n := range names {
		if !IsSidecar(n) || IsSidecar(name) {
			continue
		}
		switch of := n[:len(n)-len(sidecarExt)]; {
		case strings.EqualFold(of, name):
			return n
		case found == "" && strings.EqualFold(of, stem):
			found = n
		}
	}
	return found
}
