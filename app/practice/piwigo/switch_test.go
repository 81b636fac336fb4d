package piwigo

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTheFirstPhotosOfADayRace(t *testing.T) {
	t.Parallel()
	captures := loadCaptures(t)
	for _, lose := range []bool{true, false} {
		first, hold := make(chan struct{}), make(chan struct{})
		var once sync.Once
		r := newRigAt(t, Options{MkdirRace: lose}, func(step string) {
			if step == stepAdding {
				wait := false
				once.Do(func() { wait = true })
				if wait {
					close(first)
					<-hold
				}
			}
		})
		v := r.as("admin")
		v.album("A")
		var late answer
		done := make(chan struct{})
		go func() {
			defer close(done)
			late = (&visit{rig: r, cookie: v.cookie}).post("pwg.images.addSimple", fields{{"category", 1}, {"image", fileField{"late.jpg", picture(1)}}})
		}()
		<-first
		v.simple("early.jpg", picture(2), field{"category", 1})
		close(hold)
		<-done
		if !lose {
			if late.Stat != "ok" {
				t.Errorf("without the race: %s", late.body)
			}
			continue
		}
		want := captures["mkdir_race"].Response
		today := time.Now().Format("2006/01/02")
		if late.status != want.Status || late.body != strings.ReplaceAll(want.Body, "2026/01/02", today) {
			t.Errorf("%d %s, want %d %s", late.status, late.body, want.Status, want.Body)
		}
		r.only()
		v.simple("late.jpg", picture(1), field{"category", 1}) // works now
	}
}

func TestAsManyUploadsAsWorkersStarve(t *testing.T) {
	t.Parallel()
	arrived, hold := make(chan struct{}, 2), make(chan struct{})
	r := newRigAt(t, Options{Workers: 2}, func(step string) {
		if step == stepAdding {
			arrived <- struct{}{}
			<-hold
		}
	})
	v := r.as("admin")
	send := func(i int) int {
		return (&visit{rig: r, cookie: v.cookie}).post("pwg.images.addSimple", fields{{"image", fileField{"a.jpg", picture(i)}}}).status
	}
	var codes [2]int
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() { codes[i] = send(i) })
	}
	for range codes {
		<-arrived
	}
	close(hold)
	wg.Wait()
	alone := send(2)
	if codes != [2]int{504, 504} || alone != 200 || len(r.Received()) != 3 {
		t.Errorf("%v together, %d alone, %d stored", codes, alone, len(r.Received()))
	}
}

func TestOtherFormatsAreRefused(t *testing.T) {
	t.Parallel()
	v := newRig(t, Options{}).stranger()
	if a := v.get("/ws.php?method=pwg.getVersion"); a.json || !strings.Contains(a.body, "<rsp") {
		t.Errorf("none: %d %s", a.status, a.body)
	}
	if a := v.get("/ws.php?format=yaml&method=pwg.getVersion"); a.status != 400 {
		t.Errorf("unknown: %d %s", a.status, a.body)
	}
}

func TestSwitchesThatHappenEveryNthTime(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{TimeoutEvery: 2})
	v := r.as("admin")
	var codes []int
	for i := range 4 {
		codes = append(codes, v.post("pwg.images.addSimple", fields{{"image", fileField{"a.jpg", picture(i)}}}).status)
	}
	if !slices.Equal(codes, []int{200, 504, 200, 504}) || len(r.Received()) != 4 {
		t.Errorf("%v, %d stored", codes, len(r.Received()))
	}
	r.configure(func(o *Options) { o.TimeoutEvery, o.CacheBusyEvery = 0, 3 })
	codes = nil
	for range 6 {
		codes = append(codes, v.post("pwg.session.getStatus", nil).status)
	}
	if !slices.Equal(codes, []int{200, 200, 503, 200, 200, 503}) {
		t.Errorf("%v", codes)
	}
}

