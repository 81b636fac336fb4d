package piwigo

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSignInRotatesCookieAndToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	v := r.stranger()
	before := v.ok("pwg.session.getStatus", nil).(map[string]any)
	first := v.cookie
	if before["username"] != "guest" || before["pwg_token"] == "" || first == "" {
		t.Fatalf("a stranger is %v with %q", before, first)
	}
	v.wants(200, 999, "Invalid username/password", "pwg.session.login", fields{{"username", "admin"}, {"password", "x"}})
	v.ok("pwg.session.login", fields{{"username", "admin"}, {"password", "admin"}})
	after := v.ok("pwg.session.getStatus", nil).(map[string]any)
	if v.cookie == first || after["pwg_token"] == before["pwg_token"] || after["status"] != "webmaster" {
		t.Errorf("signed in: %v with %q", after, v.cookie)
	}
	old := &visit{rig: r, cookie: first}
	if got := old.ok("pwg.session.getStatus", nil).(map[string]any); got["username"] != "guest" {
		t.Errorf("the old cookie is still %v", got["username"])
	}
	v.ok("pwg.session.logout", nil)
	if got := v.ok("pwg.session.getStatus", nil).(map[string]any); got["username"] != "guest" {
		t.Errorf("signed out, and still %v", got["username"])
	}
	if r.Logins() != 1 || r.Requests("pwg.session.login") != 2 || r.Requests("") != 7 {
		t.Errorf("%d logins, %d and %d requests", r.Logins(), r.Requests("pwg.session.login"), r.Requests(""))
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	exist := fields{{"md5sum_list", strings.Repeat("0", 32)}}
	for _, c := range []struct {
		name    string
		options Options
		end     func(*rig)
		alive   bool
	}{
		{"nothing happens", Options{}, func(*rig) {}, true},
		{"forgotten", Options{}, func(r *rig) { r.ExpireSessions() }, false},
		{"too long unused", Options{SessionIdle: time.Nanosecond}, func(*rig) {}, false},
		{"another network", Options{ClientAddress: "192.168.1.5"}, func(r *rig) { r.configure(func(o *Options) { o.ClientAddress = "192.169.1.5" }) }, false},
		{"another host of the network", Options{ClientAddress: "192.168.1.5"}, func(r *rig) { r.configure(func(o *Options) { o.ClientAddress = "192.168.7.9" }) }, true},
		{"not bound", Options{ClientAddress: "192.168.1.5", NoIPBinding: true}, func(r *rig) { r.configure(func(o *Options) { o.ClientAddress = "10.0.0.1" }) }, true},
		{"IPv6", Options{ClientAddress: "2001:db8::1"}, func(r *rig) { r.configure(func(o *Options) { o.ClientAddress = "fd00::1" }) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.options)
			v := r.as("admin")
			c.end(r)
			if !c.alive {
				v.wants(401, 401, "Access denied", "pwg.images.exist", exist)
				return
			}
			v.ok("pwg.images.exist", exist)
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	keys := labKeys()
	good, expired := keys[0], keys[1]
	expired.User, expired.Expires = "admin", time.Now().Add(-time.Hour)
	secret := func(k APIKey) string { return k.ID + ":" + k.Secret }
	for _, c := range []struct {
		name    string
		version Version
		header  string
		value   string
		who     string // "" means refused
	}{
		{"in its header", V16, "X-PIWIGO-API", secret(good), "admin"},
		{"in 16.0", V160, "Authorization", secret(good), "admin"},
		{"in the new header of 16.0", V160, "X-PIWIGO-API", secret(good), "guest"},
		{"in the old header", V16, "Authorization", "Bearer " + secret(good), "guest"},
		{"before there were keys", V14, "X-PIWIGO-API", secret(good), "guest"},
		{"expired", V16, "X-PIWIGO-API", secret(expired), ""},
		{"revoked", V16, "X-PIWIGO-API", secret(keys[2]), ""},
		{"wrong", V16, "X-PIWIGO-API", good.ID + ":" + strings.Repeat("x", 40), ""},
		{"nonsense", V16, "X-PIWIGO-API", "x", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Options{Version: c.version, APIKeys: []APIKey{good, expired, keys[2]}})
			v := r.stranger()
			v.header.Set(c.header, c.value)
			if c.who == "" {
				v.wants(401, 401, "Invalid api_key", "pwg.session.getStatus", nil)
				return
			}
			if got := v.ok("pwg.session.getStatus", nil).(map[string]any); got["username"] != c.who {
				t.Errorf("is %v", got["username"])
			}
		})
	}
	t.Run("needs no token and no session", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, Options{APIKeys: []APIKey{good}})
		v := r.stranger()
		v.header.Set("X-PIWIGO-API", secret(good))
		id := v.simple("a.jpg", picture(1), field{"category", v.album("A")})
		v.ok("pwg.images.uploadCompleted", fields{{"category_id", 1}})
		if got := v.ok("pwg.images.delete", fields{{"image_id", id}}); got != 1.0 || r.Logins() != 0 {
			t.Errorf("deleted %v with %d logins", got, r.Logins())
		}
	})
	t.Run("as a user name", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, Options{APIKeys: []APIKey{good, expired}})
		v := r.stranger()
		v.wants(200, 999, "Invalid username/password", "pwg.session.login", fields{{"username", expired.ID}, {"password", expired.Secret}})
		v.ok("pwg.session.login", fields{{"username", good.ID}, {"password", good.Secret}})
		if got := v.ok("pwg.session.getStatus", nil).(map[string]any); got["connected_with"] != "ws_session_login_api_key" {
			t.Errorf("connected with %v", got["connected_with"])
		}
	})
}

