package ipernity

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// Check implements [upload.Uploader].
func (c *Client) Check(ctx context.Context) (upload.Limits, error) {
	l := upload.Limits{Free: -1}
	tick := func(what string, ok bool, format string, args ...any) {
		l.Ticks = append(l.Ticks, upload.Tick{What: what, OK: ok, Detail: fmt.Sprintf(format, args...)})
	}
	u, reached, err := c.checkUser(ctx)
	if err != nil {
		e, ok := errors.AsType[*upload.Error](err)
		switch {
		case !ok:
			return l, err
		case !reached:
			tick("Address", false, "%s", e.Reason)
		default:
			tick("Address", true, "%s", c.site)
			tick("Sign-in", false, "%s", e.Reason)
		}
		return l, err
	}
	l.Server, l.User, l.CanFind = "ipernity", u.name, true
	tick("Address", true, "%s", c.site)
	tick("Sign-in", true, "as %s, %s", u.name, membership(u.pro))
	if !u.mayUpload() {
		tick("May upload", false, "the sign-in gives the right to %s photos", rightWord(u.doc))
		return l, noRight(opSignIn)
	}
	q, err := c.askQuota(ctx)
	if err != nil {
		if e, ok := errors.AsType[*upload.Error](err); ok {
			tick("May upload", false, "%s", e.Reason)
		}
		return l, err
	}
	tick("May upload", true, "")
	l.MaxBytes, l.Free, l.Kinds = q.photo, q.left, slices.Clone(always)
	if u.pro {
		l.Kinds = append(l.Kinds, forMembers...)
		if l.MaxBytes > 0 {
			l.MaxBytes = max(q.photo, q.video)
		}
	}
	if q.photo > 0 {
		tick("Largest photo", true, "%s", megabytes(q.photo))
	} else {
		tick("Largest photo", true, "the site does not tell")
	}
	if q.left >= 0 {
		tick("Space left", q.left > 0, "%s this month", megabytes(q.left))
	} else {
		tick("Space left", true, "no limit")
	}
	if c.otherSums.Load() {
		tick("Duplicate check", true, "by name, size and time, among your photos on the site")
	} else {
		tick("Duplicate check", true, "by MD5, among your photos on the site")
	}
	tick("Kinds", true, "%s", kindWords(l.Kinds))
	tick("Albums", true, "%s", albumWords(q.albums))
	return l, nil
}

// checkUser asks who is signed in. Without a token it still finds out whether
// address and key are good. Reached reports whether it was ipernity that
// answered.
func (c *Client) checkUser(ctx context.Context) (u *user, reached bool, err error) {
	if c.account.Token == "" {
		err := c.call(ctx, opSignIn, hello, params{}, new(envelope))
		if code := codeOf(err); err != nil && (code == 0 || code >= 100 && code != 103) {
			return nil, code != 0, err
		}
		_, err = c.askUser(ctx)
		return nil, true, err
	}
	u, err = c.askUser(ctx)
	return u, err == nil || codeOf(err) != 0, err
}

func membership(pro bool) string {
	if pro {
		return "club member"
	}
	return "guest"
}

func rightWord(doc string) string {
	if doc == "read" {
		return "look at"
	}
	return "do nothing with"
}

func kindWords(kinds []photo.Kind) string {
	s := ""
	for i, k := range kinds {
		if i > 0 {
			s += ", "
		}
		s += k.String()
	}
	return s
}

func albumWords(told string) string {
	if told == "" {
		return "made as they are needed"
	}
	return told
}
