package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

type folderCmd struct {
	Add     folderAddCmd     `cmd:"" help:"Watch a folder."`
	Change  folderChangeCmd  `cmd:"" help:"Change the rules of a watched folder."`
	Preview folderPreviewCmd `cmd:"" help:"What rules would make of a folder's photos."`
	List    folderListCmd    `cmd:"" help:"All watched folders."`
	Scan    folderScanCmd    `cmd:"" help:"Look through a folder, or all, now."`
	Remove  folderRemoveCmd  `cmd:"" help:"Watch a folder no more; its files stay."`
}

type folderAddCmd struct {
	Dir         string        `arg:"" help:"Folder."`
	Account     []string      `required:"" help:"Account that gets its photos; repeat it for more." placeholder:"NAME" sep:"none"`
	Everything  bool          `help:"Also send what is in it now; otherwise only what comes from now on."`
	Flat        bool          `help:"Leave its sub-folders out."`
	Album       string        `help:"Album, or a template for it." placeholder:"TEMPLATE"`
	Title       string        `help:"Title of its photos, or a template for it." placeholder:"TEMPLATE"`
	Tag         []string      `help:"Tag for its photos, or a template; repeat it for more." placeholder:"TEMPLATE" sep:"none"`
	Edited      string        `enum:"both,replace,ignore" default:"both" help:"Photos that change after they were sent: both versions, replace the old one where the service can, or ignore." placeholder:"RULE"`
	Unsupported string        `enum:"convert,skip" default:"convert" help:"Formats that an account does not take: convert pictures to JPEG, or skip them." placeholder:"RULE"`
	Pairs       string        `enum:"both,jpeg,raw" default:"both" help:"Of a shot of RAW or HEIC and JPEG: both, jpeg, or raw (which is also HEIC)." placeholder:"RULE"`
	NoSyncCheck bool          `help:"Send without asking the server whether it has the photo."`
	Cool        time.Duration `help:"Hold photos back for this long, such as 10m." placeholder:"DURATION"`
	Include     []string      `help:"Only files that match; repeat it for more." placeholder:"GLOB" sep:"none"`
	Exclude     []string      `help:"No files that match; repeat it for more." placeholder:"GLOB" sep:"none"`
}

// Run adds a folder.
func (c *folderAddCmd) Run(s *session) error {
	dir, err := absolute(c.Dir)
	if err != nil {
		return err
	}
	if c.Cool < 0 {
		return usage("--cool must not be negative", "Write it like 10m or 1h30m.")
	}
	spec := control.FolderSpec{
		Path: dir, Accounts: c.Account, Everything: c.Everything, Flat: c.Flat, Album: c.Album,
		Title: c.Title, Tags: c.Tag, Edited: c.Edited, Unsupported: c.Unsupported, Pairs: c.Pairs, NoSyncCheck: c.NoSyncCheck, Include: c.Include, Exclude: c.Exclude,
	}
	if c.Cool > 0 {
		spec.Cool = c.Cool.String()
	}
	return s.with(func(cl *control.Client) error {
		added, err := cl.AddFolder(s.ctx, spec)
		if err != nil {
			return err
		}
		return s.show(added, func(w io.Writer) {
			what := "all of them are sent"
			switch {
			case added.Photos == 0:
				what = "new ones are sent"
			case added.Baseline > 0:
				what = "only new ones are sent; --everything would send these too"
			}
			fmt.Fprintf(w, "%s is watched for %s. %s in it now: %s.\n",
				printable(added.Folder.Path), printable(strings.Join(added.Folder.Accounts, ", ")), count(added.Photos, "photo"), what)
		})
	})
}

func absolute(path string) (string, error) {
	if path == "" {
		return "", usage("The path is empty", "")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", path, err)
	}
	return abs, nil
}

type folderListCmd struct{}

type folderList struct {
	Folders []control.Folder `json:"folders"`
}

