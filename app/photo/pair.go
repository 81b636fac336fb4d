package photo

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File is one file of a folder, as [Pair] needs to know it.
type File struct {
	Name  string // base name
	Kind  Kind
	Taken time.Time // of [Meta]; zero: not known
	Zoned bool
}

// Shot is what one press of the shutter left in a folder: one file, or a RAW
// or HEIC with its JPEG, each with the film of a live photo if there is one.
type Shot struct {
	// Files are in this order: JPEG, HEIC or AVIF, RAW, film.
	Files []File
	// Sidecars are the names of the XMP files of any of them.
	Sidecars []string
}

// liveGap is how far the time in a live photo's film may be from its
// picture's: the film starts before and is written after.
const liveGap = 15 * time.Second

// Pair sorts the files of one folder into shots, in the order of their first
// names. Sidecars are never photos; those of no file are left out.
//
// Files belong together if their names differ in nothing but the extension,
// whatever its case, and they were taken in the same second. Where a time is
// not known, or there are two of a sort (two JPEGs that differ in the case of
// their extension), each file is a shot of its own: a pair that is missed is
// sent as two photos, one that is none would lose one.
//
// A film belongs to a picture of its name if it was made within seconds of it.
// A film's clock is in UTC and a picture's may have no zone; then a
// difference that is a time zone's does not count.
func Pair(files []File) []Shot {
	groups := map[string][]File{}
	var stems, names []string
	for _, f := range files {
		names = append(names, f.Name)
		if IsSidecar(f.Name) {
			continue
		}
		stem := stemOf(f.Name)
		if groups[stem] == nil {
			stems = append(stems, stem)
		}
		groups[stem] = append(groups[stem], f)
	}
	var shots []Shot
	for _, stem := range stems {
		for _, s := range split(groups[stem]) {
			for _, f := range s.Files {
				if own := SidecarFor(f.Name, names); own != "" && !slices.Contains(s.Sidecars, own) {
					s.Sidecars = append(s.Sidecars, own)
				}
			}
			shots = append(shots, s)
		}
	}
	slices.SortStableFunc(shots, func(a, b Shot) int { return cmp.Compare(a.Files[0].Name, b.Files[0].Name) })
	return shots
}

// MateNames are the names that the other files of a photo's shot may have, in
// the ways in which cameras write extensions: for a JPEG those of raw files
// and HEIC, for a film those of pictures, for others those of JPEG.
func MateNames(name string, kind Kind) []string {
	exts := []string{".jpg", ".jpeg"}
	switch {
	case kind == JPEG:
		exts = append([]string{".heic", ".heif", ".hif", ".raf", ".cr3"}, slices.Sorted(maps.Keys(rawExts))...)
	case kind.Video():
		exts = []string{".jpg", ".jpeg", ".heic", ".heif"}
	}
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	var names []string
	for _, ext := range exts {
		names = append(names, stem+strings.ToUpper(ext), stem+ext)
	}
	return names
}

// stemOf is a name without its extension, folded in case.
func stemOf(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, filepath.Ext(name)))
}

// sort is the place of a file in a shot. Those of 1 are always alone.
func (f File) sort() int {
	switch {
	case f.Kind == JPEG:
		return 0
	case f.Kind == HEIC || f.Kind == AVIF:
		return 2
	case f.Kind == RAW:
		return 3
	case f.Kind.Video():
		return 4
	}
	return 1
}

// split sorts the files of one stem into shots.
func split(files []File) []Shot {
	slices.SortStableFunc(files, func(a, b File) int { return cmp.Compare(a.sort(), b.sort()) })
	var shots []Shot
	for _, f := range files {
		joined := false
		for i := range shots {
			if shots[i].takes(f) {
				shots[i].Files = append(shots[i].Files, f)
				joined = true
				break
			}
		}
		if !joined {
			shots = append(shots, Shot{Files: []File{f}})
		}
	}
	return shots
}

// takes reports whether a file of the same stem belongs to the shot.
func (s Shot) takes(f File) bool {
	first := s.Files[0]
	if f.Taken.IsZero() || first.Taken.IsZero() || first.Kind.Video() {
		return false
	}
	for _, g := range s.Files {
		if g.sort() == f.sort() || g.sort() == 1 || f.sort() == 1 {
			return false
		}
	}
	if f.Kind.Video() {
		return first.near(f)
	}
	return wallSecond(first.Taken) == wallSecond(f.Taken)
}

// wallSecond is a clock's reading: one program writes the zone into the JPEG,
// another leaves it out of the RAW.
func wallSecond(t time.Time) string { return t.Format(time.DateTime) }

// near reports whether a film was made about when the picture was taken.
func (f File) near(film File) bool {
	diff := f.Taken.Sub(film.Taken)
	if !f.Zoned || !film.Zoned {
		zone := diff.Round(zoneStep)
		if zone.Abs() > zoneReach {
			return false
		}
		diff -= zone
	}
	return diff.Abs() <= liveGap
}
