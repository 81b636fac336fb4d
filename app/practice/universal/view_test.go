package universal

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pids returns the IDs that photos.get lists.
func (u caller) pids(p params) []string {
	u.t.Helper()
	var out []string
	for _, one := range u.mustList("up.photos.get", p) {
		out = append(out, one["pid"].(string))
	}
	return out
}

func TestPhotosComeInPages(t *testing.T) {
	r := newRig(t, Options{})
	u := r.as("ann")
	var all []string
	for i := range 23 {
		all = append(all, u.upload(nil, "a.jpg", picture(fmt.Sprint(i)))["pid"].(string))
	}
	aid := r.Albums()[0].AID
	other := u.mustObject("up.photos.createAlbum", params{"name": "Other"})["aid"].(string)
	for _, c := range []struct {
		name string
		p    params
		want []string
	}{
		{"first", params{"aid": aid}, all[:10]},
		{"second", params{"aid": aid, "pageNumber": "2"}, all[10:20]},
		{"third", params{"aid": aid, "pageNumber": "3"}, all[20:]},
		{"fourth", params{"aid": aid, "pageNumber": "4"}, nil},
		{"far away", params{"aid": aid, "pageNumber": "2147483647", "pageSize": "2147483647"}, nil},
		{"large", params{"aid": aid, "pageSize": "1000"}, all},
		{"exact", params{"aid": aid, "pageSize": "23", "pageNumber": "2"}, nil},
		{"by ID", params{"pids": all[4] + "," + all[2] + "," + all[4] + ",123"}, []string{all[2], all[4]}},
		{"by ID in the album", params{"pids": all[4], "aid": aid}, all[4:5]},
		{"by ID in another", params{"pids": all[4], "aid": other}, nil},
		{"empty album", params{"aid": other}, nil},
		{"tagged", params{"uids": "8055"}, nil},
		{"tagged in the album", params{"uids": "8055", "aid": aid}, nil},
	} {
		if got := u.pids(c.p); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		p    params
		want int
	}{
		"nothing given": {nil, 100},
		"page 0":        {params{"aid": aid, "pageNumber": "0"}, 100},
		"size":          {params{"aid": aid, "pageSize": "-1"}, 100},
		"size is text":  {params{"aid": aid, "pageSize": "ten"}, 100},
		"pids":          {params{"pids": "x"}, 100},
		"uids":          {params{"uids": "x"}, 100},
		"unknown album": {params{"aid": "123"}, 120},
	} {
		u.call("up.photos.get", c.p).want(c.want, name)
	}
	one := u.call("up.photos.get", params{"pids": all[0]}).xml()
	if one.List != "true" || len(one.Items) != 1 || one.Items[0].XMLName.Local != "photo" || one.Items[0].get("created") == "" || one.Items[0].get("aid") != aid {
		t.Errorf("photo %+v", one)
	}
	r.configure(func(o *Options) { o.NewestFirst, o.MaxPageSize = true, 5 })
	if got := u.pids(params{"aid": aid}); !slices.Equal(got, []string{all[22], all[21], all[20], all[19], all[18]}) {
		t.Errorf("newest first: %v", got)
	}
}

func TestPendingPhotosAreForTheirOwner(t *testing.T) {
	r := newRig(t, Options{MaxPending: 2})
	u, other := r.as("ann"), r.as("ben")
	first := u.upload(nil, "a.jpg", picture("1"))
	pid, aid := first["pid"].(string), first["aid"].(string)
	size := func(u caller) any {
		t.Helper()
		return u.mustList("up.photos.getAlbums", params{"aids": aid})[0]["size"]
	}
	check := func(what string, own, others int, ownSize, othersSize float64) {
		t.Helper()
		p := params{"aid": aid}
		if a, b := len(u.pids(p)), len(other.pids(p)); a != own || b != others {
			t.Errorf("%s: the owner sees %d photos, others %d", what, a, b)
		}
		if a, b := size(u), size(other); a != ownSize || b != othersSize {
			t.Errorf("%s: size is %v for the owner, %v for others", what, a, b)
		}
	}
	check("pending", 1, 0, 1, 0)
	r.configure(func(o *Options) { o.HidePending = true })
	check("hidden", 0, 0, 1, 0)
	r.configure(func(o *Options) { o.PendingUncounted = true })
	check("uncounted", 0, 0, 0, 0)
	r.configure(func(o *Options) { o.HidePending = false })
	check("uncounted, seen", 1, 0, 0, 0)

	u.upload(nil, "b.jpg", picture("2"))
	u.tryUpload(nil, "c.jpg", picture("3")).want(325, "a third that waits")
	other.upload(nil, "c.jpg", picture("3"))
	if got := u.pids(params{"pids": pid + "," + r.Received()[2].PID}); len(got) != 1 {
		t.Errorf("the other's pending photo is seen: %v", got)
	}
	if err := r.ApprovePhotos(); err != nil {
		t.Fatal(err)
	}
	check("approved", 2, 2, 2, 2)
	for _, g := range r.Received() {
		if g.Pending {
			t.Errorf("still pending: %+v", g)
		}
	}
	r.configure(func(o *Options) { o.PhotoUpload = true })
	u.upload(nil, "d.jpg", picture("4"))
	check("granted", 3, 3, 3, 3)
	if r.Received()[3].Pending {
		t.Error("pending although granted")
	}
}

