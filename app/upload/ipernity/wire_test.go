package ipernity

import (
	"encoding/json"
	"testing"
)

// TestSpellings reads answers as the documents show them and as the live site
// writes them.
func TestSpellings(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		read     func([]byte) (any, error)
		want     any
	}{
		{"a token, live", `{"auth":{"token":"1-a","permissions":{"doc":"write"},"user":{"user_id":"1234","is_pro":"1"}}}`, readAuth, [4]string{"1-a", "write", "1234", "true"}},
		{"a token, documented", `{"auth":{"token":"1-a","perms":{"doc":"delete"},"user":{"user_id":1234,"is_pro":0}}}`, readAuth, [4]string{"1-a", "delete", "1234", "false"}},
		{"a token without rights", `{"auth":{"token":"1-a","permissions":[],"user":{"user_id":1234,"is_pro":true}}}`, readAuth, [4]string{"1-a", "", "1234", "true"}},
		{"tickets, live", `{"tickets":{"ticket":[{"id":"7","done":"1","invalid":"0","doc_id":"9","eta":"0"}]}}`, readTicket, ticket{"7", true, false, "9", 0}},
		{"tickets, as numbers", `{"tickets":{"ticket":[{"id":7,"done":0,"invalid":1,"eta":120}]}}`, readTicket, ticket{"7", false, true, "", 120}},
		{"one ticket, terse", `{"tickets":{"ticket":{"id":"7","eta":"2.5"}}}`, readTicket, ticket{"7", false, false, "", 2}},
		{"no tickets", `{"tickets":{"count":"0"}}`, readTicket, nil},
		{"no tickets, as an empty list", `{"tickets":[]}`, readTicket, nil},
		{"MD5 of a doc", `{"doc":{"doc_id":"1","md5":"000102030405060708090A0B0C0D0E0F"}}`, readMD5, true},
		{"MD5 of its original", `{"doc":{"original":{"md5":"000102030405060708090a0b0c0d0e0f"}}}`, readMD5, true},
		{"MD5 of its original, none of the doc", `{"doc":{"md5":"","original":{"md5":"000102030405060708090a0b0c0d0e0f"}}}`, readMD5, true},
		{"no MD5", `{"doc":{"md5":null,"original":[]}}`, readMD5, false},
		{"half an MD5", `{"doc":{"md5":"000102030405060708090a0b0c0d0e"}}`, readMD5, false},
		{"more than an MD5", `{"doc":{"md5":"000102030405060708090a0b0c0d0e0f00"}}`, readMD5, false},
		{"an MD5 that is none", `{"doc":{"md5":"zz0102030405060708090a0b0c0d0e0f"}}`, readMD5, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.read([]byte(tt.in))
			if err != nil || got != tt.want {
				t.Errorf("%v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func readAuth(in []byte) (any, error) {
	var a authAnswer
	err := json.Unmarshal(in, &a)
	v := a.Auth.v
	pro := "false"
	if v.User.v.Pro {
		pro = "true"
	}
	return [4]string{string(v.Token), v.doc(), string(v.User.v.ID), pro}, err
}

func readTicket(in []byte) (any, error) {
	var a ticketsAnswer
	err := json.Unmarshal(in, &a)
	if len(a.Tickets.v.Ticket) == 0 {
		return nil, err
	}
	return a.Tickets.v.Ticket[0], err
}

func readMD5(in []byte) (any, error) {
	var a docAnswer
	err := json.Unmarshal(in, &a)
	sum, ok := a.Doc.v.md5()
	return ok && sum == [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, err
}

func TestPages(t *testing.T) {
	for _, tt := range []struct {
		in      string
		page, n int
		want    bool
	}{
		{`{"total":"250","per_page":"100","page":"1","pages":"3"}`, 1, 100, true},
		{`{"total":"250","per_page":"100","page":"3","pages":"3"}`, 3, 50, false},
		{`{"total":250,"perpage":100}`, 2, 100, true},
		{`{"total":250,"perpage":100}`, 3, 50, false},
		{`{}`, 1, 100, true},
		{`{}`, 1, 99, false},
		{`{"pages":"9"}`, 2, 0, false}, // a list that has grown shorter
	} {
		var p paging
		if err := json.Unmarshal([]byte(tt.in), &p); err != nil {
			t.Fatal(err)
		}
		if got := p.more(tt.page, tt.n); got != tt.want {
			t.Errorf("%s, page %d: more is %v", tt.in, tt.page, got)
		}
	}
}

// FuzzAnswers decodes whatever comes: a broken answer is an error or empty, and
// never more.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`{"auth":{"token":"1-a","perms":{"doc":"write"},"user":{"user_id":1,"is_pro":"0"}},"api":{"status":"ok","at":"1"}}`,
		`{"quota":{"upload":{"unlimited":"0","left":{"bytes":"1e9"}},"maxfilesize":{"photo":{"bytes":-1}},"albums":[]}}`,
		`{"tickets":{"ticket":[{"id":7,"done":"1","doc_id":9,"eta":1e99}]}}`,
		`{"docs":{"total":"1","pages":1e400,"doc":{"doc_id":[],"md5":{},"dates":"","original":{"bytes":"x","w":"1"}}}}`,
		`{"albums":{"album":[{"album_id":1,"title":null,"cover":[]}]}}`, `{"album":{"doc":[{"doc_id":"1","added":"0","error":"1"}]}}`,
		`{"api":{"status":"error","code":"107","message":7}}`, `[]`, `{"docs":[[]]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, v := range []any{new(envelope), new(frobAnswer), new(authAnswer), new(quotaAnswer), new(uploadAnswer), new(ticketsAnswer),
			new(docAnswer), new(docsAnswer), new(albumsAnswer), new(albumAnswer), new(addedAnswer)} {
			_ = json.Unmarshal(in, v)
		}
		var d docsAnswer
		if json.Unmarshal(in, &d) == nil {
			for _, x := range d.Docs.v.Doc {
				x.md5()
				x.described()
			}
			if d.Docs.v.more(1, 0) {
				t.Error("more after an empty page")
			}
		}
	})
}

func FuzzMark(f *testing.F) {
	for _, s := range []string{"sent:1:2", "ticket:1:2:345", "doc:1", "doc:", "ticket:1:2:", "sent:1", "sent:x:1", "", "chunk:3", "ticket:-1:99999999999999999999:1", "ticket:1:2:3:4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		m, ok := parseMark(in)
		if !ok {
			return
		}
		again, ok := parseMark(m.String())
		if !ok || again.state != m.state || again.id != m.id || !again.since.Equal(m.since) || !again.at.Equal(m.at) {
			t.Errorf("%q is %+v, and then %+v", in, m, again)
		}
	})
}
