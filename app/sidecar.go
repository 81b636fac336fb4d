package app

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/photo"
)

// sidecar reads the XMP file beside a photo; the zero Sidecar, which says
// nothing, where there is none or it cannot be read.
//
// It asks for the names that programs give it instead of reading the folder,
// which may hold tens of thousands.
func (a *App) sidecar(path string) photo.Sidecar {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	for _, name := range []string{path + ".xmp", path + ".XMP", stem + ".xmp", stem + ".XMP"} {
		f, err := openRegular(name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotRegular) {
			continue
		}
		if err != nil {
			a.log.Warn("Sidecar not read", "path", name, "err", err)
			return photo.Sidecar{}
		}
		defer f.Close()
		fi, err := f.Stat()
		if err != nil {
			return photo.Sidecar{}
		}
		s, err := photo.ReadSidecar(f, fi.Size())
		if err != nil && !errors.Is(err, photo.ErrNoMeta) {
			a.log.Warn("Sidecar not read", "path", name, "err", err)
		}
		return s
	}
	return photo.Sidecar{}
}

// corrected returns what is known of a photo with the time that its camera's
// clock should have shown. m is what the file says; over has its sidecar's word
// in it, whose time is corrected only where it is the camera's again.
func (a *App) corrected(m, over photo.Meta) photo.Meta {
	if !over.Taken.Equal(m.Taken) {
		return over
	}
	clocks := make(photo.Clocks)
	for _, c := range a.Settings().Cameras {
		clocks[c.Model] = time.Duration(c.Add)
	}
	return clocks.Correct(over)
}
