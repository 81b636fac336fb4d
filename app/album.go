package app

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
)

// fieldsOfMeta are the fields of a template that only the photo's metadata can
// fill.
var fieldsOfMeta = []string{"camera", "year", "date"}

// albumOf renders a job's album for one photo: names from the outermost to the
// innermost with "/" between them, "" for the account's default.
//
// A photo that does not say when it was taken counts by its file's time. What a
// field stands for becomes part of one name, whatever it holds, except that
// {path} and the layouts of dates may hold several.
func albumOf(job queue.Job, m photo.Meta) string {
	if job.Album == "" {
		return ""
	}
	var names []string
	part := func(value string) string { return strings.ReplaceAll(value, "/", "-") }
	for name := range strings.SplitSeq(filled(job.Album, job, m, part), "/") {
		if name = oneLine(name); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, "/")
}

// filled puts what they stand for in the place of a template's fields; fit is
// called for the values of those that stand for one name.
func filled(t string, job queue.Job, m photo.Meta, fit func(value string) string) string {
	taken := m.Taken
	if taken.IsZero() {
		taken = job.ModTime.Local()
	}
	return settings.Template(t).Render(func(field, arg string) string {
		switch field {
		case "path":
			return pathBelow(job)
		case "date":
			return taken.Format(arg)
		}
		return fit(albumField(field, job, m, taken))
	})
}

// oneLine makes a text of any origin fit for the eyes, and for one line.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "_"))
	return strings.Join(strings.Fields(s), " ")
}

// pathBelow returns the folders between a watched folder and the photo; the
// name of the photo's folder where none is watched.
func pathBelow(job queue.Job) string {
	dir := filepath.Dir(job.Path)
	if job.Folder == "" {
		return filepath.Base(dir)
	}
	rel, err := filepath.Rel(job.Folder, dir)
	if err != nil || rel == "." {
		return ""
	}
	return filepath.ToSlash(rel)
}

func albumField(field string, job queue.Job, m photo.Meta, taken time.Time) string {
	dir := filepath.Dir(job.Path)
	switch field {
	case "folder":
		return filepath.Base(dir)
	case "parent":
		return filepath.Base(filepath.Dir(dir))
	case "name":
		name := filepath.Base(job.Path)
		return strings.TrimSuffix(name, filepath.Ext(name))
	case "camera":
		return m.Model
	case "year":
		return strconv.Itoa(taken.Year())
	}
	return ""
}

// maxAlbum bounds an album's template, in bytes.
const maxAlbum = 1024

// checkAlbum tells a person what is wrong with an album's template.
func checkAlbum(album string) error {
	if len(album) > maxAlbum {
		return faulty("album", nil, "The album's name is too long", fmt.Sprintf("It may have %d bytes.", maxAlbum))
	}
	if err := settings.Template(album).Check(); err != nil {
		return faulty("album", err, fmt.Sprintf("The album %q cannot be understood: %v", album, err), "Write it like Import/{date:2006-01} or {folder}.")
	}
	return nil
}
