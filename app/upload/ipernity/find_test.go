package ipernity

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	emulator "github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func hexOf(sum [16]byte) string { return hex.EncodeToString(sum[:]) }

// TestFindCostsNothing asks for many photos after the list has been read once.
func TestFindCostsNothing(t *testing.T) {
	b := startServer(t, emulator.Options{})
	var sent []upload.Item
	for range 3 {
		it := uploadtest.Item("a.jpg", 3000)
		must(t)(b.client(nil).Upload(t.Context(), it))
		sent = append(sent, it)
	}
	c := b.client(nil)
	its := append([]upload.Item{}, sent...)
	for range 400 {
		its = append(its, upload.Item{Name: "b.jpg", Size: 3000, MD5: [16]byte{byte(len(its)), byte(len(its) >> 8)}})
	}
	before := b.Requests("")
	for range 2 {
		all, err := c.FindAll(t.Context(), its)
		if err != nil || len(all) != len(its) {
			t.Fatalf("%d receipts, %v", len(all), err)
		}
		for i, r := range all {
			if want := i < len(sent); (r.RemoteID != "") != want || r.Known != want || want && r.RemoteID != b.received()[i].DocID {
				t.Errorf("%d: %+v", i, r)
			}
		}
	}
	if n := b.Requests("") - before; n > 3 {
		t.Errorf("%d requests for %d photos", n, len(its))
	}
}

// TestFindAsksForWhatIsNew finds what was posted in another way since the list
// was read.
func TestFindAsksForWhatIsNew(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(nil)
	it := uploadtest.Item("a.jpg", 3000)
	if _, err := c.Find(t.Context(), it); !errors.Is(err, upload.ErrNotFound) {
		t.Fatal(err)
	}
	must(t)(b.client(nil).Upload(t.Context(), it))
	if _, err := c.Find(t.Context(), it); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("the list is asked for again at once: %v", err)
	}
	c.now = func() time.Time { return time.Now().Add(2 * c.pace.fresh) }
	must(t)(c.Find(t.Context(), it))
	if n := b.Requests(docGetList); n != 2 {
		t.Errorf("the list was read %d times, want 2", n)
	}
}

// TestFindForgetsWhatIsDeleted does not believe for ever what it saw once.
func TestFindForgetsWhatIsDeleted(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(nil)
	it := uploadtest.Item("a.jpg", 3000)
	r := must(t)(c.Upload(t.Context(), it))
	must(t)(c.Find(t.Context(), it))
	if err := b.DeletePhoto(r.RemoteID); err != nil {
		t.Fatal(err)
	}
	bulk := func() string {
		all, err := c.FindAll(t.Context(), []upload.Item{it})
		if err != nil {
			t.Fatal(err)
		}
		return all[0].RemoteID
	}
	if got := bulk(); got != r.RemoteID {
		t.Errorf("%q, want what was seen just now", got)
	}
	c.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	if got := bulk(); got != "" {
		t.Errorf("%q after two hours", got)
	}
	if _, err := c.Find(t.Context(), it); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if r := must(t)(c.Upload(t.Context(), it)); r.Known || len(b.received()) != 1 {
		t.Errorf("%+v", r)
	}
}

// pageOf is a page of a list of docs whose MD5s are their numbers.
func pageOf(page, total int) string {
	var docs []string
	for i := (page - 1) * perPage; i < min(page*perPage, total); i++ {
		docs = append(docs, fmt.Sprintf(`{"doc_id":"%d","md5":"%032x"}`, 1000+i, i))
	}
	return fmt.Sprintf(`{"docs":{"total":"%d","per_page":"%d","page":"%d","doc":[%s]},%s}`, total, perPage, page, strings.Join(docs, ","), okAPI)
}

func numbered(i int) upload.Item {
	return upload.Item{Name: "a.jpg", Size: 1000, MD5: [16]byte{14: byte(i >> 8), 15: byte(i)}}
}

