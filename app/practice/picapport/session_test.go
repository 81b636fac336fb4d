package picapport

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSessionOffersAnRSAKeyInHexAndTakesThePasswordUnderIt(t *testing.T) {
	r := newRig(t, Options{})
	s := r.ok("createWebApiSession", nil)
	if s["authorised"] != false || s["algorithm"] != "RSA" || s["exponent"] != "10001" || len(s["modulus"].(string)) != 256 {
		t.Fatalf("session is %v", s)
	}
	apisid := s["apisid"].(string)
	if len(apisid) != 22 {
		t.Errorf("apisid %q has not 22 characters", apisid)
	}
	upper := strings.ToUpper(encrypt(t, s, []byte("admin")))
	r.ok("authorizeWebApiSession", params{"apisid": apisid, "uid": "admin", "pw": upper})
	if r.Logins() != 1 || r.Sessions() != 1 || r.Requests("createWebApiSession") != 1 || r.Requests("") != 2 {
		t.Errorf("counted %d logins, %d sessions, %d requests", r.Logins(), r.Sessions(), r.Requests(""))
	}
}

func TestSignInFailsByItsCause(t *testing.T) {
	r := newRig(t, Options{})
	s := r.ok("createWebApiSession", nil)
	apisid := s["apisid"].(string)
	good := encrypt(t, s, []byte("admin"))
	for _, c := range []struct {
		name string
		p    params
		want int
	}{
		{"no apisid", params{"uid": "admin", "pw": good}, 400},
		{"no uid", params{"apisid": apisid, "pw": good}, 400},
		{"no pw", params{"apisid": apisid, "uid": "admin"}, 400},
		{"plain pw", params{"apisid": apisid, "uid": "admin", "pw": "admin"}, 400},
		{"short pw", params{"apisid": apisid, "uid": "admin", "pw": "00ff"}, 400},
		{"other key", params{"apisid": apisid, "uid": "admin", "pw": strings.Repeat("01", 128)}, 403},
		{"unknown session", params{"apisid": "nobody", "uid": "admin", "pw": good}, 403},
		{"wrong password", params{"apisid": apisid, "uid": "admin", "pw": encrypt(t, s, []byte("x"))}, 403},
		{"unknown user", params{"apisid": apisid, "uid": "root", "pw": good}, 403},
		{"unknown user, empty password", params{"apisid": apisid, "uid": "root", "pw": encrypt(t, s, nil)}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := r.get("authorizeWebApiSession", c.p)
			if a.status != c.want {
				t.Errorf("got %d %s, want %d", a.status, a.body, c.want)
			}
		})
	}
	if r.Logins() != 0 {
		t.Errorf("%d logins", r.Logins())
	}
	r.wantStatus(403, "runQuery", params{"apisid": apisid, "query": "@"})
}

func TestPlainPasswordsGoWithAlgorithmNone(t *testing.T) {
	r := newRig(t, Options{NoEncryption: true})
	s := r.ok("createWebApiSession", nil)
	if _, ok := s["modulus"]; ok || s["algorithm"] != "none" {
		t.Fatalf("session is %v", s)
	}
	p := params{"apisid": s["apisid"].(string), "uid": "admin", "pw": "wrong"}
	r.wantStatus(403, "authorizeWebApiSession", p)
	p["pw"] = "admin"
	r.ok("authorizeWebApiSession", p)
}

func TestPasswordCharsetIsLatin1OrUTF8(t *testing.T) {
	for _, utf8 := range []bool{false, true} {
		r := newRig(t, Options{PasswordUTF8: utf8, Users: []User{{UID: "j", Password: "Grüße"}}})
		s := r.ok("createWebApiSession", nil)
		latin1, asUTF8 := encrypt(t, s, []byte("Gr\xfc\xdfe")), encrypt(t, s, []byte("Grüße"))
		good, bad := latin1, asUTF8
		if utf8 {
			good, bad = bad, good
		}
		r.wantStatus(403, "authorizeWebApiSession", params{"apisid": s["apisid"].(string), "uid": "j", "pw": bad})
		r.wantStatus(200, "authorizeWebApiSession", params{"apisid": s["apisid"].(string), "uid": "j", "pw": good})
	}
}

