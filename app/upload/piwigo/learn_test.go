package piwigo

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	emulator "github.com/photoferry/photoferry/app/practice/piwigo"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func TestLimitsAreLearned(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options emulator.Options
		method  string
	}{
		{"stock PHP", emulator.Options{UploadMax: 2 << 20, PostMax: 8 << 20}, "auto"},
		{"stock PHP by upload", emulator.Options{UploadMax: 2 << 20, PostMax: 8 << 20}, "upload"},
		{"small forms", emulator.Options{UploadMax: 2 << 20, PostMax: 1 << 20}, "auto"},
		{"stock nginx", emulator.Options{MaxBody: 1 << 20}, "auto"},
		{"narrow", emulator.Options{MaxBody: 200_000}, "auto"},
		{"narrow by async", emulator.Options{UploadMax: 200_000}, "async"},
		{"narrow by upload", emulator.Options{UploadMax: 200_000}, "upload"},
		{"2.10", emulator.Options{Version: emulator.V210, UploadMax: 500_000}, "auto"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, tt.options)
			var items []upload.Item
			c := clientFor(t, b.with("method="+tt.method))
			for i := range 3 {
				if i == 2 {
					c = clientFor(t, b.with("method="+tt.method)) // a new start
				}
				before := 0
				for _, m := range sending {
					before += b.Requests(m)
				}
				it := uploadtest.Item("big.jpg", 3_000_000)
				r, err := c.Upload(t.Context(), it)
				if err != nil || r.Verified == "" {
					t.Fatalf("%+v, %v", r, err)
				}
				items = append(items, it)
				after := 0
				for _, m := range sending {
					after += b.Requests(m)
				}
				if want := int((it.Size + c.limits.chunkSize() - 1) / c.limits.chunkSize()); i > 0 && after-before != want {
					t.Errorf("photo %d took %d requests, want %d: nothing was learned", i, after-before, want)
				}
			}
			b.mustHold(items...)
			l, err := c.Check(t.Context())
			if err != nil || !strings.Contains(l.Ticks[len(l.Ticks)-1].Detail, "learned") {
				t.Errorf("%+v, %v", l.Ticks, err)
			}
		})
	}
}

func TestOldLimitsAreForgotten(t *testing.T) {
	old := strconv.FormatInt(time.Now().Add(-2*limitAge).Unix(), 10)
	m := new(memory)
	_ = m.Store(keySingle, "100000 "+old)
	_ = m.Store(keyChunk, "70000 "+strconv.FormatInt(time.Now().Unix(), 10))
	l := newLimits(upload.Account{Memory: m})
	if !l.forOne(3_000_000) || l.chunkSize() != 70000 {
		t.Errorf("%+v", l)
	}
}

func TestServerThatTakesNothing(t *testing.T) {
	b := startServer(t, emulator.Options{MaxBody: 40_000})
	_, err := clientFor(t, b.account()).Upload(t.Context(), uploadtest.Item("a.jpg", 500_000))
	mustKind(t, err, upload.Rejected, "client_max_body_size")
	b.mustHold()
}

func TestLanesNarrowAndRecover(t *testing.T) {
	l := newLanes(2)
	for range 2 {
		if err := l.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	l.leave(&upload.Error{Status: http.StatusGatewayTimeout})
	ctx, cancel := context.WithCancel(t.Context())
	entered := make(chan error, 1)
	go func() { entered <- l.enter(ctx) }()
	cancel()
	if err := <-entered; err != context.Canceled {
		t.Errorf("%v: a second upload beside a server out of time", err)
	}
	l.leave(nil)
	for range recovery {
		if err := l.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.leave(nil)
	}
	if l.allowed != 2 || l.busy != 0 {
		t.Errorf("%+v", l)
	}
}
