package piwigo

import (
	"context"
	"html"
	"net/url"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// tags are the IDs of the server's tags, by name in lower case: to its database
// both are the same. The lock is held while tags are looked for or made.
type tags struct {
	busy chan struct{}
	ids  map[string]int64
}

func newTags() *tags { return &tags{busy: make(chan struct{}, 1)} }

// tagIDs returns the IDs of tags as a list for the server, and makes those that
// are missing.
func (c *Client) tagIDs(ctx context.Context, s *session, names []string) (string, error) {
	t := c.tags
	select {
	case t.busy <- struct{}{}:
		defer func() { <-t.busy }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	var out []string
	for _, name := range names {
		id, err := c.tagID(ctx, s, name)
		if err != nil {
			return "", err
		}
		out = append(out, number(id).String())
	}
	return strings.Join(out, ","), nil
}

func (c *Client) tagID(ctx context.Context, s *session, name string) (int64, error) {
	if c.tags.ids == nil {
		if err := c.listTags(ctx, s); err != nil {
			return 0, err
		}
	}
	key := strings.ToLower(name)
	if id := c.tags.ids[key]; id != 0 {
		return id, nil
	}
	var made struct {
		ID number `json:"id"`
	}
	err := c.call(ctx, s, opUpload, "pwg.tags.add", url.Values{"name": {name}}, &made)
	if means(err, already) { // made by somebody else meanwhile
		err = c.listTags(ctx, s)
		made.ID = number(c.tags.ids[key])
	}
	if err != nil {
		return 0, err
	}
	if made.ID <= 0 {
		return 0, &upload.Error{Op: opUpload, Reason: "the server does not say which tag it made"}
	}
	c.tags.ids[key] = int64(made.ID)
	return int64(made.ID), nil
}

// listTags asks for all tags; the public list leaves unused ones out.
func (c *Client) listTags(ctx context.Context, s *session) error {
	var list struct {
		Tags []struct {
			ID   number `json:"id"`
			Name text   `json:"name"`
			Raw  text   `json:"name_raw"`
		} `json:"tags"`
	}
	if err := c.call(ctx, s, opUpload, "pwg.tags.getAdminList", nil, &list); err != nil {
		return err
	}
	c.tags.ids = make(map[string]int64, len(list.Tags))
	for _, t := range list.Tags {
		for _, name := range []text{t.Name, t.Raw} {
			if name != "" {
				c.tags.ids[strings.ToLower(html.UnescapeString(string(name)))] = int64(t.ID)
			}
		}
	}
	return nil
}