func TestKeyPerSessionDiffers(t *testing.T) {
	r := newRig(t, Options{KeyPerSession: true})
	a, b := r.ok("createWebApiSession", nil), r.ok("createWebApiSession", nil)
	if a["modulus"] == b["modulus"] {
		t.Fatal("two sessions share a key")
	}
	r.wantStatus(403, "authorizeWebApiSession", params{"apisid": a["apisid"].(string), "uid": "admin", "pw": encrypt(t, b, []byte("admin"))})
	r.login("admin", "admin")
}

func TestAPIKeyIsNeededToCreateASession(t *testing.T) {
	r := newRig(t, Options{APIKey: "k3y"})
	r.wantStatus(403, "createWebApiSession", nil)
	r.wantStatus(403, "createWebApiSession", params{"apikey": "K3Y"})
	r.ok("createWebApiSession", params{"apikey": "k3y"})
	r.wantStatus(200, "checkPhotoId", params{"apisid": "admin", "photoid": "x"})
	if err := r.Configure(func(o *Options) { o.APIKeyOnImplicit = true }); err != nil {
		t.Fatal(err)
	}
	r.wantStatus(403, "checkPhotoId", params{"apisid": "picapport", "photoid": "x"})
	r.wantStatus(200, "checkPhotoId", params{"apisid": "picapport", "photoid": "x", "apikey": "k3y"})
}

func TestDefaultUserWorksOnlyWhileItsPasswordIsItsName(t *testing.T) {
	for _, c := range []struct {
		name, uid, password string
		authorised          bool
		status              int
	}{
		{"same", "cam", "cam", true, 200},
		{"changed", "cam", "secret", false, 403},
		{"unknown", "nobody", "nobody", false, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{DefaultUID: c.uid, Users: []User{{UID: "cam", Password: c.password, Permissions: []Permission{AccessUploads}}}}
			r := newRig(t, o)
			s := r.ok("createWebApiSession", nil)
			if s["authorised"] != c.authorised {
				t.Errorf("session is %v", s)
			}
			r.wantStatus(c.status, "checkPhotoId", params{"photoid": "x"})
			r.wantStatus(c.status, "checkPhotoId", params{"photoid": "x", "apisid": s["apisid"].(string)})
			r.wantStatus(c.status, "checkPhotoId", params{"photoid": "x", "apisid": c.uid})
		})
	}
}

func TestImplicitSessionIsSharedAndNamed(t *testing.T) {
	r := newRig(t, Options{})
	r.wantStatus(400, "runQuery", params{"query": "@"})
	first := r.ok("runQuery", params{"apisid": "picapport", "query": "@"})["apisid"].(string)
	again := r.ok("runQuery", params{"apisid": "picapport", "query": "@"})["apisid"]
	if first == "picapport" || first != again || r.Sessions() != 1 {
		t.Errorf("sessions %q and %q, %d alive", first, again, r.Sessions())
	}
	r.ok("runQuery", params{"apisid": first, "query": "@"})
}

func TestSessionLimitRefusesOrDropsTheOldest(t *testing.T) {
	r := newRig(t, Options{MaxSessionsPerIP: 2})
	oldest := r.login("admin", "admin")
	r.login("admin", "admin")
	r.wantStatus(403, "createWebApiSession", nil)
	r.wantStatus(403, "runQuery", params{"apisid": "picapport", "query": "@"})
	if err := r.Configure(func(o *Options) { o.DropOldestSession = true }); err != nil {
		t.Fatal(err)
	}
	r.ok("createWebApiSession", nil)
	r.wantStatus(403, "runQuery", params{"apisid": oldest, "query": "@"})
	if r.Sessions() != 2 {
		t.Errorf("%d sessions alive", r.Sessions())
	}
}

