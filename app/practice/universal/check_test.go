package universal

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestErrorsByGeneration sends the same mistake to methods of all generations.
func TestErrorsByGeneration(t *testing.T) {
	methods := map[string]generation{"up.users.getInfo": genA, "up.friends.get": genB, "up.users.isAppAdded": genC}
	for _, c := range []struct {
		name    string
		change  params
		unsign  bool
		o       func(*Options)
		a, b, c int
	}{
		{name: "nothing"},
		{name: "unknown format", change: params{"format": "yaml"}, a: 97, b: 100, c: 100},
		{name: "php_serial", change: params{"format": "php_serial"}, a: 97, b: 100, c: 100},
		{name: "upper-case formats", change: params{"format": "JSON"}},
		{name: "xml by name", change: params{"format": "Xml"}},
		{name: "no key", change: params{"api_key": ""}, a: 101, b: 101, c: 101},
		{name: "wrong key", change: params{"api_key": "x"}, a: 100, b: 101, c: 101},
		{name: "no community", change: params{"community": ""}, a: 99, b: 100},
		{name: "unknown community", change: params{"community": "x"}, a: 94, b: 100, c: 100},
		{name: "other community", change: params{"community": "mycommunity"}, b: 102, c: 102},
		{name: "unsigned", unsign: true, a: 95, b: 104, c: 104},
		{name: "no session", change: params{"session_key": ""}, a: 95, b: 104, c: 104}, // signed with the session's secret
		{name: "unknown session", change: params{"session_key": "x"}, a: 95, b: 102, c: 102},
		{name: "call_id is no number", change: params{"call_id": "1e9"}, b: 100, c: 100},
		{name: "call_id is not greater", change: params{"call_id": "0"}, b: 103, c: 103},
		{name: "outage", o: func(o *Options) { o.Outage = true }, a: 105, b: 2, c: 2},
		{name: "wrong address", o: func(o *Options) { o.WrongAddress = true }, b: 5, c: 5},
		{name: "nothing required given", change: params{"uids": "", "v": ""}, a: 94, c: 100},
		{
			name: "told to refuse", a: 7, b: 8, c: 9,
			o: func(o *Options) {
				o.Refuse = map[string]int{"up.users.getInfo": 7, "up.friends.get": 8, "up.users.isAppAdded": 9}
			},
		},
	} {
		for name, gen := range methods {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				want := map[generation]int{genA: c.a, genB: c.b, genC: c.c}[gen]
				r := newRig(t, Options{})
				u := r.as("ann")
				if c.o != nil {
					r.configure(c.o)
				}
				p := params{
					"method": name, "api_key": r.Key(), "community": r.Community(), "session_key": u.key,
					"call_id": "5.5", "v": "1.0", "uids": "8055",
				}.with(c.change)
				finish := func() params {
					if c.unsign {
						return p
					}
					return p.signed("sig", u.secret)
				}
				r.post(finish()).want(want, "POST")
				if p["call_id"] == "5.5" {
					p["call_id"] = "6"
				}
				r.request("GET", apiPath+"?"+finish().encode(), "", nil).want(want, "GET")
			})
		}
	}
}