// Run lists the folders.
func (folderListCmd) Run(s *session) error {
	return s.with(func(c *control.Client) error {
		st, err := c.Status(s.ctx)
		if err != nil {
			return err
		}
		return s.show(folderList{st.Folders}, func(w io.Writer) {
			if len(st.Folders) == 0 {
				fmt.Fprintln(w, "No folders yet. photoferry folder add DIR --account NAME watches one.")
				return
			}
			showFolders(w, st.Folders)
		})
	})
}

func showFolders(w io.Writer, folders []control.Folder) {
	t := newTable(w, "FOLDER", "STATE", "ACCOUNTS", "RULES")
	for _, f := range folders {
		state := string(f.State)
		if f.Reason != "" {
			state += ": " + f.Reason
		}
		t.row(f.Path, state, strings.Join(f.Accounts, ", "), rules(f))
	}
	t.end()
}

// rules writes what differs from a plain folder.
func rules(f control.Folder) string {
	var r []string
	if f.Everything {
		r = append(r, "everything")
	}
	if f.Flat {
		r = append(r, "no sub-folders")
	}
	if f.Album != "" {
		r = append(r, "album "+f.Album)
	}
	if f.Title != "" {
		r = append(r, "title "+f.Title)
	}
	for _, t := range f.Tags {
		r = append(r, "tag "+t)
	}
	if f.Edited != "" && f.Edited != "both" {
		r = append(r, "edited: "+f.Edited)
	}
	if f.Unsupported == "skip" {
		r = append(r, "unsupported formats are skipped")
	}
	if f.Pairs != "" && f.Pairs != "both" {
		r = append(r, "of pairs: "+f.Pairs)
	}
	if !f.SyncCheck {
		r = append(r, "no sync check")
	}
	if f.Cool != "" {
		r = append(r, "cools "+f.Cool)
	}
	for _, g := range f.Include {
		r = append(r, "only "+g)
	}
	for _, g := range f.Exclude {
		r = append(r, "not "+g)
	}
	return strings.Join(r, ", ")
}

type folderScanCmd struct {
	Dir string `arg:"" optional:"" help:"Folder; all when left out."`
}

type scanned struct {
	Running bool `json:"running"` // an engine looks through them; otherwise it is done
	New     int  `json:"new"`     // photos that came into the queue, without an engine
}

// Run makes the engine look through folders, or does it itself.
func (c *folderScanCmd) Run(s *session) error {
	dir := ""
	if c.Dir != "" {
		var err error
		if dir, err = absolute(c.Dir); err != nil {
			return err
		}
	}
	return s.with(func(cl *control.Client) error {
		before, err := cl.Status(s.ctx)
		if err != nil {
			return err
		}
		if err := cl.ScanFolder(s.ctx, dir); err != nil {
			return err
		}
		r := scanned{Running: before.Running}
		if !r.Running {
			after, err := cl.Status(s.ctx)
			if err != nil {
				return err
			}
			r.New = max(queued(after.Counts)-queued(before.Counts), 0)
		}
		return s.show(r, func(w io.Writer) {
			if r.Running {
				fmt.Fprintln(w, "Looking. photoferry status tells how far it is.")
				return
			}
			fmt.Fprintf(w, "%s found. Nothing is sent until PhotoFerry runs.\n", count(r.New, "new photo"))
		})
	})
}

func queued(c control.Counts) int {
	return c.Ready + c.Leased + c.Waiting + c.Failed + c.Skipped
}

type folderRemoveCmd struct {
	Dir string `arg:"" help:"Folder."`
}

// Run stops watching a folder.
func (c *folderRemoveCmd) Run(s *session) error {
	dir, err := absolute(c.Dir)
	if err != nil {
		return err
	}
	return s.with(func(cl *control.Client) error {
		if err := cl.RemoveFolder(s.ctx, dir); err != nil {
			return err
		}
		return s.show(removed{dir}, func(w io.Writer) {
			fmt.Fprintf(w, "%s is watched no more. Its files stay where they are.\n", printable(dir))
		})
	})
}
