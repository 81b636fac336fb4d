package watcher

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
	"pgregory.net/rapid"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		root Root
		rel  string
		ok   bool
		rule string
	}{
		{"photo", Root{}, "a.jpg", true, `default include "*.jpg"`},
		{"any case", Root{}, "2024/IMG_1.JPEG", true, `default include "*.jpeg"`},
		{"two dots", Root{}, "a.b.CR3", true, `default include "*.cr3"`},
		{"video", Root{}, "x/y/z/CLIP.MOV", true, `default include "*.mov"`},
		{"no photo", Root{}, "notes.txt", false, "no include pattern matches"},
		{"name is all extension", Root{}, "jpg", false, "no include pattern matches"},
		{"hidden", Root{}, ".a.jpg", false, `default exclude ".*"`},
		{"in a hidden folder", Root{}, "x/.cache/a.jpg", false, `default exclude ".*"`},
		{"Synology thumbnail", Root{}, "x/@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg", false, `default exclude "@eaDir"`},
		{"case of a folder", Root{}, "$Recycle.Bin/S-1-5/a.jpg", false, `default exclude "$RECYCLE.BIN"`},
		{"recycle bin of a NAS", Root{}, "#recycle/a.jpg", false, `default exclude "#recycle"`},
		{"wastebasket", Root{}, ".Trash-1000/files/a.jpg", false, `default exclude ".*"`},
		{"lost+found", Root{}, "lost+found/a.jpg", false, `default exclude "lost+found"`},
		{"gphoto2 temporary", Root{Include: []string{"*"}}, "tmpfileAb12Xy", false, `default exclude "tmpfile??????"`},
		{"not gphoto2 temporary", Root{Include: []string{"*"}}, "tmpfileAb12Xyz", true, `include "*"`},
		{"exiftool", Root{Include: []string{"*"}}, "a.jpg_original", false, `default exclude "*_original"`},
		{"download", Root{Include: []string{"*"}}, "a.jpg.crdownload", false, `default exclude "*.crdownload"`},
		{"library", Root{}, "My.photoslibrary/originals/a.jpg", false, `default exclude "*.photoslibrary/"`},
		{"flat", Root{Flat: true}, "x/a.jpg", false, "sub-folders are left out"},
		{"flat, no sub-folder", Root{Flat: true}, "a.jpg", true, `default include "*.jpg"`},
		{"own include", Root{Include: []string{"*.psd"}}, "a.jpg", false, "no include pattern matches"},
		{"include by path", Root{Include: []string{"2024/**/*.jpg"}}, "2024/x/A.JPG", true, `include "2024/**/*.jpg"`},
		{"include by path, other path", Root{Include: []string{"2024/**"}}, "2023/a.jpg", false, "no include pattern matches"},
		{"alternatives", Root{Include: []string{"IMG_*.{jpg,cr2}"}}, "img_7.CR2", true, `include "IMG_*.{jpg,cr2}"`},
		{"exclude name", Root{Exclude: []string{"IMG_*"}}, "x/img_1.jpg", false, `exclude "IMG_*"`},
		{"exclude folder anywhere", Root{Exclude: []string{"private"}}, "a/Private/b/c.jpg", false, `exclude "private"`},
		{"exclude folder at the top", Root{Exclude: []string{"/private"}}, "a/private/c.jpg", true, `default include "*.jpg"`},
		{"exclude by path", Root{Exclude: []string{"a/*/raw"}}, "a/b/raw/c.jpg", false, `exclude "a/*/raw"`},
		{"exclude everything below", Root{Exclude: []string{"a/**"}}, "a/c.jpg", false, `exclude "a/**"`},
		{"exclude folders only", Root{Exclude: []string{"a.jpg/"}}, "a.jpg", true, `default include "*.jpg"`},
		{"exclude goes before include", Root{Include: []string{"*"}, Exclude: []string{"a.*"}}, "a.jpg", false, `exclude "a.*"`},
		{"name with special characters", Root{}, "[1] {x} *.jpg", true, `default include "*.jpg"`},
		{"umlauts", Root{Exclude: []string{"ÄLTER*"}}, "älter als.jpg", false, `exclude "ÄLTER*"`},
		{"backwards", Root{}, "../a.jpg", true, `default include "*.jpg"`},
		{"folder itself", Root{}, ".", false, "the folder itself"},
		{"bad pattern", Root{Include: []string{"[a"}}, "a", false, `include "[a" is not a well-formed pattern`},
		{"empty pattern", Root{Exclude: []string{""}}, "a.jpg", false, `exclude "" is not a well-formed pattern`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ok, rule := Match(c.root, c.rel)
			if ok != c.ok || rule != c.rule {
				t.Errorf("%v, %s; want %v, %s", ok, rule, c.ok, c.rule)
			}
		})
	}
}

