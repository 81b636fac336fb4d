package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
)

// words are what a folder, or a drop, calls its photos. Title and tags are
// templates.
type words struct {
	title, description string
	tags               []string
}

// Bounds of the words of one photo, in bytes; all of them, and the longest
// album, are within what a job takes.
const (
	maxTitle       = 1024
	maxDescription = 4096
	maxTags        = 12_000 // all together
)

// check tells a person what is wrong with words.
func (w words) check() error {
	n := 0
	for i, t := range append([]string{w.title}, w.tags...) {
		field := "title"
		if i > 0 {
			field = fmt.Sprintf("tags[%d]", i-1)
		}
		if err := settings.Template(t).Check(); err != nil {
			return faulty(field, err, fmt.Sprintf("%q cannot be understood: %v", t, err), "Write it like {name} or {date:2006-01}; for a brace as it is write two.")
		}
		if len(t) > maxTitle {
			return faulty(field, nil, "A title or tag is too long", fmt.Sprintf("Each may have %d bytes.", maxTitle))
		}
		n += len(t) + 1
	}
	if n > maxTags {
		return faulty("tags", nil, "There are too many tags", fmt.Sprintf("Together they may have %d bytes.", maxTags))
	}
	if len(w.description) > maxDescription || !utf8.ValidString(w.description) {
		return faulty("description", nil, "The description is too long", fmt.Sprintf("It may have %d bytes of text.", maxDescription))
	}
	return nil
}

// worded gives a photo's metadata the words of its job: title and description
// where the job has some, otherwise the photo's own; the job's tags besides
// the photo's.
func worded(job queue.Job, m photo.Meta) photo.Meta {
	own := m
	if t := wordOf(job.Title, job, own); t != "" {
		m.Title = t
	}
	if job.Description != "" {
		m.Description = job.Description
	}
	m.Tags = slices.Clone(m.Tags)
	for _, tag := range job.Tags {
		if tag = wordOf(tag, job, own); tag != "" && !slices.Contains(m.Tags, tag) {
			m.Tags = append(m.Tags, tag)
		}
	}
	return m
}

// wordOf renders a title's or a tag's template for one photo: one line, ""
// where nothing is left. The fields are those of albums.
func wordOf(t string, job queue.Job, m photo.Meta) string {
	return oneLine(filled(t, job, m, func(value string) string { return value }))
}

// taken reads when a photo was taken. Files are read one at a time and marked
// meanwhile, so that one that takes the process down is known by it and left
// alone from then on: the photo is carried all the same. Zero: not known.
func (in *intake) taken(f *os.File, info os.FileInfo) time.Time {
	in.app.parsing.Lock()
	defer in.app.parsing.Unlock()
	done, ok := in.app.queue.ReadingFile(filepath.Clean(f.Name()), info.Size(), info.ModTime())
	if !ok {
		return time.Time{}
	}
	defer done()
	m, _ := photo.ReadMeta(f, info.Size()) // what cannot be read is not known
	return instant(in.app.corrected(m, in.app.sidecar(f.Name()).Over(m)))
}

// instant is when a photo was taken. A camera that writes no zone is taken at
// its word here: its clock is this computer's.
func instant(m photo.Meta) time.Time {
	t := m.Taken
	if t.IsZero() || m.Zoned {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.Local)
}