// TestListsThatBreakOff goes on where reading a long list ended.
func TestListsThatBreakOff(t *testing.T) {
	s := newStub(t, nil)
	s.answer(docGetList, pageOf(1, 250), pageOf(2, 250), refusalOf(500), pageOf(2, 250), pageOf(3, 250), pageOf(1, 250))
	s.answer(docGet, `{"doc":{},`+okAPI+`}`)
	c := testClient(t, s.URL, nil)
	_, err := c.Find(t.Context(), numbered(249))
	mustBe(t, err, upload.Transient)
	for _, i := range []int{0, 99, 100, 199, 200, 249} {
		if r := must(t)(c.Find(t.Context(), numbered(i))); r.RemoteID != fmt.Sprint(1000+i) || r.URL != s.URL+"/doc/1234/"+r.RemoteID {
			t.Errorf("%d: %+v", i, r)
		}
	}
	if _, err := c.Find(t.Context(), numbered(250)); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if n := s.called(docGetList); n != 5 {
		t.Errorf("%d pages were read, want 5", n)
	}
	c.now = func() time.Time { return time.Now().Add(2 * c.pace.fresh) }
	for range 3 {
		if _, err := c.Find(t.Context(), numbered(250)); !errors.Is(err, upload.ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
	if n := s.called(docGetList); n != 6 {
		t.Errorf("%d pages were read, want one more", n)
	}
}

// TestListsThatSayLittle asks for the docs themselves where a search tells
// nothing of them.
func TestListsThatSayLittle(t *testing.T) {
	it := uploadtest.Item("a.jpg", 3000)
	s := newStub(t, map[string]string{
		docSearch: `{"docs":{"doc":[{"doc_id":"7"}]},` + okAPI + `}`,
		docGet:    `{"doc":{"doc_id":"7","md5":"` + hexOf(it.MD5) + `"},` + okAPI + `}`,
	})
	c := testClient(t, s.URL, nil)
	it.Mark = mark{state: markSent, since: c.now(), at: c.now()}.String()
	if r := must(t)(c.Find(t.Context(), it)); r.RemoteID != "7" {
		t.Errorf("%+v", r)
	}
}

// TestFindWithoutMD5 knows a photo again by name, size and time, and never by
// less.
func TestFindWithoutMD5(t *testing.T) {
	for _, form := range []emulator.MD5Form{emulator.MD5Absent, emulator.MD5Other} {
		b := startServer(t, emulator.Options{MD5: form})
		remembered := new(memory)
		client := func() *Client { return b.client(func(a *upload.Account) { a.Memory = remembered }) }
		it := uploadtest.Item("a.jpg", 3000)
		it.Meta.Taken = time.Date(2013, 7, 3, 10, 20, 30, 0, time.UTC)
		timeless := uploadtest.Item("b.jpg", 3000)
		c := client()
		r := must(t)(c.Upload(t.Context(), it))
		must(t)(c.Upload(t.Context(), timeless))
		if got := must(t)(client().Find(t.Context(), it)); got.RemoteID != r.RemoteID || got.Verified != verifiedByFile {
			t.Errorf("%+v", got)
		}
		later, bigger, renamed := it, it, it
		later.Meta.Taken = it.Meta.Taken.Add(time.Second)
		bigger.Size++
		renamed.Name = "c.jpg"
		for _, other := range []upload.Item{later, bigger, renamed, timeless} {
			other.MD5[0] ^= 1
			if _, err := client().Find(t.Context(), other); !errors.Is(err, upload.ErrNotFound) {
				t.Errorf("%s, %d bytes, %v: %v", other.Name, other.Size, other.Meta.Taken, err)
			}
		}
		// The client that sent it knows that other bytes are not it.
		twin := it
		twin.MD5[0] ^= 1
		if _, err := c.Find(t.Context(), twin); !errors.Is(err, upload.ErrNotFound) {
			t.Errorf("a photo with other bytes: %v", err)
		}
	}
}

// TestLearningWhatAnMD5Is takes the site's MD5s for what they are, and tells
// the next client.
func TestLearningWhatAnMD5Is(t *testing.T) {
	for form, want := range map[emulator.MD5Form]string{emulator.MD5InDoc: sumsSame, emulator.MD5InOriginal: sumsSame, emulator.MD5Other: sumsOther, emulator.MD5Absent: ""} {
		b := startServer(t, emulator.Options{MD5: form})
		remembered := new(memory)
		c := b.client(func(a *upload.Account) { a.Memory = remembered })
		must(t)(c.Upload(t.Context(), uploadtest.Item("a.jpg", 3000)))
		if got := remembered.Load(memorySums); got != want {
			t.Errorf("MD5 of the form %d: %q is remembered, want %q", form, got, want)
		}
		// A site that changes its ways is found out by the next client.
		if err := b.Configure(func(o *emulator.Options) { o.MD5 = emulator.MD5InDoc }); err != nil {
			t.Fatal(err)
		}
		c = b.client(func(a *upload.Account) { a.Memory = remembered })
		must(t)(c.Upload(t.Context(), uploadtest.Item("b.jpg", 3000)))
		if got := remembered.Load(memorySums); got != sumsSame {
			t.Errorf("MD5 of the form %d, then in doc: %q is remembered", form, got)
		}
	}
}

// TestLostAnswersOfTwins are photos of one name and size whose answers were
// all lost.
func TestLostAnswersOfTwins(t *testing.T) {
	for _, form := range []emulator.MD5Form{emulator.MD5InDoc, emulator.MD5Absent, emulator.MD5Other} {
		b := startServer(t, emulator.Options{MD5: form})
		b.fault("/upload.file:reset-after:times=2", "/upload.file:reset-before:times=1")
		its := make([]upload.Item, 3)
		for i := range its {
			var m marks
			its[i] = uploadtest.Item("twin.jpg", 30_000)
			its[i].SetMark = m.set
			_, err := b.client(nil).Upload(t.Context(), its[i])
			mustBe(t, err, upload.Transient)
			its[i].Mark = m.last()
		}
		for i, it := range its[:2] {
			r := must(t)(b.client(nil).Find(t.Context(), it))
			if want := b.received()[i].DocID; r.RemoteID != want {
				t.Errorf("MD5 of the form %d, photo %d: %+v, want %s", form, i, r, want)
			}
		}
		c := b.client(nil)
		c.pace.settle = 0
		if _, err := c.Find(t.Context(), its[2]); !errors.Is(err, upload.ErrNotFound) {
			t.Errorf("MD5 of the form %d, the photo that was not stored: %v", form, err)
		}
		if n := len(b.received()); n != 2 {
			t.Errorf("%d photos", n)
		}
	}
}

// TestLostAnswersThatCannotBeResolved are left to the person, unless the next
// attempt may resolve them.
func TestLostAnswersThatCannotBeResolved(t *testing.T) {
	it := uploadtest.Item("a.jpg", 3000)
	for _, original := range []string{
		`{"filename":"a.jpg","bytes":"3000"}`,
		`{"filename":"a.jpg","bytes":"3000","url":"http://elsewhere.example/a.jpg"}`,
		`{"filename":"a.jpg","bytes":"3000","url":"URL/nothing.jpg"}`,
		`{"filename":"a.jpg","bytes":"3000","url":"URL/short.jpg"}`,
	} {
		s := newStub(t, map[string]string{docGet: `{"doc":{"doc_id":"7"},` + okAPI + `}`})
		s.answer("/short.jpg", "\xff\xd8\xff\xe0 a JPEG that breaks off")
		s.answer(docSearch, `{"docs":{"doc":[{"doc_id":"7","original":`+strings.Replace(original, "URL", s.URL, 1)+`}]},`+okAPI+`}`)
		c := testClient(t, s.URL, nil)
		it.Mark = mark{state: markSent, since: c.now(), at: c.now()}.String()
		_, err := c.Find(t.Context(), it)
		if strings.Contains(original, "short") {
			mustBe(t, err, upload.Transient)
		} else if e := mustBe(t, err, upload.Unsure); e.Hint == "" {
			t.Errorf("%s: %+v", original, e)
		}
	}
}

func TestVerify(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(nil)
	it := uploadtest.Item("a.jpg", 3000)
	r := must(t)(c.Upload(t.Context(), it))
	other := it
	other.MD5[0] ^= 1
	for _, tt := range []struct {
		name string
		it   upload.Item
		form emulator.MD5Form
		want string
	}{
		{"with MD5", it, emulator.MD5InDoc, verifiedBySum},
		{"of other bytes", other, emulator.MD5InDoc, "not with these bytes"},
		{"without MD5", it, emulator.MD5Absent, "same size"},
		{"without MD5 and of another size", upload.Item{Size: 1}, emulator.MD5Absent, "this ID"},
	} {
		if err := b.Configure(func(o *emulator.Options) { o.MD5 = tt.form }); err != nil {
			t.Fatal(err)
		}
		got, err := c.Verify(t.Context(), tt.it, r.RemoteID)
		if err != nil || got.RemoteID != r.RemoteID || got.URL == "" || !strings.Contains(got.Verified, tt.want) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
	}
	if err := b.DeletePhoto(r.RemoteID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Verify(t.Context(), it, r.RemoteID); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("%v", err)
	}
	_, err := b.client(func(a *upload.Account) { a.Token = "" }).Verify(t.Context(), it, r.RemoteID)
	mustBe(t, err, upload.Denied) // and not that it is gone
}

// TestMarksOfOthers are no reason to do anything.
func TestMarksOfOthers(t *testing.T) {
	b := startServer(t, emulator.Options{})
	for _, text := range []string{"chunk:3", "ticket:", "sent", "doc:"} {
		it := uploadtest.Item("a.jpg", 3000)
		it.Mark = text
		if _, err := b.client(nil).Find(t.Context(), it); !errors.Is(err, upload.ErrNotFound) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	var x index
	x.init()
	now := time.Now()
	for i := range 100_000 {
		x.add(doc{ID: text(fmt.Sprint(i)), Sum: text(fmt.Sprintf("%032x", i))}, true, now)
	}
	it := upload.Item{Name: "a.jpg", Size: 1000, Kind: photo.JPEG, MD5: [16]byte{13: 1, 15: 5}}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := x.find(it); !ok {
			b.Fatal("not found")
		}
	}
}
