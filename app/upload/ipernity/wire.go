package ipernity

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// The site writes most scalars as strings where its documents show numbers,
// and leaves out lists that are empty. Some of its members are objects or
// empty lists, as PHP has it. All of that is read here.

// text is a string that may be written as a number or a boolean.
type text string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	switch {
	case json.Unmarshal(data, &s) == nil:
		*t = text(s)
	case bytes.HasPrefix(data, []byte("{")), bytes.HasPrefix(data, []byte("[")):
		*t = ""
	default:
		*t = text(data)
	}
	return nil
}

// number is a whole number that may be written as a string; anything that is
// none counts as 0.
type number int64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(data []byte) error {
	var t text
	_ = t.UnmarshalJSON(data) // never fails
	*n = number(whole(string(t)))
	return nil
}

func whole(s string) int64 {
	s = strings.TrimSpace(s)
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(f) < 1<<62) {
		return 0
	}
	return int64(f)
}

// flag is a boolean that may be written as a number or a string.
type flag bool

// UnmarshalJSON implements [json.Unmarshaler].
func (f *flag) UnmarshalJSON(data []byte) error {
	var t text
	_ = t.UnmarshalJSON(data) // never fails
	*f = flag(t == "1" || strings.EqualFold(string(t), "true"))
	return nil
}

