package control_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

func TestChangesArriveOneByOneUntilTheListenerLeaves(t *testing.T) {
	for _, how := range []string{"socket", "in process"} {
		t.Run(how, func(t *testing.T) {
			f := &fake{messages: make(chan control.Message)}
			c := clients(t, f)[how]
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			want := []control.Message{
				{Status: &control.Status{Text: "one", Accounts: []control.Account{}, Folders: []control.Folder{}, Active: []control.Job{}, Recent: []control.Record{}}},
				{Raise: true}, {Files: []string{"/a"}}, {Quit: true},
			}
			go func() { f.messages <- want[0] }()
			n := 0
			for m, err := range c.Changes(ctx, true) {
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "message", m, want[n])
				if n++; n == len(want) {
					break
				}
				// The next one is made only now: nothing waits in a buffer.
				go func() { f.messages <- want[n] }()
			}
			equal(t, "engine asked", f.last(), "changes window=true")
		})
	}
}

func TestChangesEndWithoutAWordWhenTheirContextEnds(t *testing.T) {
	for _, how := range []string{"socket", "in process"} {
		t.Run(how, func(t *testing.T) {
			f := &fake{messages: make(chan control.Message, 1)}
			c := clients(t, f)[how]
			ctx, cancel := context.WithCancel(t.Context())
			f.messages <- control.Message{Raise: true}
			for m, err := range c.Changes(ctx, false) {
				if err != nil || !m.Raise {
					t.Fatalf("got %+v, %v", m, err)
				}
				cancel()
			}
			cancel()
		})
	}
}

func TestChangesSayThatTheEngineEnded(t *testing.T) {
	f := &fake{messages: make(chan control.Message, 1)}
	socket := filepath.Join(t.TempDir(), "control.sock")
	stop := serve(t, socket, control.Handler(f, nil))
	c, err := control.Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f.messages <- control.Message{Raise: true}
	var last error
	for _, err := range c.Changes(t.Context(), false) {
		if last = err; err == nil {
			go stop()
		}
	}
	if !errors.Is(last, control.ErrNotRunning) {
		t.Errorf("got %v, want ErrNotRunning", last)
	}
	if _, err := c.Status(t.Context()); !errors.Is(err, control.ErrNotRunning) {
		t.Errorf("a call after the end: got %v, want ErrNotRunning", err)
	}
}

func TestTheEngineMayEndItselfFromWithinACall(t *testing.T) {
	f := &fake{}
	socket := filepath.Join(t.TempDir(), "control.sock")
	stop := serve(t, socket, control.Handler(f, nil))
	f.quit = func() { go stop() }
	c, err := control.Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Quit(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
}

func TestALostAnswerOfAnAddIsNotTakenForAGoodOne(t *testing.T) {
	f := &fake{err: &control.Problem{Message: "The disk is full", Exit: 1}}
	for how, c := range clients(t, f) {
		t.Run(how, func(t *testing.T) {
			n := 0
			sum, err := c.Add(t.Context(), control.AddRequest{Paths: []string{"/a"}}, func(control.AddResult) { n++ })
			equal(t, "results before the problem", n, 1)
			equal(t, "summary", sum, control.AddSummary{})
			equal(t, "problem", problemOf(t, err).Message, "The disk is full")
		})
	}
}

// cut is a picture that breaks off.
type cut struct{ n int }

func (c *cut) Read(b []byte) (int, error) {
	if c.n--; c.n < 0 {
		return 0, errors.New("the server went away")
	}
	return copy(b, "half"), nil
}
func (c *cut) Close() error { return nil }

func TestAPictureThatBreaksOffEndsWithAnError(t *testing.T) {
	f := &fake{picture: func() io.ReadCloser { return &cut{n: 1} }}
	for how, c := range clients(t, f) {
		t.Run(how, func(t *testing.T) {
			body, _, err := c.Picture(t.Context(), control.PictureRequest{Account: "a", Photo: "p"})
			if err == nil {
				_, err = io.Copy(io.Discard, body)
				body.Close()
			}
			if err == nil {
				t.Error("the cut picture was taken for a whole one")
			}
		})
	}
}

// endless is a picture without end; it tells when it is closed.
type endless struct{ closed chan struct{} }

func (e endless) Read(b []byte) (int, error) { return len(b), nil }
func (e endless) Close() error               { e.closed <- struct{}{}; return nil }

func TestClosingAPictureStopsTheEngine(t *testing.T) {
	e := endless{make(chan struct{}, 1)}
	f := &fake{picture: func() io.ReadCloser { return e }}
	for how, c := range clients(t, f) {
		t.Run(how, func(t *testing.T) {
			body, _, err := c.Picture(t.Context(), control.PictureRequest{Account: "a", Photo: "p"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, body, 1<<20); err != nil {
				t.Fatal(err)
			}
			if err := body.Close(); err != nil {
				t.Fatal(err)
			}
			<-e.closed
		})
	}
}

func TestNamesThatJSONWouldChangeAreRefused(t *testing.T) {
	f := &fake{}
	c := control.InProcess(control.Handler(f, nil))
	_, err := c.Add(t.Context(), control.AddRequest{Paths: []string{"/a\xff.jpg"}}, nil)
	if p := problemOf(t, err); p.Hint == "" {
		t.Errorf("no hint in %+v", p)
	}
	equal(t, "engine asked", f.last(), "")
}
