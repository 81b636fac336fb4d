package universal

import (
	"strings"
	"testing"
)

const sessionSecret = "9b74c9897bac770ffc029102a200c5de"

// TestPublishedSignatureIsReproduced is the pair that pyfacebook's tests publish, the
// only one with a known secret.
func TestPublishedSignatureIsReproduced(t *testing.T) {
	p := params{
		"api_key": "e1e9cfeb5e0d7a52e4fbd5d09e1b873e", "auth_token": "24626e24bb12919f2f142145070542e8",
		"format": "JSON", "method": "facebook.auth.getSession", "v": "1.0",
	}
	const secret, sig = "1bebae7283f5b79aaf9b851addd55b90", "36af2af3b93da784149301e77cb1621a"
	if got := p.signature(secret); got != sig {
		t.Errorf("signature is %s, want %s", got, sig)
	}
	p["sig"], p["apiSig"], p["data"] = sig, sig, "image"
	if got := p.signature(secret); got != sig {
		t.Errorf("with signature and image it is %s", got)
	}
}

// TestVectorsAreAccepted sends calls with signatures that were computed elsewhere, and
// the same ones spoiled.
func TestVectorsAreAccepted(t *testing.T) {
	const (
		token = "122ba2c40b54a450180ab5923ec02544d7d202"
		short = "5f34e11bfb97c762e439e6a5"
		long  = "489727d0ab2efc6e8003018c-i2LLkn8BDb2s."
	)
	photo := file{"data", "IMG_0001.JPG", picture("1")}
	sunset := params{
		"aid": "940915667462717", "api_key": DefaultKey, "call_id": "1172623588.023010", "caption": "Under the sunset",
		"community": "mycommunity", "method": "up.photos.upload", "session_key": long,
	}
	waiting := []record{
		{Op: opToken, Token: token, Community: "mashable"},
		{Op: opApprove, Token: token, UID: "8055"},
	}
	signedIn := []record{{Op: opSession, Session: short, UID: "8055", Community: "mashable"}}
	atSunset := func(secret string) []record {
		return []record{
			{Op: opSession, Session: long, Secret: secret, UID: "219074", Community: "mycommunity"},
			{Op: opAlbum, AID: "940915667462717", UID: "219074", Community: "mycommunity", Title: "Sunsets"},
		}
	}
	for _, c := range []struct {
		name    string
		web     bool
		own     [2]string // key and secret, if not the usual ones
		state   []record
		p       params
		files   []file
		sigName string // name of the signature
		sig     string
		bad     int
	}{
		{
			name: "U1", own: [2]string{"myApiKey", "mySecret"}, sigName: "apiSig", sig: "d4b412bedf3c131206fea1c3b005a722", bad: 95,
			p: params{"apiKey": "myApiKey", "community": "mashable", "method": "up.users.getInfo", "uids": "1,2,3,4,5"},
		},
		{
			name: "U2", sigName: "apiSig", sig: "98b1b54920dcdf4ef614dfc51c163fa6", bad: 95,
			p: params{"apiKey": DefaultKey, "community": "mashable", "expires": "0", "format": "json", "method": "up.auth.createToken"},
		},
		{
			name: "U3", state: waiting, sigName: "sig", sig: "05c9291814ab71d76451685de7aa37ee", bad: 104,
			p: params{"api_key": DefaultKey, "auth_token": token, "format": "json", "method": "up.auth.getSession"},
		},
		{
			name: "U3b", state: waiting, sigName: "sig", sig: "65ca8effb45a765ca93049524760d71c", bad: 104,
			p: params{"api_key": DefaultKey, "auth_token": token, "community": "mashable", "format": "json", "method": "up.auth.getSession"},
		},
		{
			name: "U4", web: true, state: atSunset(""), sigName: "sig", sig: "c875f9da2ad20a8d60bfdfc1717aeafb", bad: 104,
			p: sunset, files: []file{photo},
		},
		{
			name: "U5", state: atSunset(sessionSecret), sigName: "sig", sig: "47104c2d7af591a4640e0c6f7bd4c1bd", bad: 104,
			p: sunset, files: []file{photo},
		},
		{
			name: "U6", web: true, state: signedIn, sigName: "sig", sig: "19bd4c7316e6674ecbce6d6df8d35466", bad: 104, files: []file{photo},
			p: params{"api_key": DefaultKey, "caption": "Été & plage = 100%", "community": "mashable", "format": "json", "method": "up.photos.upload", "session_key": short},
		},
		{
			name: "U7", web: true, state: signedIn, sigName: "sig", sig: "d845d05356aed73c164572a529516bb7", bad: 104,
			p: params{"api_key": DefaultKey, "community": "mashable", "description": "", "format": "json", "method": "up.photos.createAlbum", "name": "Camera roll", "session_key": short},
		},
		{
			name: "U8", web: true, state: signedIn, sigName: "sig", sig: "1974e2e0c73f66c764315edc183559a1", bad: 104,
			p: params{"api_key": DefaultKey, "community": "mashable", "method": "up.photos.getAlbums", "session_key": short, "uid": "8055"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Options{Web: c.web, Key: c.own[0], Secret: c.own[1]})
			r.do(c.state...)
			try := func(sig string) answer {
				p := params{c.sigName: sig}
				for name, value := range c.p {
					p[name] = value
				}
				if c.files != nil {
					return r.postForm(p, c.files...)
				}
				return r.post(p)
			}
			try(strings.ToUpper(c.sig)).want(c.bad, "upper case")
			try(c.sig[1:]+c.sig[:1]).want(c.bad, "changed")
			try("").want(c.bad, "missing")
			if n := len(r.Received()); n != 0 {
				t.Fatalf("%d photos came in unsigned", n)
			}
			try(c.sig).want(0, "as computed")
			if n := len(r.Received()); n != len(c.files) {
				t.Errorf("%d photos arrived", n)
			}
		})
	}
}
