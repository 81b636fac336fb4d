package ipernity

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxTickets is how many tickets checkTickets takes at a time [D8].
const maxTickets = 50

// licenses are the codes that exist [C1 C4].
var licenses = map[int]bool{0: true, 1: true, 3: true, 5: true, 7: true, 9: true, 11: true, 255: true}

// maxPerm is the largest perm_comment, perm_tag and perm_tagme: everybody [D18, C1].
const maxPerm = 5

// noPlace, as longitude and as latitude, keeps EXIF's place out [S].
const noPlace = -999

// uploadFile is upload.file, and upload.replace too. Errors [S]: 1 file missing or
// empty; 2 larger than the account's limit for its kind; 3 a video or an audio file
// below 5k, and here also a kind that the account may not upload; 4 more than may be
// uploaded this month. The answer is a ticket, also with async=0 [S, INF].
//
// Values that are out of range count as not sent: there is no error for them [CHOICE].
func (c *call) uploadFile() (object, error) {
	if c.file == nil || c.file.size == 0 {
		return nil, errFileMissing
	}
	k := sniff(c.file)
	limit := c.user.maxBytes(k.media)
	switch {
	case c.file.size < 5_000 && (k.media == mediaVideo || k.media == mediaAudio), limit == 0:
		return nil, errFileRefused
	case c.file.tooBig || c.file.size > limit:
		return nil, errFileTooLarge
	}
	found := exif{}
	if k.ext == "jpg" {
		found = readExif(c.file.head)
	}
	now := c.o.Now()
	d := docRecord{
		Owner: c.user.ID, Posted: now, Ready: now.Add(c.o.Processing), Sync: c.p["async"] == "0",
		Invalid: k.broken || c.o.InvalidTickets,
		Temp:    c.file.temp, Name: c.file.name, Type: c.file.kind, Media: k.media, Ext: k.ext,
		Orientation: c.orientation(found.orientation),
		Size:        c.file.size, SHA256: c.file.sha256, MD5: c.file.md5, Secret: tempName()[:8],
	}
	if !d.Invalid {
		d.Width, d.Height = c.store.dimensions(c.file)
	}
	l := limits{monthly: c.user.monthly(), used: c.user.Used, albumsPerDoc: c.o.MaxAlbumsPerDoc}
	doc, err := c.store.add(d, c.uploadMeta(found, now), c.ids("album_id"), l, c.o.TicketIsDocID)
	if err != nil {
		return nil, err
	}
	if !d.Invalid {
		c.file.pending = false
	}
	return object{{"ticket", text(decimal(doc.Ticket))}}, nil
}

// uploadMeta is what upload.file's parameters and EXIF make of a document.
func (c *call) uploadMeta(found exif, now time.Time) meta {
	m := meta{
		Title: c.plain("title"), Description: c.plain("description"), Created: found.taken,
		Public: c.o.DefaultPublic, Comment: maxPerm, Tag: maxPerm, TagMe: maxPerm,
		Keywords: split(c.plain("keywords")), Members: split(c.plain("member_ids")), Place: found.place, Modified: now,
	}
	if !c.has("title") {
		m.Title = strings.TrimSuffix(c.file.name, filepath.Ext(c.file.name)) // [CHOICE]
	}
	if v := c.p["created_at"]; isDate(v) {
		m.Created = v
	}
	if n, ok := c.license(); ok {
		m.License = n
	}
	c.flags(&m)
	c.audience(&m)
	if p, hide, ok := c.place(); ok || hide {
		m.Place = p
	}
	return m
}

