package picapport

import (
	"net/http"
	"slices"
	"time"
)

// Share makes a shared gallery, as a user does in the web interface, and returns its
// ID. Photos that are deleted later drop out of it. A zero expiry means never.
func (s *Server) Share(uid, name, description string, expires time.Time, photoIDs ...string) (sid string, err error) {
	g := Share{SID: randomID(), UID: uid, Name: name, Description: description, Photos: photoIDs, Created: time.Now(), Expires: expires}
	if err := s.store.share(g); err != nil {
		return "", err
	}
	return g.SID, nil
}

// galleries returns the shares that have not expired, with the photos that are there.
func (st *store) galleries() []Share {
	st.mu.RLock()
	defer st.mu.RUnlock()
	var out []Share
	for _, g := range st.shares {
		if !g.Expires.IsZero() && time.Now().After(g.Expires) {
			continue
		}
		g.Photos = slices.DeleteFunc(slices.Clone(g.Photos), func(id string) bool { return st.byID[id] == nil })
		out = append(out, g)
	}
	return out
}

func (st *store) gallery(sid string) (Share, bool) {
	all := st.galleries()
	i := slices.IndexFunc(all, func(g Share) bool { return g.SID == sid })
	if i < 0 {
		return Share{}, false
	}
	return all[i], true
}

// galleryJSON are the members of a shared gallery [S26].
type galleryJSON struct {
	SID         string           `json:"sid"`
	UID         string           `json:"uid"`
	Name        string           `json:"name"`
	Description string           `json:"description"`
	Count       int              `json:"count"`
	IndexMarked int              `json:"indexmarked"`
	Created     string           `json:"created"`
	Expires     string           `json:"expires"`
	Photos      []map[string]any `json:"photos,omitempty"`
}

const galleryTime = "2006-01-02 15:04:05" // yyyy-mm-dd hh:mm:ss [S26]

func (g Share) json() galleryJSON {
	expires := "never" // [S26]
	if !g.Expires.IsZero() {
		expires = g.Expires.Format(galleryTime)
	}
	return galleryJSON{
		SID: g.SID, UID: g.UID, Name: g.Name, Description: g.Description, Count: len(g.Photos),
		Created: g.Created.Format(galleryTime), Expires: expires,
	}
}

// sharedGalleries is getSharedGallerys, which takes no parameters [S26].
func (c *call) sharedGalleries() error {
	list := []galleryJSON{}
	for _, g := range c.store.galleries() {
		list = append(list, g.json())
	}
	return c.answer(map[string]any{"count": len(list), "gallerys": list})
}

// gallery is getGallery [S17]: photos come only with withmeta=true and
// pap:access:metadata. Whose permission is meant is not said: here that of the one who
// shared [CHOICE].
func (c *call) gallery() error {
	sid, err := c.need("sid")
	if err != nil {
		return err
	}
	g, ok := c.store.gallery(sid)
	if !ok {
		return refuse(http.StatusNotFound, "Gallery not found")
	}
	out := g.json()
	if u, ok := c.o.user(g.UID); ok && u.May(AccessMetadata) && c.q.Get("withmeta") == "true" {
		for _, id := range g.Photos {
			p, ok := c.store.photo(id)
			if !ok {
				continue
			}
			m, err := c.describe(p)
			if err != nil {
				return err
			}
			out.Photos = append(out.Photos, m)
		}
	}
	return c.answer(out)
}