func TestTwoFactor(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Users: labUsers(), APIKeys: labKeys(), TwoFactor: TwoFactorError})
	login := fields{{"username", "tess"}, {"password", "secret"}}
	r.stranger().wants(200, 40101, "2FA is enabled. Please use an API Key", "pwg.session.login", login)
	a := r.stranger().post("pwg.images.uploadAsync", append(asyncFields(picture(1), 0, 1), login...))
	if a.Err != 40101 || a.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("uploadAsync: %s", a.body)
	}
	r.configure(func(o *Options) { o.TwoFactor = TwoFactorRedirect })
	if a := r.stranger().post("pwg.session.login", login); a.status != 302 || a.header.Get("Location") != r.base+"/identification.php?tf" {
		t.Errorf("older plug-in: %d to %s", a.status, a.header.Get("Location"))
	}
	r.stranger().ok("pwg.session.login", fields{{"username", labKeys()[1].ID}, {"password", labKeys()[1].Secret}})
	r.configure(func(o *Options) { o.TwoFactor = TwoFactorOff })
	r.stranger().ok("pwg.session.login", login)
}

func TestCredentialsInEachUploadMakeASessionEach(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	pic := picture(1)
	for i := range 3 {
		v := r.stranger()
		if a := v.async(pic, i, 3, field{"username", "admin"}, field{"password", "admin"}); a.Stat != "ok" {
			t.Fatal(a.body)
		}
	}
	if r.only().MD5 != sum(pic) || r.Logins() != 3 {
		t.Errorf("%d logins", r.Logins())
	}
	v := r.stranger()
	v.wants(200, 999, "Invalid username/password", "pwg.images.uploadAsync", append(asyncFields(pic, 0, 1), field{"username", "admin"}, field{"password", "no"}))
}

func TestFrontDoor(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{FrontUser: "front", FrontPassword: "door", Path: "/gallery", CookieName: "other_id"})
	v := r.stranger()
	if a := v.get("/"); a.status != 401 || !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic ") || a.json {
		t.Errorf("without: %d %v", a.status, a.header)
	}
	req, _ := http.NewRequest(http.MethodGet, "http://x", nil)
	req.SetBasicAuth("front", "door")
	v.header.Set("Authorization", req.Header.Get("Authorization"))
	v.ok("pwg.session.login", fields{{"username", "admin"}, {"password", "admin"}})
	if got := v.ok("pwg.session.getStatus", nil).(map[string]any); got["username"] != "admin" || !strings.HasPrefix(v.cookie, "other_id=") {
		t.Errorf("with: %v, %s", got["username"], v.cookie)
	}
	out := &visit{rig: &rig{r.Server, t, r.front, r.front.URL, r.http}, header: v.header}
	if a := out.get("/ws.php?format=json&method=pwg.getVersion"); a.status != 404 {
		t.Errorf("outside of the gallery: %d", a.status)
	}
}

func TestVersionsHaveTheirMethodsAndFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version                         Version
		says                            string
		async, lounge, visits, with, up bool
	}{
		{V210, "2.10.2", false, false, false, false, false},
		{V13, "13.8.0", true, true, false, false, false},
		{V14, "14.5.0", true, true, true, false, false},
		{V160, "16.0.0", true, true, true, true, true},
		{V16, "16.4.0", true, true, true, true, true},
	} {
		t.Run(c.says, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Options{Version: c.version})
			v := r.as("admin")
			if got := v.get("/ws.php?format=json&method=pwg.getVersion"); got.Result != c.says {
				t.Errorf("version %v", got.Result)
			}
			methods := map[any]bool{}
			for _, m := range v.ok("reflection.getMethodList", nil).(map[string]any)["methods"].([]any) {
				methods[m] = true
			}
			status := v.ok("pwg.session.getStatus", nil).(map[string]any)
			_, visits := status["save_visits"]
			_, with := status["connected_with"]
			if methods["pwg.images.uploadAsync"] != c.async || methods["pwg.images.uploadCompleted"] != c.lounge || visits != c.visits || with != c.with {
				t.Errorf("methods %v, status %v", methods, status)
			}
			if methods["community.session.getStatus"] {
				t.Error("there is a plug-in that nobody installed")
			}
			album := v.album("A")
			v.simple("a.jpg", picture(1), field{"category", album})
			if waits := len(r.only().Lounge) == 1; waits != c.lounge {
				t.Errorf("waits in the lounge: %v", waits)
			}
			up := v.ok("pwg.images.upload", fields{{"pwg_token", v.token}, {"name", "b.jpg"}, {"category", album}, {"file", fileField{"b.jpg", picture(2)}}}).(map[string]any)
			if _, ok := up["add_status"]; ok != c.up {
				t.Errorf("upload says %v", up)
			}
			list := v.ok("pwg.categories.getList", nil).(map[string]any)["categories"].([]any)[0].(map[string]any)
			if _, raw := list["name_raw"]; raw != c.visits {
				t.Errorf("album %v", list)
			}
			if !c.async {
				v.wants(501, 501, "Method name is not valid", "pwg.images.uploadAsync", asyncFields(picture(3), 0, 1))
			}
		})
	}
}