var dateShape = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`)

// isDate reports whether a text is a date in the form that C1 sends.
func isDate(s string) bool {
	_, err := time.Parse(time.DateTime, s)
	return err == nil && dateShape.MatchString(s)
}

func (c *call) license() (int, bool) {
	n, err := strconv.Atoi(c.p["license"])
	return n, err == nil && licenses[n]
}

// flags reads is_public, is_family and is_friend [S]. It reports whether one was sent.
func (c *call) flags(m *meta) bool {
	sent := false
	for name, into := range map[string]*bool{"is_public": &m.Public, "is_family": &m.Family, "is_friend": &m.Friend} {
		if v := c.p[name]; v == "0" || v == "1" {
			*into, sent = v == "1", true
		}
	}
	return sent
}

// audience reads perm_comment, perm_tag and perm_tagme [S]. It reports whether one was
// sent.
func (c *call) audience(m *meta) bool {
	sent := false
	for name, into := range map[string]*int{"perm_comment": &m.Comment, "perm_tag": &m.Tag, "perm_tagme": &m.TagMe} {
		if n, err := strconv.Atoi(c.p[name]); err == nil && n >= 0 && n <= maxPerm {
			*into, sent = n, true
		}
	}
	return sent
}

// place reads lat and lng, in degrees. Both -999 hide the place [S].
func (c *call) place() (p *place, hide, ok bool) {
	lat, err := strconv.ParseFloat(c.p["lat"], 64)
	if err != nil {
		return nil, false, false
	}
	lng, err := strconv.ParseFloat(c.p["lng"], 64)
	if err != nil {
		return nil, false, false
	}
	if lat == noPlace && lng == noPlace {
		return nil, true, false
	}
	if !(lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180) {
		return nil, false, false
	}
	return &place{Lat: lat, Lng: lng}, false, true
}

// orientation is dir if it is one that exists, or EXIF's [S].
func (c *call) orientation(exif int) int {
	switch n, _ := strconv.Atoi(c.p["dir"]); n { // 0 if it is no number
	case 1, 3, 6, 8:
		return n
	}
	return exif
}

// Outcomes of a ticket [D8].
type outcome int

const (
	waiting outcome = iota
	done
	invalid
)

// checkTickets is upload.checkTickets [D8]: error 1 if one of the tickets is unknown.
// That it is so too for none, for more than 50, and for those of others, is a [CHOICE].
func (c *call) checkTickets() (object, error) {
	ids := c.ids("tickets")
	if len(ids) == 0 || len(ids) > maxTickets {
		return nil, errTickets
	}
	now := c.o.Now()
	var tickets list
	counts, longest := map[outcome]int{}, 0
	early := 0

	c.store.mu.Lock()
	for _, id := range ids {
		if d := c.store.byTicket[id]; d == nil || d.Owner != c.user.ID {
			c.store.mu.Unlock()
			return nil, errTickets
		}
	}
	for _, id := range ids {
		d := c.store.byTicket[id]
		if now.Before(d.askAt) {
			early++
		}
		state, eta := d.check(c.o, now)
		counts[state]++
		longest = max(longest, eta)
		tickets = append(tickets, c.ticket(d, state, eta))
	}
	c.store.mu.Unlock()

	c.mu.Lock()
	c.early += early
	c.mu.Unlock()
	return object{{"tickets", object{
		{"count", len(ids)}, {"done", counts[done]}, {"invalid", counts[invalid]}, {"left", counts[waiting]}, {"eta", longest},
		{"ticket", tickets},
	}}}, nil
}

// ticket is one ticket of the answer: doc_id only when it is done [D8].
func (c *call) ticket(d *document, state outcome, eta int) object {
	out := object{{"id", d.Ticket}}
	if state == done || !c.o.TerseTickets {
		out = append(out, member{"done", state == done})
	}
	if state == invalid || !c.o.TerseTickets {
		out = append(out, member{"invalid", state == invalid})
	}
	if state == done {
		out = append(out, member{"doc_id", d.ID})
	}
	return append(out, member{"eta", eta})
}

// processed reports whether a document is ready, and if not for how many seconds more.
// eta is 0 where only Options.Checks say so.
func (d *document) processed(o Options, now time.Time) (ready bool, eta int) {
	if d.Sync {
		return true, 0
	}
	if left := d.Ready.Sub(now); left > 0 {
		return false, int((left + time.Second - 1) / time.Second)
	}
	return d.asked >= o.Checks, 0
}

// check answers one question for a ticket and remembers it. The caller holds the
// store's lock.
func (d *document) check(o Options, now time.Time) (state outcome, eta int) {
	ready, eta := d.processed(o, now)
	if ready {
		d.askAt = time.Time{}
		if d.Invalid {
			return invalid, 0
		}
		return done, 0
	}
	d.asked++
	if eta == 0 {
		if eta = o.ETA; eta == 0 {
			eta = randomETA()
		}
	}
	d.askAt = now.Add(time.Duration(eta) * time.Second)
	return waiting, eta
}
