package universal

import (
	"slices"
	"time"
)

// viewer is whose eyes an answer is for.
type viewer struct {
	uid         string // empty for somebody who is not signed in
	community   string // empty for all of them
	hidePending bool   // even from the owner (Options.HidePending)
}

// sees reports whether a photo is there for the viewer: one that is pending is for its
// owner alone [U-upload].
func (v viewer) sees(p *photo) bool {
	return !p.removed && v.in(p.Community) && (!p.Pending || p.UID == v.uid && !v.hidePending)
}

func (v viewer) in(community string) bool { return v.community == "" || v.community == community }

// Album is an album that is there.
type Album struct {
	AID, Owner, Name, Description string
	Community                     string // system name
	Default                       bool   // the application's default album
	Cover                         string // pid of the first photo that can be seen, or ""
	Size                          int
	Created, Modified             time.Time
}

// view is an album in the eyes of a viewer. Pending photos count in the size for their
// owner, unless uncounted. The caller holds mu.
func (a *album) view(v viewer, uncounted bool) Album {
	out := Album{
		AID: a.AID, Owner: a.UID, Name: a.Title, Description: a.Description, Community: a.Community,
		Default: a.Default, Created: a.At, Modified: a.modified,
	}
	v.hidePending = false
	for _, p := range a.photos {
		if !v.sees(p) {
			continue
		}
		if out.Cover == "" {
			out.Cover = p.PID
		}
		if !p.Pending || !uncounted {
			out.Size++
		}
	}
	return out
}

// albumViews returns the albums that match, in order.
func (st *store) albumViews(v viewer, uncounted bool, match func(*album) bool) []Album {
	st.mu.RLock()
	defer st.mu.RUnlock()
	var out []Album
	for _, a := range st.albums {
		if !a.dropped && v.in(a.Community) && match(a) {
			out = append(out, a.view(v, uncounted))
		}
	}
	return out
}

// albumPhotos returns what a viewer sees of an album, or false if it is not there.
func (st *store) albumPhotos(v viewer, aid string) ([]photo, bool) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	a := st.byAID[aid]
	if a == nil || a.dropped || !v.in(a.Community) {
		return nil, false
	}
	return seen(v, a.photos), true
}

// photosByID returns those of some photos that a viewer sees, in the order of upload.
func (st *store) photosByID(v viewer, pids []string) []photo {
	st.mu.RLock()
	defer st.mu.RUnlock()
	var out []*photo
	for _, pid := range pids {
		if p := st.byPID[pid]; p != nil && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *photo) int { return a.At.Compare(b.At) })
	return seen(v, out)
}

// seen copies what a viewer sees. The caller holds mu.
func seen(v viewer, all []*photo) []photo {
	var out []photo
	for _, p := range all {
		if v.sees(p) {
			out = append(out, *p)
		}
	}
	return out
}

// session returns a session by its key, those that are over included: their calls are
// still signed with their secret.
func (st *store) session(key string) (session, bool) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if s := st.sessions[key]; s != nil {
		return *s, true
	}
	return session{}, false
}

// alive reports whether a session has neither been ended nor timed out.
func (s session) alive(now time.Time) bool {
	return !s.over && (s.Expires == 0 || now.Unix() < s.Expires)
}
