package universal

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

const (
	vectorKey     = "77a52842357422fadd912a2600e6e53c"
	vectorSecret  = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	vectorSession = "9b74c9897bac770ffc029102a200c5de"
)

func TestSignatures(t *testing.T) {
	seed := []param{
		{"method", "up.photos.upload"}, {"api_key", vectorKey}, {"community", "mycommunity"},
		{"session_key", "489727d0ab2efc6e8003018c-i2LLkn8BDb2s."}, {"call_id", "1172623588.023010"},
		{"caption", "Under the sunset"}, {"aid", "940915667462717"},
	}
	getSession := []param{
		{"method", "up.auth.getSession"}, {"format", "json"}, {"api_key", vectorKey},
		{"auth_token", "122ba2c40b54a450180ab5923ec02544d7d202"},
	}
	for _, tt := range []struct {
		name   string
		args   []param
		secret string
		want   string
	}{
		{"F0, from another program for the model of this interface", []param{
			{"method", "facebook.auth.getSession"}, {"v", "1.0"}, {"format", "JSON"},
			{"api_key", "e1e9cfeb5e0d7a52e4fbd5d09e1b873e"}, {"auth_token", "24626e24bb12919f2f142145070542e8"},
		}, "1bebae7283f5b79aaf9b851addd55b90", "36af2af3b93da784149301e77cb1621a"},
		{"U1", []param{{"method", "up.users.getInfo"}, {"uids", "1,2,3,4,5"}, {"community", "mashable"}, {"apiKey", "myApiKey"}}, "mySecret", "d4b412bedf3c131206fea1c3b005a722"},
		{"U2", []param{{"method", "up.auth.createToken"}, {"apiKey", vectorKey}, {"community", "mashable"}, {"expires", "0"}, {"format", "json"}}, vectorSecret, "98b1b54920dcdf4ef614dfc51c163fa6"},
		{"U3", getSession, vectorSecret, "05c9291814ab71d76451685de7aa37ee"},
		{"U3b", append([]param{{"community", "mashable"}}, getSession...), vectorSecret, "65ca8effb45a765ca93049524760d71c"},
		{"U4", seed, vectorSecret, "c875f9da2ad20a8d60bfdfc1717aeafb"},
		{"U5", seed, vectorSession, "47104c2d7af591a4640e0c6f7bd4c1bd"},
		{"U6", []param{
			{"method", "up.photos.upload"}, {"caption", "Été & plage = 100%"}, {"api_key", vectorKey},
			{"community", "mashable"}, {"format", "json"}, {"session_key", "5f34e11bfb97c762e439e6a5"},
		}, vectorSecret, "19bd4c7316e6674ecbce6d6df8d35466"},
		{"U7", []param{
			{"method", "up.photos.createAlbum"}, {"name", "Camera roll"}, {"description", ""}, {"api_key", vectorKey},
			{"community", "mashable"}, {"format", "json"}, {"session_key", "5f34e11bfb97c762e439e6a5"},
		}, vectorSecret, "d845d05356aed73c164572a529516bb7"},
		{"U8", []param{
			{"method", "up.photos.getAlbums"}, {"uid", "8055"}, {"api_key", vectorKey},
			{"community", "mashable"}, {"session_key", "5f34e11bfb97c762e439e6a5"},
		}, vectorSecret, "1974e2e0c73f66c764315edc183559a1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := signature(tt.args, tt.secret); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestArguments checks names, order and secret of the calls against the
// vectors.
func TestArguments(t *testing.T) {
	for _, tt := range []struct {
		name     string
		spelling string
		secret   string // of the session
		m        method
		args     []param
		want     string // names
		signed   string // with
	}{
		{"as each page says", "", "", createToken, []param{{"expires", "0"}}, "method apiKey community format expires apiSig", vectorSecret},
		{"underscore everywhere", "underscore", "", createToken, []param{{"expires", "0"}}, "method api_key community format expires sig", vectorSecret},
		{"as each page says, without a session", "auto", vectorSession, getSession, []param{{"auth_token", "t"}}, "method api_key community format auth_token sig", vectorSecret},
		{"the application's secret", "", "", getAlbums, []param{{"uid", "8055"}}, "method api_key community session_key call_id format uid sig", vectorSecret},
		{"the session's secret", "", vectorSession, getAlbums, []param{{"uid", "8055"}}, "method api_key community session_key call_id format uid sig", vectorSession},
		{"camel everywhere", "camel", vectorSession, getPhotos, []param{{"pids", "1"}}, "method apiKey community session_key call_id format pids apiSig", vectorSession},
		{"nothing without a value", "", vectorSession, uploadPhoto, []param{{"aid", ""}, {"caption", "c"}}, "method api_key community session_key call_id format caption sig", vectorSession},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := New(upload.Account{
				URL: "https://up.example.org", Secret: vectorSecret,
				Options: map[string]string{optionAPIKey: vectorKey, optionCommunity: "mashable", optionSpelling: tt.spelling},
				Token:   tokenOf(session{Key: "k", Secret: tt.secret, UID: "8055"}),
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			args, err := c.arguments(opCheck, tt.m, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, p := range args {
				names = append(names, p.name)
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			last := len(args) - 1
			if want := signature(args[:last], tt.signed); args[last].value != want {
				t.Errorf("signed as %s, want %s", args[last].value, want)
			}
		})
	}
}

func TestArgumentsWithoutSecrets(t *testing.T) {
	account := upload.Account{URL: "https://up.example.org", Options: map[string]string{optionAPIKey: "k", optionCommunity: "c"}}
	for _, tt := range []struct {
		name   string
		m      method
		token  string
		reason string
	}{
		{"no session", getAlbums, "", "not signed in yet"},
		{"no secret", createToken, "", "secret is missing"},
		{"no secret, and the session has none", getAlbums, tokenOf(session{Key: "k", UID: "1"}), "secret is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := account
			a.Token = tt.token
			c, err := New(a, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.arguments(opCheck, tt.m, nil)
			e, ok := errors.AsType[*upload.Error](err)
			if !ok || e.Kind != upload.Denied || !strings.Contains(e.Reason, tt.reason) || e.Hint == "" {
				t.Errorf("%+v", err)
			}
		})
	}
}

func TestCallIDs(t *testing.T) {
	now := time.Unix(1172623588, 23010000)
	m := newMemory()
	start := func() *callIDs {
		return &callIDs{account: upload.Account{Memory: m}, now: func() time.Time { return now }}
	}
	last := ""
	next := func(ids *callIDs) string {
		t.Helper()
		id, err := ids.next()
		if err != nil {
			t.Fatal(err)
		}
		// All are of the same length, so that text sorts as numbers do.
		if id <= last || len(id) != len("1172623588.023010") {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
		return id
	}
	ids := start()
	if id := next(ids); id != "1172623588.023010" {
		t.Errorf("the first is %s", id)
	}
	for range 1000 {
		next(ids) // the clock stands still
	}
	if n := m.count(rememberCallID); n != 1 {
		t.Errorf("%d durable writes for 1001 calls", n)
	}
	now = now.Add(-48 * time.Hour)
	next(ids) // the clock jumps back
	next(start())
	next(start()) // restarts with it, before anything new was reserved
	now = now.Add(72 * time.Hour)
	ids = start()
	next(ids)
	now = now.Add(11 * time.Minute)
	next(ids)
	before := last
	ids.leap()
	if id := next(ids); id[:10] < before[:7]+"000" || id <= before {
		t.Errorf("%s after a leap from %s", id, before)
	}
	other := start()
	next(other)
	ids.leap()
	next(ids) // behind another client's numbers

	m.fail(errors.New("disk full"))
	now = now.Add(48 * time.Hour)
	if id, err := ids.next(); err == nil {
		t.Errorf("%s was given out without being reserved", id)
	}
	m.fail(nil)
	next(ids)
}