func TestWarningsComeByChanceAndSeed(t *testing.T) {
	t.Parallel()
	count := func(o Options) (n int) {
		r := newRig(t, o)
		v := r.stranger()
		for range 200 {
			a := v.post("pwg.getVersion", nil)
			if a.Result != "16.4.0" {
				t.Fatal(a.body)
			}
			n += len(a.notices)
		}
		return n
	}
	a, b := count(Options{WarningRate: 0.1}), count(Options{WarningRate: 0.1})
	if a != b || a < 5 || a > 50 || count(Options{WarningRate: 0.1, HideErrors: true}) != 0 || count(Options{}) != 0 {
		t.Errorf("%d and %d of 200", a, b)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	big := append(picture(1), make([]byte, 3_000_000)...)
	for _, early := range []bool{true, false} {
		r := newRig(t, Options{MaxBody: 1 << 20, MaxBodyEarly: early})
		v := r.as("admin")
		body, kind := append(fields{{"method", "pwg.images.addSimple"}}, field{"image", fileField{"a.jpg", big}}).encode()
		for name, src := range map[string]io.Reader{"with its length": bytes.NewReader(body), "without its length": io.MultiReader(bytes.NewReader(body))} {
			req := v.request("/ws.php?format=json", kind, src)
			res, err := v.http.Do(req)
			if err != nil {
				if !early {
					t.Errorf("%s: %v", name, err)
				}
				continue // the connection was reset, as it may be
			}
			res.Body.Close()
			if res.StatusCode != 413 {
				t.Errorf("%s: %d", name, res.StatusCode)
			}
		}
		if len(r.Received()) != 0 {
			t.Error("stored all the same")
		}
	}
	r := newRig(t, Options{PostMax: 1 << 20, UploadMax: 1 << 16})
	v := r.as("admin")
	body, kind := append(fields{{"method", "pwg.images.addSimple"}}, field{"image", fileField{"a.jpg", big}}).encode()
	if a := v.do(v.request("/ws.php?format=json", kind, io.MultiReader(bytes.NewReader(body)))); a.Err != 501 {
		t.Errorf("over post_max_size without its length: %s", a.body)
	}
	if a := v.async(big[:1<<17], 0, 1); a.Err != 500 || len(a.notices) != 2 {
		t.Errorf("over upload_max_filesize: %s", a.body)
	}
	if left, _ := os.ReadDir(r.store.tmp("")); len(left) != 0 {
		t.Errorf("%d files left in tmp", len(left))
	}
}

func TestNamesThatTheDatabaseDoesNotTake(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	v := r.as("admin")
	party := "Party \U0001f389"
	for _, c := range []struct {
		name   string
		method string
		f      fields
		stored int // photos afterwards
	}{
		{"file", "pwg.images.addSimple", fields{{"image", fileField{party + ".jpg", picture(1)}}}, 0},
		{"title", "pwg.images.addSimple", fields{{"name", party}, {"image", fileField{"a.jpg", picture(2)}}}, 1},
		{"tag", "pwg.images.addSimple", fields{{"tags", party}, {"image", fileField{"a.jpg", picture(3)}}}, 2},
		{"title by uploadAsync", "pwg.images.uploadAsync", append(asyncFields(picture(4), 0, 1), field{"name", party}), 3},
		{"too long", "pwg.images.addSimple", fields{{"image", fileField{strings.Repeat("x", 300) + ".jpg", picture(5)}}}, 3},
		{"album", "pwg.categories.add", fields{{"name", party}}, 3},
		{"tag alone", "pwg.tags.add", fields{{"name", party}}, 3},
		{"bad date", "pwg.images.setInfo", fields{{"image_id", 1}, {"date_creation", "soon"}}, 3},
	} {
		for _, hide := range []bool{true, false} {
			r.configure(func(o *Options) { o.HideErrors, o.AcceptDuplicates = hide, false })
			a := v.post(c.method, c.f)
			if hide && (a.status != 500 || a.body != "") || !hide && (a.status != 200 || !strings.Contains(a.body, "Fatal error")) {
				t.Errorf("%s, hidden %v: %d %s", c.name, hide, a.status, a.body)
			}
		}
		if n := len(r.Received()); n != c.stored {
			t.Errorf("%s: %d photos, want %d", c.name, n, c.stored)
		}
	}
	r.configure(func(o *Options) { o.UTF8MB4 = true })
	v.simple(party+".jpg", picture(9), field{"name", party})
	if got := r.Received(); got[len(got)-1].File != party+".jpg" || got[len(got)-1].Title != party {
		t.Errorf("%+v", got[len(got)-1])
	}
}

func TestNamesAreSpoiledAsTheMethodDoesIt(t *testing.T) {
	t.Parallel()
	const name = `quo"te & <1>'s.jpg`
	for _, c := range []struct {
		name                  string
		options               Options
		simple, upload, async string
	}{
		{"16", Options{}, `quo&quot;te &amp; &lt;1&gt;&#039;s.jpg`, `quo\&quot;te &amp; &lt;1&gt;\&#039;s.jpg`, `quo\&quot;te &amp; &lt;1&gt;\&#039;s.jpg`},
		{"13", Options{Version: V13}, `quo&quot;te &amp; &lt;1&gt;&#039;s.jpg`, `quo&quot;te &amp; &lt;1&gt;&#039;s.jpg`, `quo\&quot;te &amp; &lt;1&gt;\&#039;s.jpg`},
		{"plain", Options{PlainNames: true}, name, name, name},
	} {
		r := newRig(t, c.options)
		v := r.as("admin")
		v.album("A")
		v.simple(name, picture(1))
		upload(v, name, picture(2), field{"category", 1})
		v.async(picture(3), 0, 1, field{"filename", name})
		got := r.Received()
		if len(got) != 3 || got[0].File != c.simple || got[1].File != c.upload || got[2].File != c.async {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	heic := []byte("\x00\x00\x00\x18ftypheic and more of it")
	r := newRig(t, Options{})
	v := r.as("admin")
	for name, data := range map[string][]byte{"a.heic": heic, "a.jpg": []byte("text"), "cut.jpg": picture(1)[:100], "b.jpg": nil, "c.gif": []byte("GIF89a")} {
		if a := v.post("pwg.images.addSimple", fields{{"image", fileField{name, data}}}); a.status != 200 || !strings.HasSuffix(a.body, "forbidden file type") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	v.simple("half.jpg", picture(1)[:len(picture(1))-300]) // its header is whole
	r.configure(func(o *Options) { o.FileTypes = []string{"jpg", "heic"} })
	v.simple("b.HEIC", heic)
	if a := v.post("pwg.images.addSimple", fields{{"image", fileField{"x.bmp", heic[:20]}}}); a.body != "unexpected file type" {
		t.Error(a.body)
	}
	if got := r.Received(); len(got) != 2 || filepath.Ext(r.store.photos[2].Path) != ".heic" {
		t.Errorf("%+v", got)
	}
}

func TestWrongAlbumsLeaveOrphans(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {NoLounge: true}} {
		r := newRig(t, o)
		v := r.as("admin")
		if a := upload(v, "a.jpg", picture(1), field{"category", 9999}); a.Stat != "ok" || len(a.notices) != 2 {
			t.Errorf("%s", a.body)
		}
		if a := upload(v, "b.jpg", picture(2)); a.json || !strings.Contains(a.body, "Fatal error") {
			t.Errorf("without an album: %s", a.body)
		}
		got := r.Received()
		if len(got) != 2 || !got[0].Orphan || !got[1].Orphan || got[0].Visible {
			t.Errorf("%+v", got)
		}
	}
}

func TestABodyThatBreaksOffLeavesNothing(t *testing.T) {
	t.Parallel()
	pic := append(picture(1), make([]byte, 200_000)...)
	for name, f := range map[string]fields{
		"file": {{"method", "pwg.images.addSimple"}, {"image", fileField{"a.jpg", pic}}},
		"form": {{"method", "pwg.images.addChunk"}, {"data", strings.Repeat("A", 100_000)}, {"original_sum", "x"}, {"position", "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Options{})
			v := r.as("admin")
			body, kind := f.encode()
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.base, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /ws.php?format=json HTTP/1.1\r\nHost: x\r\nCookie: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", v.cookie, kind, len(body))
			conn.Write(body[:len(body)/2])
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || res.StatusCode != 400 {
				t.Errorf("%v %v", res, err)
			}
			tmp, _ := os.ReadDir(r.store.tmp(""))
			buffer, _ := os.ReadDir(r.store.buffer(""))
			if len(r.Received()) != 0 || len(tmp) != 0 || len(buffer) != 0 || r.Requests("pwg.images.addSimple") != 0 {
				t.Errorf("%d photos, %d files in tmp, %d in the buffer", len(r.Received()), len(tmp), len(buffer))
			}
		})
	}
}
