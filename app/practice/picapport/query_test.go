package picapport

import (
	"strings"
	"testing"
)

func TestQueriesFindWordsAndUploads(t *testing.T) {
	r := newRig(t, Options{})
	a, other := r.login("admin", "admin"), r.login("picapport", "picapport")
	r.uploadOne(a, "IMG_0001.jpg", `{"title":"Old harbour","tags":["import","Meer"],"persons":["Ann Smith"]}`, picture(8, 8, 1))
	r.uploadOne(a, "IMG_0002.jpg", `{"title":"Airport","description":"harbour in the back"}`, picture(8, 8, 2))
	r.uploadOne(other, "DSC_7.jpg", `{"tags":["import"]}`, picture(8, 8, 3))
	for query, want := range map[string]float64{
		"@":                               2,
		"harbour":                         2,
		"HARBOUR":                         2,
		"harb":                            0,
		"harb*":                           2,
		"?arbour":                         2,
		"old harbour":                     1,
		"old and harbour":                 1,
		"airport or import":               3,
		"not import":                      1,
		"@ not import":                    1,
		"import not @":                    1,
		"not not import":                  2,
		"not (airport or import)":         0,
		"(old or airport) harbour":        2,
		"smith":                           1,
		"0001":                            1,
		"img_0001.jpg":                    1,
		"title:harbour":                   1,
		"person:ann":                      1,
		"tag:import":                      2,
		"nothing":                         0,
		"@ airport or import dsc not old": 2,
	} {
		if got := r.ok("runQuery", params{"apisid": a, "query": query}); got["count"] != want || got["apisid"] != a {
			t.Errorf("%q gives %v, want %v", query, got, want)
		}
	}
	for _, query := range []string{"", "ab", "a*", "not", "(harbour", "harbour)", "()", "or", "harbour or", "size:big", "title:", "and and", "x[y]z", strings.Repeat("(", 10000), strings.Repeat("not ", 10000)} {
		r.wantStatus(400, "runQuery", params{"apisid": a, "query": query})
	}
	if err := r.Configure(func(o *Options) { o.Profile = V83 }); err != nil {
		t.Fatal(err)
	}
	r.wantStatus(400, "runQuery", params{"apisid": a, "query": "harb*"})
}

func TestASessionRemembersItsLastViews(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	r.uploadOne(a, "a.jpg", "", picture(8, 8, 1))
	for range maxViews + 1 {
		r.ok("runQuery", params{"apisid": a, "query": "@"})
	}
	r.wantStatus(404, "getPhoto", params{"apisid": a, "vid": "1", "index": "0"})
	r.wantStatus(200, "getPhoto", params{"apisid": a, "vid": "2", "index": "0"})
}

func FuzzQuery(f *testing.F) {
	for _, q := range []string{"@ not (harbour or *port) title:x??y", "((((", "not", "a:b:c", "[ab]*", `\*abc`} {
		f.Add(q)
	}
	p := &photo{record: record{Name: "IMG_0001.jpg", Meta: &metadata{Title: "Old harbour", Tags: []string{"import"}}}}
	f.Fuzz(func(t *testing.T, q string) {
		m, err := parseQuery(q, V104)
		if (m == nil) != (err != nil) && err == nil {
			t.Fatal("neither a query nor an error")
		}
		if err == nil {
			m(p, "admin")
		}
	})
}
