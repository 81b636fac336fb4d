package universal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/universal"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// TestEveryPhotoOnceWhateverHappens delivers many photos whose names are alike
// as the engine would, while answers are lost and the program is killed, and
// compares what was concluded with what is on the site. No photo may be there
// twice, and none may be taken for delivered that is not.
func TestEveryPhotoOnceWhateverHappens(t *testing.T) {
	for _, site := range []struct {
		name string
		o    emulator.Options
		sure bool // few lost answers may stay open
	}{
		{"pending photos are listed", emulator.Options{AlbumLimit: 5, MaxPageSize: 4}, true},
		{"nothing is pending", emulator.Options{PhotoUpload: true, DefaultAlbumLimit: 12, AlbumLimit: 5, NewestFirst: true}, true},
		{"pending photos do not count", emulator.Options{PendingUncounted: true, AlbumLimit: 6}, false},
		{"pending photos are hidden", emulator.Options{HidePending: true, AlbumLimit: 6}, false},
		{"pending photos are hidden and do not count", emulator.Options{HidePending: true, PendingUncounted: true}, false},
	} {
		for seed := range uint64(8) {
			t.Run(fmt.Sprintf("%s, %d", site.name, seed), func(t *testing.T) {
				t.Parallel()
				s := &chaos{bench: startServer(t, site.o), rand: rand.New(rand.NewPCG(seed, 7))}
				s.run(t, site.sure)
			})
		}
	}
}

type chaos struct {
	*bench
	rand *rand.Rand
}

type chaosJob struct {
	upload.Item
	done   string // "", "delivered", "unsure"
	remote string
}

func (s *chaos) run(t *testing.T, sure bool) {
	var jobs []*chaosJob
	for i := range 40 {
		j := &chaosJob{Item: uploadtest.Item(fmt.Sprintf("IMG_%04d.JPG", i%5), 1500)}
		j.Album = []string{"", "A", "B"}[i%3]
		jobs = append(jobs, j)
	}
	c := s.client()
	for step := 0; ; step++ {
		var open []*chaosJob
		for _, j := range jobs {
			if j.done == "" {
				open = append(open, j)
			}
		}
		if len(open) == 0 {
			break
		}
		if step > 2000 {
			t.Fatal("no end")
		}
		j := open[s.rand.IntN(min(len(open), 6))]
		s.fault()
		if s.rand.IntN(3) == 0 {
			faults := []string{"reset-after", "cut", "reset-before", "status:code=500", "empty", "status:code=503"}
			s.fault("/up.photos.upload:" + faults[s.rand.IntN(len(faults))] + ":times=1")
		}
		if s.rand.IntN(6) == 0 {
			s.killed(t, c, j)
			c = s.client()
			continue
		}
		j.SetMark = func(mark string) error {
			j.Mark = mark
			return nil
		}
		s.attempt(t, c, j)
	}
	unsure := 0
	for _, j := range jobs {
		n := s.times(j.Item)
		if n > 1 {
			t.Errorf("%s is there %d times", j.Name, n)
		}
		if j.done == "unsure" {
			unsure++
			continue
		}
		right := false
		for _, p := range s.photos() {
			right = right || p.ID == j.remote && p.SHA256 == j.SHA256
		}
		if n != 1 || !right {
			t.Errorf("%s is delivered as %s, and there %d times", j.Name, j.remote, n)
		}
	}
	t.Logf("%d of %d unsure", unsure, len(jobs))
	if sure && unsure > len(jobs)/3 {
		t.Errorf("%d of %d photos were left to the user", unsure, len(jobs))
	}
}

// attempt does what the engine does with a job.
func (s *chaos) attempt(t *testing.T, c *Client, j *chaosJob) {
	t.Helper()
	var r upload.Receipt
	err := errors.ErrUnsupported
	if j.Mark != "" {
		r, err = c.Find(t.Context(), j.Item)
	}
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, upload.ErrNotFound) {
		r, err = c.Upload(t.Context(), j.Item)
	}
	switch {
	case err == nil:
		j.done, j.remote = "delivered", r.RemoteID
	case upload.KindOf(err) == upload.Unsure:
		j.done = "unsure"
	}
}

var errKilled = errors.New("killed")

// killed is an attempt in which nothing can be kept any more from a moment on,
// that of a mark or the end, as when the program is killed.
func (s *chaos) killed(t *testing.T, c *Client, j *chaosJob) {
	t.Helper()
	var dead atomic.Bool
	marks := s.rand.IntN(3)
	j.SetMark = func(mark string) error {
		if dead.Load() {
			return errKilled
		}
		j.Mark = mark
		if marks--; marks <= 0 {
			dead.Store(true)
			s.memory.freeze()
		}
		return nil
	}
	s.attempt(t, c, j)
	j.done, j.remote = "", "" // nobody has heard of it
	s.memory.thaw()
}

// freeze ends the life of a program: nothing is stored until thaw.
func (m *memory) freeze() { m.fail(errKilled) }
func (m *memory) thaw()   { m.fail(nil) }