func TestTheOwnerApprovesPhotosOnTheAlbumsPage(t *testing.T) {
	r := newRig(t, Options{SignedIn: "ben"})
	first := r.as("ben").upload(params{"caption": "By the sea"}, "a.jpg", picture("1"))
	album, one := "/album.php?aid="+first["aid"].(string), "/photo.php?pid="+first["pid"].(string)
	p := r.person()
	page := p.open(album)
	if page.status != 200 || !strings.Contains(page.body, "By the sea (waits for approval)") || !strings.Contains(page.body, "Approve all") {
		t.Fatalf("page %d %s", page.status, page.body)
	}
	if a := p.open(one); a.status != 200 || !strings.Contains(a.body, "By the sea") {
		t.Errorf("photo %d %s", a.status, a.body)
	}
	r.configure(func(o *Options) { o.SignedIn = "" })
	for path, want := range map[string]int{album: 200, one: 404, "/album.php?aid=1": 404, "/photo.php": 404, "/album.php?aid=%zz": 400} {
		if a := r.person().open(path); a.status != want || strings.Contains(a.body, "By the sea") {
			t.Errorf("%s for others: %d %s", path, a.status, a.body)
		}
	}
	p.submit(album, page, url.Values{"action": {"approve"}})
	r.configure(func(o *Options) { o.SignedIn = "ben" })
	p.submit(album, page, url.Values{"action": {"approve"}, "form": {"00"}})
	if !r.Received()[0].Pending {
		t.Fatal("approved by nobody, or by a form of elsewhere")
	}
	if page = p.submit(album, page, url.Values{"action": {"approve"}}); page.status != 200 || strings.Contains(page.body, "waits for approval") {
		t.Errorf("approved: %d %s", page.status, page.body)
	}
	if r.Received()[0].Pending {
		t.Error("still pending")
	}
}

func TestDeletedPhotosAreGone(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	u := r.as("ann")
	first := u.upload(nil, "a.jpg", picture("1"))
	second := u.upload(nil, "b.jpg", picture("2"))
	pid, aid := first["pid"].(string), first["aid"].(string)
	if err := r.DeletePhoto(pid); err != nil {
		t.Fatal(err)
	}
	if err := r.DeletePhoto(pid); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a second time: %v", err)
	}
	if got := u.pids(params{"aid": aid}); !slices.Equal(got, []string{second["pid"].(string)}) {
		t.Errorf("left: %v", got)
	}
	if got := u.pids(params{"pids": pid}); len(got) != 0 {
		t.Errorf("by ID: %v", got)
	}
	if a := r.request("GET", strings.TrimPrefix(first["src"].(string), r.base), "", nil); a.status != 404 {
		t.Errorf("image: %d", a.status)
	}
	if err := r.DeleteAlbum(aid); err != nil {
		t.Fatal(err)
	}
	got := r.Received()
	if len(got) != 2 || !got[0].Removed || !got[1].Removed || got[1].Album != "Practice Uploader Photos" {
		t.Errorf("received %+v", got)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "photos")); len(left) != 0 {
		t.Errorf("%d files left", len(left))
	}
	if again := u.upload(nil, "a.jpg", picture("1")); again["aid"] == aid {
		t.Error("a deleted album is used again")
	}
}
