package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

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

// maxWords bounds words and album of one photo, in bytes; the queue takes a
// little more.
const maxWords = 16_000

// check tells a person what is wrong with words.
func (w words) check() error {
	n := len(w.description)
	for _, t := range append([]string{w.title}, w.tags...) {
		if err := settings.Template(t).Check(); err != nil {
			return problem(2, fmt.Sprintf("%q cannot be understood: %v", t, err), "Write it like {name} or {date:2006-01}; for a brace as it is write two.")
		}
		n += len(t)
	}
	if n > maxWords {
		return problem(2, "Title, description and tags are too long", fmt.Sprintf("Together they may have %d bytes.", maxWords))
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
	if t == "" {
		return ""
	}
	taken := m.Taken
	if taken.IsZero() {
		taken = job.ModTime.Local()
	}
	text := settings.Template(t).Render(func(field, arg string) string {
		switch field {
		case "path":
			return pathBelow(job)
		case "date":
			return taken.Format(arg)
		}
		return albumField(field, job, m, taken)
	})
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "_"))
	return strings.Join(strings.Fields(text), " ")
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
	return instant(m)
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