// list is an array that may be missing, or be its only element.
type list[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (l *list[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	switch {
	case bytes.HasPrefix(data, []byte("[")):
		return json.Unmarshal(data, (*[]T)(l))
	case bytes.HasPrefix(data, []byte("{")):
		var one T
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*l = list[T]{one}
	}
	return nil
}

// loose is an object that may be something else when there is nothing to say.
type loose[T any] struct{ v T }

// UnmarshalJSON implements [json.Unmarshaler].
func (o *loose[T]) UnmarshalJSON(data []byte) error {
	var zero T
	o.v = zero
	if !bytes.HasPrefix(data, []byte("{")) {
		return nil
	}
	return json.Unmarshal(data, &o.v)
}

// status is how a call ended.
type status struct {
	Status  text   `json:"status"` // "ok" or "error"
	At      number `json:"at"`     // the site's clock, Unix seconds
	Code    number `json:"code"`
	Message text   `json:"message"`
}

// envelope is what every answer has beside its payload.
type envelope struct {
	API *status `json:"api"`
}

// frobAnswer is what auth.getFrob answers.
type frobAnswer struct {
	Auth loose[struct {
		Frob text `json:"frob"`
	}] `json:"auth"`
}

// authAnswer is what auth.getToken and auth.checkToken answer.
type authAnswer struct {
	Auth loose[auth] `json:"auth"`
}

type auth struct {
	Token       text         `json:"token"`
	Permissions loose[perms] `json:"permissions"`
	Perms       loose[perms] `json:"perms"` // the name in the documents
	User        loose[struct {
		ID       text `json:"user_id"`
		Username text `json:"username"`
		Realname text `json:"realname"`
		Pro      flag `json:"is_pro"`
	}] `json:"user"`
}

type perms struct {
	Doc text `json:"doc"` // none, read, write, delete
}

// doc returns the token's right to photos: none, read, write, delete; "" when
// the site does not say.
func (a auth) doc() string {
	if p := a.Permissions.v.Doc; p != "" {
		return string(p)
	}
	return string(a.Perms.v.Doc)
}

// quotaAnswer is what account.getQuota answers. Sizes are in bytes.
type quotaAnswer struct {
	Quota *struct {
		Pro    flag `json:"is_pro"`
		Upload loose[struct {
			Unlimited flag         `json:"unlimited"`
			Left      *loose[size] `json:"left"`
		}] `json:"upload"`
		Max loose[struct {
			Photo loose[size] `json:"photo"`
			Video loose[size] `json:"video"`
		}] `json:"maxfilesize"`
		Albums loose[struct {
			Max     text   `json:"max"`
			Created number `json:"created"`
			Left    text   `json:"left"`
		}] `json:"albums"`
	} `json:"quota"`
}

type size struct {
	Bytes number `json:"bytes"`
}

// uploadAnswer is what upload.file answers.
type uploadAnswer struct {
	Ticket text `json:"ticket"`
}

// ticketsAnswer is what upload.checkTickets answers.
type ticketsAnswer struct {
	Tickets loose[struct {
		Ticket list[ticket] `json:"ticket"`
	}] `json:"tickets"`
}

type ticket struct {
	ID      text   `json:"id"`
	Done    flag   `json:"done"`
	Invalid flag   `json:"invalid"`
	Doc     text   `json:"doc_id"`
	ETA     number `json:"eta"` // seconds
}

// docAnswer is what doc.get answers.
type docAnswer struct {
	Doc loose[doc] `json:"doc"`
}

// docsAnswer is what doc.getList and doc.search answer.
type docsAnswer struct {
	Docs loose[struct {
		paging
		Doc list[doc] `json:"doc"`
	}] `json:"docs"`
}

// paging says how far a list goes. The documents have two spellings.
type paging struct {
	Total    number `json:"total"`
	Pages    number `json:"pages"`
	PerPage  number `json:"per_page"`
	PerPage2 number `json:"perpage"`
}

// maxPages ends lists that do not end by themselves.
const maxPages = 5000

// more reports whether there is a page after this one, which has n elements.
func (p paging) more(page, n int) bool {
	per := max(p.PerPage, p.PerPage2)
	switch {
	case n == 0, page >= maxPages:
		return false
	case p.Pages > 0:
		return number(page) < p.Pages
	case p.Total > 0 && per > 0:
		return number(page)*per < p.Total
	}
	return n >= perPage
}

// doc is a photo or film on the site.
type doc struct {
	ID    text `json:"doc_id"`
	Sum   text `json:"md5"`
	Dates loose[struct {
		Created text `json:"created"` // YYYY-MM-DD HH:MM:SS, perhaps zeros
	}] `json:"dates"`
	Original loose[original] `json:"original"`
	Thumbs   loose[struct {
		Thumb list[picture] `json:"thumb"`
	}] `json:"thumbs"`
}

type original struct {
	picture
	FileName text   `json:"filename"`
	Bytes    number `json:"bytes"`
	Sum      text   `json:"md5"`
}

// picture is one of the sizes in which the site shows a doc.
type picture struct {
	URL    text   `json:"url"`
	Width  number `json:"w"`
	Height number `json:"h"`
}

// md5 returns the MD5 that the site tells for a doc's file. Where it stands is
// not documented.
func (d doc) md5() (sum [16]byte, ok bool) {
	for _, t := range []text{d.Sum, d.Original.v.Sum} {
		if n, err := hex.Decode(sum[:], []byte(t[:min(len(t), 32)])); err == nil && n == 16 && len(t) == 32 {
			return sum, true
		}
	}
	return [16]byte{}, false
}

// described reports whether the site told enough of a doc to know it again.
func (d doc) described() bool {
	_, ok := d.md5()
	return ok || d.Original.v.FileName != ""
}

// albumsAnswer is what album.getList answers.
type albumsAnswer struct {
	Albums loose[struct {
		paging
		Album list[album] `json:"album"`
	}] `json:"albums"`
}

// albumAnswer is what album.create answers.
type albumAnswer struct {
	Album loose[album] `json:"album"`
}

type album struct {
	ID    text `json:"album_id"`
	Title text `json:"title"`
}

// addedAnswer is what album.docs.add answers.
type addedAnswer struct {
	Album loose[struct {
		Doc list[struct {
			ID    text   `json:"doc_id"`
			Added number `json:"added"`
			Error number `json:"error"` // 1: the doc is in as many albums as may be
		}] `json:"doc"`
	}] `json:"album"`
}
