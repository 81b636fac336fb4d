package app

import (
	"cmp"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
)

// wording is what settings say about the words of photos that come in.
//
// The more particular wins: what a person said of a drop goes before an event,
// an event before the folder's rules. That holds for title, description and
// album each by itself; tags of all of them are joined. Where several events
// cover a photo, the shortest goes before the others.
type wording struct {
	folders map[string]settings.Folder
	events  []settings.Event // the shortest first
}

func (a *App) wording() wording {
	s := a.Settings()
	w := wording{folders: make(map[string]settings.Folder, len(s.Folders)), events: slices.Clone(s.Events)}
	for _, f := range s.Folders {
		w.folders[f.Path] = f
	}
	slices.SortStableFunc(w.events, func(x, y settings.Event) int { return cmp.Compare(x.To.Sub(x.From), y.To.Sub(y.From)) })
	return w
}

// give puts the words for a candidate's photo into its request. A folder's are
// those that it has now, also for photos that were found under others.
func (w wording) give(c candidate, r *queue.Request) {
	said, album := c.rule.words, c.rule.album
	if f, ok := w.folders[c.folder]; ok {
		said, album = words{title: f.Title, tags: f.Tags}, f.Album
	}
	event, eventAlbum := w.of(r)
	r.Title, r.Description, r.Album = cmp.Or(said.title, event.title), cmp.Or(said.description, event.description), cmp.Or(album, eventAlbum)
	if c.folder != "" {
		r.Title, r.Album = cmp.Or(event.title, said.title), cmp.Or(eventAlbum, album)
	}
	r.Tags = joined(said.tags, event.tags)
}

// of returns what the events say about a photo.
func (w wording) of(r *queue.Request) (said words, album string) {
	at := takenAt(r)
	for _, e := range w.events {
		if at.Before(e.From) || at.After(e.To) {
			continue
		}
		said.title, said.description = cmp.Or(said.title, e.Title), cmp.Or(said.description, e.Description)
		said.tags, album = joined(said.tags, e.Tags), cmp.Or(album, e.Album)
	}
	return said, album
}

// joined returns the tags of both, each once, as many as there is room for in
// a job.
func joined(a, b []string) []string {
	var out []string
	n := 0
	for _, tag := range append(slices.Clip(a), b...) {
		if n += len(tag) + 1; n > maxTags {
			break
		}
		if tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// reword gives the jobs of a folder that are not on their way the words that it
// has now, in the place of those that it had. What a job has from elsewhere, an
// event or a person, stays.
func (a *App) reword(old, now settings.Folder) error {
	if old.Album == now.Album && old.Title == now.Title && slices.Equal(old.Tags, now.Tags) {
		return nil
	}
	_, _, err := a.queue.Describe(queue.JobQuery{Folder: now.Path}, func(j *queue.Job) (queue.Words, bool) {
		var w queue.Words
		if j.Album == old.Album && old.Album != now.Album {
			w.Album = &now.Album
		}
		if j.Title == old.Title && old.Title != now.Title {
			w.Title = &now.Title
		}
		own := slices.DeleteFunc(slices.Clone(j.Tags), func(t string) bool { return slices.Contains(old.Tags, t) })
		if tags := joined(now.Tags, own); !slices.Equal(old.Tags, now.Tags) && !slices.Equal(tags, j.Tags) {
			w.Tags = &tags
		}
		return w, w.Album != nil || w.Title != nil || w.Tags != nil
	})
	a.wrote(err)
	if err != nil {
		return problem(1, "The folder has its new rules, but photos that wait keep their old words: "+err.Error(), "Change the rules back and again, once that is mended.")
	}
	return nil
}

// cleanTags leaves out what is no tag.
func cleanTags(tags []string) []string {
	var out []string
	for _, t := range tags {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