func TestSessionsEnd(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	r.ok("runQuery", params{"apisid": a, "query": "@"})
	r.ExpireSessions()
	r.wantStatus(403, "runQuery", params{"apisid": a, "query": "@"})

	b := r.login("admin", "admin")
	if err := r.Configure(func(o *Options) { o.SessionIdle = time.Nanosecond }); err != nil {
		t.Fatal(err)
	}
	r.wantStatus(403, "runQuery", params{"apisid": b, "query": "@"})
	if r.Sessions() != 0 {
		t.Errorf("%d sessions alive", r.Sessions())
	}
}

func TestServerStatusTellsWhoMayUploadHowMuch(t *testing.T) {
	r := newRig(t, Options{MaxFileMB: 2.5, VideoTypes: []string{".mov"}})
	r.wantStatus(400, "getServerStatus", nil)
	r.wantStatus(403, "getServerStatus", params{"apisid": "nobody"})
	anonymous := r.ok("createWebApiSession", nil)["apisid"].(string)
	if s := r.ok("getServerStatus", params{"apisid": anonymous}); s["isValid"] != false || s["uid"] != "" || s["canUpload"] != false {
		t.Errorf("without a user: %v", s)
	}
	s := r.ok("getServerStatus", params{"apisid": r.login("picapport", "picapport")})
	for key, want := range map[string]any{
		"versionMajor": 10.0, "versionMinor": 4.0, "version": "V10.4.00 01.02.2023", "versionReady": true,
		"isValid": true, "uid": "picapport", "name": "PicApport", "canUpload": true, "uploadMaxFilesizeMB": "2.5",
	} {
		if s[key] != want {
			t.Errorf("%s is %v, want %v", key, s[key], want)
		}
	}
	if v := s["supportedVideoTypes"].([]any); len(v) != 1 || v[0] != ".mov" {
		t.Errorf("video types %v", v)
	}
	guest := r.login("guest", "guest")
	if s := r.ok("getServerStatus", params{"apisid": guest}); s["canUpload"] != false || s["isValid"] != true {
		t.Errorf("guest: %v", s)
	}
	admin := r.login("admin", "admin")
	for _, c := range []struct {
		change func(*Options)
		key    string
		want   any
	}{
		{func(o *Options) { o.MaxSizeForm = MaxSizeNumber }, "uploadMaxFilesizeMB", 2.5},
		{func(o *Options) { o.MaxSizeForm = MaxSizeAbsent }, "uploadMaxFilesizeMB", nil},
		{func(o *Options) { o.DemoMode = true }, "canUpload", false},
	} {
		if err := r.Configure(c.change); err != nil {
			t.Fatal(err)
		}
		if s := r.ok("getServerStatus", params{"apisid": admin}); s[c.key] != c.want {
			t.Errorf("%s is %v, want %v", c.key, s[c.key], c.want)
		}
	}
	if err := r.Configure(func(o *Options) { o.StatusAlways = true }); err != nil {
		t.Fatal(err)
	}
	if s := r.ok("getServerStatus", params{"apisid": "nobody"}); s["isValid"] != false {
		t.Errorf("unknown session: %v", s)
	}
}

