package ipernity

import (
	"fmt"
	"sync"
	"testing"
)

func TestManyClientsAtOnce(t *testing.T) {
	r := newRig(t, Options{Checks: 1})
	me := r.as("member")
	const many = 20
	album := dig(r.ok("album.create", me.with("title", "A", "cover_id", r.storedLater(me))), "album", "album_id")
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			name := fmt.Sprintf("%d.jpg", i)
			ticket := dig(r.send("upload.file", me, filePart(name, picture(16, 16, byte(i)))).json(t), "ticket")
			p := me.with("tickets", ticket)
			r.call("upload.checkTickets", p)
			id := dig(r.call("upload.checkTickets", p).json(t), "tickets", "ticket", "0", "doc_id")
			for _, c := range []struct {
				method string
				p      params
			}{
				{"album.docs.add", me.with("album_id", album, "doc_id", id)},
				{"doc.set", me.with("doc_id", id, "title", "T"+name)},
				{"doc.getList", me.with("user_id", "12345", "extra", "md5,original")},
				{"doc.search", me.with("user_id", "12345", "text", "T")},
				{"album.getList", me},
				{"account.getQuota", me},
			} {
				if a := r.call(c.method, c.p); code(t, a) != 0 {
					t.Errorf("%s: %s", c.method, a.body)
				}
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, g := range r.Received()[1:] {
		if seen[g.DocID] || seen[g.Ticket] || g.Title != "T"+g.Name || len(g.Albums) != 1 {
			t.Errorf("received %+v", g)
		}
		seen[g.DocID], seen[g.Ticket] = true, true
	}
	if len(seen) != 2*many {
		t.Errorf("%d IDs of %d documents", len(seen), many)
	}
}

// storedLater uploads a photo whose ticket is not asked for, and returns its document.
func (r *rig) storedLater(p params) string {
	r.t.Helper()
	r.upload(p, "first.jpg", picture(16, 16, 255))
	return r.last().DocID
}
