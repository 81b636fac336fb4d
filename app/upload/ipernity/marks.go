package ipernity

import (
	"strconv"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// mark is how far an upload has come. See the package comment.
type mark struct {
	state     string // markSent, markTicket, markDoc
	since, at time.Time
	id        string
}

// States of a mark.
const (
	markSent   = "sent"
	markTicket = "ticket"
	markDoc    = "doc"
)

// String returns the written form.
func (m mark) String() string {
	if m.state == markDoc {
		return markDoc + ":" + m.id
	}
	s := m.state + ":" + strconv.FormatInt(m.since.UnixMilli(), 10) + ":" + strconv.FormatInt(m.at.UnixMilli(), 10)
	if m.state == markTicket {
		s += ":" + m.id
	}
	return s
}

// parseMark reads the written form. Anything else is no mark of ours.
func parseMark(s string) (mark, bool) {
	state, rest, _ := strings.Cut(s, ":")
	if state == markDoc {
		return mark{state: markDoc, id: rest}, rest != ""
	}
	if state != markSent && state != markTicket {
		return mark{}, false
	}
	since, rest, _ := strings.Cut(rest, ":")
	at, id, _ := strings.Cut(rest, ":")
	from, err1 := strconv.ParseInt(since, 10, 64)
	to, err2 := strconv.ParseInt(at, 10, 64)
	if err1 != nil || err2 != nil || (state == markTicket) != (id != "") {
		return mark{}, false
	}
	return mark{state, time.UnixMilli(from), time.UnixMilli(to), id}, true
}

// setMark stores how far an item's upload has come; nil forgets it.
func setMark(it upload.Item, m *mark) error {
	if it.SetMark == nil {
		return nil
	}
	text := ""
	if m != nil {
		text = m.String()
	}
	if err := it.SetMark(text); err != nil {
		return &upload.Error{Op: opUpload, Reason: "the upload cannot be noted in the queue", Err: err}
	}
	return nil
}