func TestMethodsThatAreNotThere(t *testing.T) {
	r := newRig(t, Options{})
	for _, c := range []struct {
		p    params
		code int
	}{
		{params{}, 100},
		{params{"api_key": "x"}, 100},
		{params{"apiKey": "x"}, 2},
		{params{"method": "", "apiSig": "x"}, 2},
		{params{"method": "up.photos.delete", "api_key": "x"}, 112},
		{params{"method": "up.photos.UPLOAD", "apiKey": "x"}, 112},
		{params{"method": "facebook.auth.getSession"}, 112},
	} {
		for _, format := range []string{"", "json"} {
			r.post(c.p.with(params{"format": format})).want(c.code, fmt.Sprint(c.p))
		}
	}
	if n := r.Requests(""); n != 0 {
		t.Errorf("%d requests counted", n)
	}
	if a := r.request("PUT", apiPath, "", nil); a.status != 405 {
		t.Errorf("PUT: %d", a.status)
	}
	for _, path := range []string{"/", "/api", "/restserver.php", "/media/n/1_2.jpg"} {
		if a := r.request("GET", path, "", nil); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

// TestTheFirstMistakeIsAnswered takes mistakes away one by one.
func TestTheFirstMistakeIsAnswered(t *testing.T) {
	r := newRig(t, Options{RateLimit: 1, RateWindow: time.Hour})
	u := r.as("ann")
	u.call("up.friends.get", params{"call_id": "10"}).want(0, "the one call of this hour")
	p := params{"method": "x", "format": "x", "api_key": "x", "community": "x", "sig": "x", "session_key": u.key, "call_id": "9", "aid": "x"}
	sign := func() { p = p.with(params{"sig": ""}).signed("sig", u.secret) }
	for _, step := range []struct {
		repair func()
		code   int
	}{
		{func() {}, 112},
		{func() { p["method"] = "up.photos.get" }, 100},
		{func() { delete(p, "format") }, 101},
		{func() { p["api_key"] = r.Key() }, 100},
		{func() { p["community"] = r.Community() }, 104},
		{func() { r.ExpireSessions(); sign() }, 102},
		{func() { u = r.as("ann"); p["session_key"], p["call_id"] = u.key, "-1"; sign() }, 100},
		{func() { p["call_id"] = "0"; sign() }, 103},
		{func() { p["call_id"] = "11"; sign() }, 4},
		{func() {
			r.configure(func(o *Options) { o.RateLimit = 0 })
			p["call_id"] = "12"
			p["pids"] = "y"
			sign()
		}, 100},
		{func() { delete(p, "pids"); p["call_id"] = "13"; sign() }, 120},
	} {
		step.repair()
		r.post(p).want(step.code, p.encode())
	}
}

func TestBothSpellingsWorkEverywhere(t *testing.T) {
	r := newRig(t, Options{Web: true})
	u := r.as("ann")
	for name, m := range methods {
		if name == "up.auth.getSession" || name == "up.photos.upload" {
			continue // need more than a request; the vectors have them
		}
		p := params{"method": name, "community": r.Community(), "uids": "8055", "uid": "8055", "name": "A", "v": "1.0"}
		if m.session {
			p["session_key"] = u.key
		}
		for i, key := range []string{"api_key", "apiKey"} {
			for j, sig := range []string{"sig", "apiSig"} {
				p["call_id"] = fmt.Sprint(len(name)*1000 + i*10 + j + r.Requests("")*100000)
				r.post(p.with(params{key: r.Key()}).signed(sig, r.Secret())).want(0, name+" "+key+" "+sig)
			}
		}
	}
}

func TestBodyWinsOverQuery(t *testing.T) {
	r := newRig(t, Options{})
	u := r.as("ann")
	all := u.sign("up.photos.createAlbum", params{"name": "Body", "description": "D", "format": "json"})
	query, body := params{"name": "Query"}, params{}
	for i, name := range sortedNames(all) {
		if i%2 == 0 && name != "name" {
			query[name] = all[name]
		} else {
			body[name] = all[name]
		}
	}
	kinds := map[string]func() answer{
		"urlencoded": func() answer {
			return r.request("POST", apiPath+"?"+query.encode(), "application/x-www-form-urlencoded; charset=UTF-8", strings.NewReader(body.encode()))
		},
		"multipart": func() answer {
			data, kind := form(body)
			return r.request("POST", apiPath+"?"+query.encode(), kind, strings.NewReader(string(data)))
		},
		"twice in the query": func() answer {
			return r.request("GET", apiPath+"?name=First&"+all.encode(), "", nil)
		},
	}
	for name, send := range kinds {
		a := send()
		if a.code() != 0 || a.json().(map[string]any)["name"] != "Body" {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	a := r.request("POST", apiPath+"?"+all.encode(), "text/plain", strings.NewReader("name=Other"))
	if a.code() != 0 || a.json().(map[string]any)["name"] != "Body" {
		t.Errorf("text/plain: %s", a.body)
	}
}

func TestCallIDsGrowPerSession(t *testing.T) {
	r := newRig(t, Options{})
	u, v := r.as("ann"), r.as("ann")
	for i, c := range []struct {
		u    caller
		id   string
		want int
	}{
		{u, "1172623588.023010", 0},
		{u, "1172623588.023010", 103},
		{u, "1172623588.023009", 103},
		{v, "1172623588.023009", 0},
		{u, "1172623588.023011", 0},
		{u, "", 0},
		{u, "1172623588.023011", 103},
		{u, "2000000000", 0},
		{u, "nan", 100},
		{u, "1.2.3", 100},
		{u, "0x77777777", 100},
		{u, "1172623589", 103},
	} {
		c.u.call("up.friends.get", params{"call_id": c.id}).want(c.want, fmt.Sprint(i, " ", c.id))
	}
	r.configure(func(o *Options) { o.IgnoreCallID = true })
	u.call("up.friends.get", params{"call_id": "1"}).want(0, "ignored")
	// An empty call_id was sent all the same.
	r.post(params{"method": "up.friends.get", "api_key": r.Key(), "community": r.Community(), "session_key": u.key, "call_id": ""}.signed("sig", u.secret)).want(100, "empty")
}

func TestRateLimit(t *testing.T) {
	r := newRig(t, Options{RateLimit: 2, RateWindow: time.Hour})
	u := r.as("ann")
	for i, want := range []int{0, 0, 4, 4} {
		u.call("up.friends.get", nil).want(want, fmt.Sprint(i))
	}
	r.post(r.guide("up.auth.createToken", nil)).want(105, "generation A")
	r.configure(func(o *Options) { o.RateWindow = time.Nanosecond })
	u.call("up.friends.get", nil).want(0, "next window")
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"no directory":     {},
		"login path":       {Dir: "x", LoginPath: "login.php"},
		"login on the API": {Dir: "x", LoginPath: "/api.php"},
		"status":           {Dir: "x", ErrorStatus: 99},
		"empty list":       {Dir: "x", EmptyList: "null"},
		"negative limit":   {Dir: "x", AlbumLimit: -1},
		"no community":     {Dir: "x", Communities: []Community{{}}},
		"communities":      {Dir: "x", Communities: []Community{{Name: "a"}, {Name: "a"}}},
		"user ID":          {Dir: "x", Users: []User{{UID: "ann", Login: "ann"}}},
		"users":            {Dir: "x", Users: []User{{UID: "1", Login: "ann"}, {UID: "2", Login: "ann"}}},
		"nobody signed in": {Dir: "x", SignedIn: "nobody"},
		"unknown method":   {Dir: "x", Refuse: map[string]int{"up.x": 1}},
	} {
		if o.Dir != "" {
			o.Dir = t.TempDir()
		}
		if s, err := New(o); err == nil {
			s.Close()
			t.Errorf("%s: accepted", name)
		}
	}
	r := newRig(t, Options{})
	if err := r.Configure(func(o *Options) { o.ErrorStatus = 1 }); err == nil {
		t.Error("Configure accepts anything")
	}
	r.configure(func(o *Options) { o.Dir = "/elsewhere" })
	if got := r.options.Load(); got.Dir == "/elsewhere" || got.ErrorStatus != 200 {
		t.Errorf("options are %+v", got)
	}
}
