package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/photoferry/photoferry/app/control"
)

type getCmd struct {
	Account string  `required:"" help:"Account." placeholder:"NAME"`
	Photo   string  `help:"The photo with this ID on the server (remote_id)." placeholder:"ID"`
	Share   string  `help:"A picture of this shared gallery, with --index." placeholder:"SID"`
	View    string  `help:"A picture of this query's result, with --index." placeholder:"VID"`
	Index   int     `help:"Position in the gallery or result, from 0." default:"-1" placeholder:"N"`
	Width   int     `help:"Width in pixels." placeholder:"PIXELS"`
	Height  int     `help:"Height in pixels." placeholder:"PIXELS"`
	Quality float64 `help:"JPEG quality, above 0 up to 1." placeholder:"Q"`
	Output  string  `short:"o" required:"" help:"File to write; - is stdout." placeholder:"FILE"`
}

type got struct {
	File        string `json:"file"`
	Bytes       int64  `json:"bytes"`
	ContentType string `json:"content_type"`
}

func (c *getCmd) request(json bool) (control.PictureRequest, error) {
	named := 0
	for _, v := range []string{c.Photo, c.Share, c.View} {
		if v != "" {
			named++
		}
	}
	var why string
	switch {
	case named != 1:
		why = "name the picture by exactly one of --photo, --share and --view"
	case c.Photo == "" && c.Index < 0:
		why = "--share and --view need --index, from 0"
	case c.Photo != "" && c.Index >= 0:
		why = "--index goes with --share or --view"
	case c.Width < 0 || c.Height < 0:
		why = "--width and --height must not be negative"
	case c.Quality < 0 || c.Quality > 1:
		why = "--quality must be above 0 and at most 1"
	case c.Output == "-" && json:
		why = "-o - and --json both write to stdout"
	default:
		return control.PictureRequest{
			Account: c.Account, Photo: c.Photo, Share: c.Share, View: c.View, Index: max(c.Index, 0),
			Width: c.Width, Height: c.Height, Quality: c.Quality,
		}, nil
	}
	return control.PictureRequest{}, usage(why, "photoferry get --help explains it.")
}

// Run fetches a picture. The file appears only when it is whole.
func (c *getCmd) Run(s *session) error {
	req, err := c.request(s.json)
	if err != nil {
		return err
	}
	return s.with(func(cl *control.Client) (err error) {
		body, contentType, err := cl.Picture(s.ctx, req)
		if err != nil {
			return err
		}
		defer body.Close()
		if c.Output == "-" {
			if _, err := io.Copy(s.out, body); err != nil {
				return fmt.Errorf("fetch the picture: %w", err)
			}
			return nil
		}
		n, err := writeFile(c.Output, body)
		if err != nil {
			return err
		}
		return s.show(got{c.Output, n, contentType}, func(w io.Writer) {
			fmt.Fprintf(w, "%s: %s, %s\n", printable(c.Output), size(n), printable(contentType))
		})
	})
}

// writeFile writes r to a new file that takes name's place when it is whole.
func writeFile(name string, r io.Reader) (n int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.part")
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(f.Name()))
		}
	}()
	n, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return n, err
	}
	return n, os.Rename(f.Name(), name)
}
