package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// folderChangeCmd changes what is given and keeps the rest.
type folderChangeCmd struct {
	Dir         string         `arg:"" help:"Folder."`
	Account     []string       `help:"Account that gets its photos, in place of those that it has; repeat it for more." placeholder:"NAME" sep:"none"`
	Everything  *bool          `negatable:"" help:"Also send what is in it now."`
	Flat        *bool          `negatable:"" help:"Leave its sub-folders out."`
	Album       *string        `help:"Album, or a template for it; empty for the account's own." placeholder:"TEMPLATE"`
	Title       *string        `help:"Title of its photos, or a template for it; empty for the photo's own." placeholder:"TEMPLATE"`
	Tag         []string       `help:"Tag for its photos, in place of those that it has; repeat it for more, once empty for none." placeholder:"TEMPLATE" sep:"none"`
	Edited      *string        `help:"Photos that change after they were sent: both, replace or ignore." placeholder:"RULE"`
	Unsupported *string        `help:"Formats that an account does not take: convert or skip." placeholder:"RULE"`
	Pairs       *string        `help:"Of a shot of RAW or HEIC and JPEG: both, jpeg or raw." placeholder:"RULE"`
	SyncCheck   *bool          `negatable:"" help:"Ask the server whether it has the photo before sending."`
	Cool        *time.Duration `help:"Hold photos back for this long, such as 10m." placeholder:"DURATION"`
	Include     []string       `help:"Only files that match, in place of the old ones; repeat it for more, once empty for all." placeholder:"GLOB" sep:"none"`
	Exclude     []string       `help:"No files that match, in place of the old ones; repeat it for more, once empty for none." placeholder:"GLOB" sep:"none"`
}

type changedFolder struct {
	Folder control.Folder `json:"folder"`
}

// Run changes a folder's rules.
func (c *folderChangeCmd) Run(s *session) error {
	dir, err := absolute(c.Dir)
	if err != nil {
		return err
	}
	return s.with(func(cl *control.Client) error {
		st, err := cl.Status(s.ctx)
		if err != nil {
			return err
		}
		spec := control.FolderSpec{Path: dir}
		if i := slices.IndexFunc(st.Folders, func(f control.Folder) bool { return f.Path == dir }); i >= 0 {
			spec = specOf(st.Folders[i])
		}
		c.change(&spec)
		f, err := cl.ChangeFolder(s.ctx, spec)
		if err != nil {
			return err
		}
		return s.show(changedFolder{f}, func(w io.Writer) { showFolders(w, []control.Folder{f}) })
	})
}

// specOf returns a watched folder's rules in the form in which they are set.
func specOf(f control.Folder) control.FolderSpec {
	return control.FolderSpec{
		Path: f.Path, Accounts: f.Accounts, Everything: f.Everything, Flat: f.Flat, Album: f.Album, Title: f.Title, Tags: f.Tags,
		Edited: f.Edited, Unsupported: f.Unsupported, Pairs: f.Pairs, NoSyncCheck: !f.SyncCheck, Cool: f.Cool, Include: f.Include, Exclude: f.Exclude,
	}
}

func (c *folderChangeCmd) change(s *control.FolderSpec) {
	given(&s.Everything, c.Everything)
	given(&s.Flat, c.Flat)
	given(&s.Album, c.Album)
	given(&s.Title, c.Title)
	given(&s.Edited, c.Edited)
	given(&s.Unsupported, c.Unsupported)
	given(&s.Pairs, c.Pairs)
	if c.SyncCheck != nil {
		s.NoSyncCheck = !*c.SyncCheck
	}
	if c.Cool != nil {
		s.Cool = c.Cool.String()
	}
	givenList(&s.Accounts, c.Account)
	givenList(&s.Tags, c.Tag)
	givenList(&s.Include, c.Include)
	givenList(&s.Exclude, c.Exclude)
}

// given replaces a value by a flag's, if there was one.
func given[T any](value, flag *T) {
	if flag != nil {
		*value = *flag
	}
}

// givenList replaces a list; one that is empty but for "" empties it.
func givenList(list *[]string, flags []string) {
	if len(flags) > 0 {
		*list = slices.DeleteFunc(slices.Clone(flags), func(s string) bool { return s == "" })
	}
}

type folderPreviewCmd struct {
	Dir     string   `arg:"" help:"Folder; it need not be watched."`
	Album   *string  `help:"Template to try for the album." placeholder:"TEMPLATE"`
	Title   *string  `help:"Template to try for the title." placeholder:"TEMPLATE"`
	Tag     []string `help:"Template to try for a tag; repeat it for more." placeholder:"TEMPLATE" sep:"none"`
	Flat    *bool    `negatable:"" help:"Leave its sub-folders out."`
	Include []string `help:"Only files that match; repeat it for more." placeholder:"GLOB" sep:"none"`
	Exclude []string `help:"No files that match; repeat it for more." placeholder:"GLOB" sep:"none"`
	Example string   `help:"Photo to try it with; the newest when left out." placeholder:"FILE"`
}

// Run shows what rules make of a photo. Those of a watched folder are its own,
// as far as no flag says otherwise.
func (c *folderPreviewCmd) Run(s *session) error {
	dir, err := absolute(c.Dir)
	if err != nil {
		return err
	}
	example := ""
	if c.Example != "" {
		if example, err = absolute(c.Example); err != nil {
			return err
		}
	}
	return s.with(func(cl *control.Client) error {
		st, err := cl.Status(s.ctx)
		if err != nil {
			return err
		}
		spec := control.FolderSpec{Path: dir}
		if i := slices.IndexFunc(st.Folders, func(f control.Folder) bool { return f.Path == dir }); i >= 0 {
			spec = specOf(st.Folders[i])
		}
		given(&spec.Album, c.Album)
		given(&spec.Title, c.Title)
		given(&spec.Flat, c.Flat)
		givenList(&spec.Tags, c.Tag)
		givenList(&spec.Include, c.Include)
		givenList(&spec.Exclude, c.Exclude)
		p, err := cl.PreviewFolder(s.ctx, spec, example)
		if err != nil {
			return err
		}
		return s.show(p, func(w io.Writer) { showPreview(w, p) })
	})
}

func showPreview(w io.Writer, p control.FolderPreview) {
	atLeast := ""
	if p.More {
		atLeast = "at least "
	}
	fmt.Fprintf(w, "%s%s, %s\n", atLeast, count(p.Photos, "photo"), size(p.Bytes))
	if p.Path == "" {
		fmt.Fprintln(w, "There is no photo to try the rules with.")
		return
	}
	t := newTable(w, "PHOTO", p.Path)
	if p.Taken != nil {
		t.row("taken", p.Taken.Format("2006-01-02 15:04:05"))
	}
	for _, line := range []struct{ what, value string }{{"album", p.Album}, {"title", p.Title}, {"tags", strings.Join(p.Tags, ", ")}} {
		value := line.value
		if value == "" {
			value = "(none)"
		}
		t.row(line.what, value)
	}
	t.end()
}