func TestProfilesHideWhatIsNewer(t *testing.T) {
	user := User{UID: "u", Name: "U", Password: "p", AccessToken: "tok", Permissions: []Permission{AccessUploads, RemovePhotos}}
	for _, profile := range Profiles() {
		t.Run(profile.String(), func(t *testing.T) {
			r := newRig(t, Options{Profile: profile, Users: []User{user}, VideoTypes: []string{".mp4"}})
			s := r.ok("createWebApiSession", nil)
			apisid := s["apisid"].(string)
			out := r.ok("authorizeWebApiSession", params{"apisid": apisid, "uid": "u", "pw": encrypt(t, s, []byte("p")), "returnatu": "true"})
			if _, ok := out["atu"]; ok != (profile >= V92) {
				t.Errorf("authorize returns %v", out)
			}

			status := r.get("getServerStatus", params{"apisid": apisid})
			if profile < V83 {
				if status.status != 501 {
					t.Errorf("getServerStatus gives %d", status.status)
				}
			} else {
				m := status.json(t)
				_, hasSize := m["uploadMaxFilesizeMB"]
				_, hasVideo := m["supportedVideoTypes"]
				if hasSize != (profile >= V92) || hasVideo != hasSize {
					t.Errorf("status is %v", m)
				}
				if want := int(m["versionMajor"].(float64))*10000 + int(m["versionMinor"].(float64))*100; want != int(profile)/100*100 {
					t.Errorf("version is %v", m)
				}
			}

			check := r.get("checkPhotoId", params{"apisid": apisid, "photoid": "x"})
			if profile < V83 {
				if check.status != 501 {
					t.Errorf("checkPhotoId gives %d", check.status)
				}
			} else if _, ok := check.json(t)["alreadySynced"]; ok != (profile >= V91) {
				t.Errorf("checkPhotoId gives %s", check.body)
			}

			given := goodID()
			meta := `{"photoID":"` + given + `"}`
			got := r.uploadOne(apisid, "a.jpg", meta, picture(16, 16, 1))
			if (got == given) != (profile >= V83) {
				t.Errorf("photoID %s for %s", got, given)
			}
			remove := r.get("removePhoto", params{"apisid": apisid, "photoid": got})
			if want := map[bool]int{true: 200, false: 501}[profile >= V83]; remove.status != want {
				t.Fatalf("removePhoto gives %d %s", remove.status, remove.body)
			}
			again := r.upload(apisid, metaPart(meta), photoPart("a.jpg", picture(16, 16, 1)))
			if refused := again[0]["result"] != "OK"; refused != (profile >= V91) {
				t.Errorf("sending a deleted photo again gives %v", again)
			}
			video := r.upload(apisid, part{"v.mp4", "video/mp4", []byte("....ftyp")})
			if ok := video[0]["result"] == "OK"; ok != (profile >= V92) {
				t.Errorf("a video gives %v", video)
			}
		})
	}
}

func TestUnknownPlacesAndMethods(t *testing.T) {
	r := newRig(t, Options{})
	for path, want := range map[string]int{
		"/picapportapi/1.0/getserverstatus":      501,
		"/picapportapi/1.0/":                     501,
		"/picapportapi/2.0/createWebApiSession":  501,
		"/picapportapi/1.0/upload":               501, // by GET
		"/picapportapi":                          404,
		"/picapport":                             404,
		"/picapportapi/1.0/runQuery?query=%zz":   400,
		"/picapportapi/1.0/createWebApiSession":  200,
		"/picapportapi/1.0/createWebApiSession/": 501,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := r.do(req); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.base+"/picapportapi/1.0/createWebApiSession", bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	if a := r.do(req); a.status != 501 {
		t.Errorf("POST createWebApiSession: %d", a.status)
	}
	if err := r.Configure(func(o *Options) { o.UnknownFunctionStatus = 404 }); err != nil {
		t.Fatal(err)
	}
	r.wantStatus(404, "logout", nil)
	if err := r.Configure(func(o *Options) { o.Disabled = true }); err != nil {
		t.Fatal(err)
	}
	r.wantStatus(404, "createWebApiSession", nil)
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"no directory":     {},
		"unknown profile":  {Dir: "x", Profile: 5},
		"half the fields":  {Dir: "x", Fields: Fields{Photos: "files"}},
		"user twice":       {Dir: "x", Users: []User{{UID: "a"}, {UID: "a"}}},
		"user without uid": {Dir: "x", Users: []User{{}}},
		"negative limit":   {Dir: "x", MaxFileMB: -1},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	r := newRig(t, Options{})
	if err := r.Configure(func(o *Options) { o.Profile = 1; o.Dir = "elsewhere" }); err == nil {
		t.Error("Configure accepts an unknown profile")
	}
}
