//go:build linux

package storm

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func TestASeedHasOnePlan(t *testing.T) {
	t.Parallel()
	one, same, other := newPlan(17, 200, true), newPlan(17, 200, true), newPlan(18, 200, true)
	if describe(one) != describe(same) {
		t.Error("two plans of one seed differ")
	}
	if describe(one) == describe(other) {
		t.Error("two seeds have the same plan")
	}
}

func TestEveryEventIsInAnyFiveSeeds(t *testing.T) {
	t.Parallel()
	for first := range uint64(10) {
		times := map[string]int{}
		for seed := first + 1; seed <= first+5; seed++ {
			for _, s := range newPlan(seed, 200, true) {
				times[s.event.name]++
			}
		}
		for _, e := range events {
			if times[e.name] == 0 {
				t.Errorf("seeds from %d: no %s", first+1, e.name)
			}
		}
	}
}

// TestNothingIsBrokenTwiceAtOnce looks through plans for events that would
// repair what another one still needs broken.
func TestNothingIsBrokenTwiceAtOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		free := map[string]int{}
		for i, s := range newPlan(seed, 200, true) {
			for _, what := range needs(s.event, s.site) {
				if free[what] > i {
					t.Errorf("seed %d, step %d: %s, and %s is in use until %d", seed, i, s, what, free[what])
				}
				if s.last > 0 {
					free[what] = i + s.last + 1
				}
			}
		}
	}
}

func TestTheProxyDoesWhatItIsTold(t *testing.T) {
	t.Parallel()
	const answer = `{"id":"17","size":12,"ok":true,"list":[1]}`
	for _, tt := range []struct {
		fault  fault
		asked  bool // the service did its work
		status int  // 0: no whole answer
		body   string
	}{
		{faultNone, true, 200, answer},
		{faultBefore, false, 0, ""},
		{faultLost, true, 0, ""},
		{faultCut, true, 0, answer[:len(answer)/2]},
		{fault500, false, 500, "Internal Server Error\n"},
		{fault502Late, true, 502, "Bad Gateway\n"},
		{fault429, false, 429, "Too Many Requests\n"},
		{faultHTML, false, 200, "<!DOCTYPE html>"},
		{faultRedirect, false, 307, ""},
		{faultTypes, true, 200, `{"id":["17"],"list":{"0":"a list no more"},"ok":{"maybe":true},"size":"about 12"}`},
		{faultStallAnswer, true, 0, ""},
		{faultStallBody, false, 0, ""},
		{faultTrickle, true, 0, answer[:1]},
		{faultEndless, false, 0, `{"endless":"xxx`},
	} {
		t.Run(string(tt.fault), func(t *testing.T) {
			t.Parallel()
			var times atomic.Int32
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				times.Add(1)
				_, _ = io.WriteString(w, answer)
			}))
			defer service.Close()
			p, err := newProxy(service.Listener.Addr().String(), "127.0.0.1:1", 1)
			if err != nil {
				t.Fatal(err)
			}
			defer p.refuse()
			p.set(tt.fault, 1)
			status, body := post(t, p.address)
			asked := times.Load() > 0
			p.set(faultNone, 0)
			if asked != tt.asked || status != tt.status || !strings.HasPrefix(body, tt.body) || tt.status != 0 && tt.fault != faultHTML && tt.fault != faultRedirect && body != tt.body {
				t.Errorf("asked %v, status %d, %.80q", asked, status, body)
			}
			if status, body := post(t, p.address); status != 200 || body != answer {
				t.Errorf("afterwards: %d, %q", status, body)
			}
		})
	}
}

// post sends a form and returns the status of an answer that came as a whole
// within a moment, 0 for another one, and what came of its body.
func post(t *testing.T, address string) (status int, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/x", bytes.NewReader(make([]byte, 1000)))
	if err != nil {
		t.Fatal(err)
	}
	c := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || len(b) == 1<<20 {
		return 0, string(b)
	}
	return resp.StatusCode, string(b)
}

func TestTheBooksFindWhatIsWrong(t *testing.T) {
	t.Parallel()
	const d, path = "0123456789abcdef", "/camera/a.jpg"
	sent := control.Record{SHA256: d, Path: path, RemoteID: "1", Outcome: "sent"}
	failed := func(kind string) *control.Job {
		return &control.Job{SHA256: d, Path: path, State: "failed", Kind: kind, Error: "no"}
	}
	for _, tt := range []struct {
		name   string
		ids    []string
		record *control.Record
		job    *control.Job
		broken bool
		want   []string // kinds of findings
	}{
		{"delivered", []string{"1"}, &sent, nil, false, nil},
		{"nowhere", nil, nil, nil, false, []string{lost}},
		{"there, and not known", []string{"1"}, nil, nil, false, []string{untrue}},
		{"another number", []string{"2"}, &sent, nil, false, []string{untrue}},
		{"twice", []string{"1", "2"}, &sent, nil, false, []string{doubled}},
		{"failed without a reason that lasts", nil, nil, failed("transient"), false, []string{untrue}},
		{"refused, and whole", nil, nil, failed("rejected"), false, []string{untrue}},
		{"refused, and broken", nil, nil, failed("rejected"), true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := &world{began: time.Now(), album: &album{ever: map[string]*bytesOf{d: {name: "a.jpg", broken: tt.broken}}}}
			b := &books{records: map[string]map[string]control.Record{"piwigo": {}}, jobs: map[string]map[string]control.Job{"piwigo": {}}}
			if tt.record != nil {
				b.records["piwigo"][d] = *tt.record
			}
			if tt.job != nil {
				b.jobs["piwigo"][d] = *tt.job
			}
			if len(tt.ids) > 0 {
				w.balanceCopy(b, "piwigo", d, tt.ids)
			}
			w.balanceFile(b, "piwigo", d, path, tt.ids)
			var got []string
			for _, f := range w.findings {
				got = append(got, f.kind)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("found %v, want %v", w.findings, tt.want)
			}
		})
	}
	w := &world{began: time.Now(), album: &album{}}
	w.balanceCopy(&books{}, "piwigo", d, []string{"1"})
	if len(w.findings) != 1 || w.findings[0].kind != strange {
		t.Errorf("bytes of no file: %v", w.findings)
	}
}