func TestDefaultPatternsAreWellFormedAndInLowerCaseUnique(t *testing.T) {
	t.Parallel()
	for _, list := range [][]string{DefaultInclude, DefaultExclude} {
		low := strings.Split(strings.ToLower(strings.Join(list, "\n")), "\n")
		slices.Sort(low)
		if n := len(slices.Compact(low)); n != len(list) {
			t.Errorf("%d of %d patterns are there twice", len(list)-n, len(list))
		}
	}
	if err := (Root{}).Validate(); err != nil {
		t.Error(err)
	}
}

// slowly decides as the words of Root say, without any of the shortcuts of patterns.
func slowly(r Root, rel string) bool {
	match := func(list []string, rel string, dir bool) bool {
		return slices.ContainsFunc(list, func(p string) bool {
			p, rel := strings.ToLower(p), strings.ToLower(rel)
			if trimmed := strings.TrimSuffix(p, "/"); trimmed != p {
				if !dir {
					return false
				}
				p = trimmed
			}
			if !strings.Contains(p, "/") {
				rel = path.Base(rel)
			}
			return doublestar.MatchUnvalidated(strings.TrimPrefix(p, "/"), rel)
		})
	}
	exclude := append(slices.Clone(r.Exclude), DefaultExclude...)
	for i, c := range rel {
		if c == '/' && (r.Flat || match(exclude, rel[:i], true)) {
			return false
		}
	}
	include := r.Include
	if len(include) == 0 {
		include = DefaultInclude
	}
	return !match(exclude, rel, false) && match(include, rel, false)
}

// Small alphabets make patterns and paths meet.
var (
	genPattern = rapid.Custom(func(t *rapid.T) string {
		return rapid.StringMatching(`/?([aB.~]|\*|\*\*|\?|\[aB\]|\{a,B\}|/){1,6}/?`).
			Filter(func(p string) bool { return (Root{Include: []string{p}}).Validate() == nil }).Draw(t, "pattern")
	})
	genPath = rapid.StringMatching(`([Ab]{1,3}/){0,2}[Ab~]{0,2}(\.[aB]|\.jpg|\.TMP)?[aB]`)
)

func TestShortcutsOfPatternsDecideLikeDoublestar(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := Root{
			Flat:    rapid.Bool().Draw(t, "flat"),
			Include: rapid.SliceOfN(genPattern, 0, 3).Draw(t, "include"),
			Exclude: rapid.SliceOfN(genPattern, 0, 2).Draw(t, "exclude"),
		}
		for _, rel := range rapid.SliceOfN(genPath, 1, 10).Draw(t, "paths") {
			got, rule := Match(r, rel)
			if want := slowly(r, rel); got != want {
				t.Fatalf("%q: %v (%s), want %v", rel, got, rule, want)
			}
		}
	})
}

func FuzzMatch(f *testing.F) {
	f.Add("*.jpg", "private/**", "a/b.jpg")
	f.Add("{a,b}*", "[!x]?", "../..//a\\b")
	f.Add("**/", "/", "")
	f.Add("É*", "\xff*", "é\x00.jpg")
	f.Fuzz(func(t *testing.T, include, exclude, rel string) {
		r := Root{Include: []string{include}, Exclude: []string{exclude}}
		ok, rule := Match(r, rel)
		if rule == "" {
			t.Errorf("no rule")
		}
		if err := r.Validate(); ok && err != nil {
			t.Errorf("a file is taken in spite of %v", err)
		}
		if again, _ := Match(r, rel); again != ok {
			t.Errorf("%v, and then %v", ok, again)
		}
		r.Exclude = append(r.Exclude, "*")
		if ok, rule := Match(r, rel); ok {
			t.Errorf("taken by %s though everything is excluded", rule)
		}
	})
}
