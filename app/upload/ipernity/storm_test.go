package ipernity

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	emulator "github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/upload"
)

// TestEverythingOnce sends photos, some of one name and size, in several lanes
// through faults of every function, with a program that now and then starts
// anew after an error. Each photo must get there once and into its album, of
// which there must be one.
func TestEverythingOnce(t *testing.T) {
	for _, o := range []emulator.Options{
		{Processing: 30 * time.Millisecond, HiddenUntilDone: true},
		{MD5: emulator.MD5Absent},
		{MD5: emulator.MD5Other, Processing: 30 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("MD5 of the form %d", o.MD5), func(t *testing.T) {
			b := startServer(t, o)
			for i, kind := range []string{"reset-after", "reset-before", "cut", "status:code=500", "html", "empty"} {
				b.addFault(fmt.Sprintf(":%s:rate=0.01:seed=%d", kind, i))
			}
			b.addFault("/upload.file:reset-after:rate=0.2:seed=7")
			b.addFault("/album.create:reset-after:times=1")

			const photos = 40
			remembered := new(memory)
			client := func() *Client { return b.client(func(a *upload.Account) { a.Memory = remembered }) }
			var its [photos]upload.Item
			var marks [photos]marks
			queue := make(chan int)
			var wg sync.WaitGroup
			for range maxLanes {
				wg.Go(func() {
					c := client()
					for i := range queue {
						it := its[i]
						it.SetMark = marks[i].set
						for tries := 0; ; tries++ {
							it.Mark = marks[i].last()
							r, err := deliver(t, c, it)
							if err == nil {
								if r.RemoteID == "" || r.Gone {
									t.Errorf("photo %d: %+v", i, r)
								}
								break
							}
							if k := upload.KindOf(err); k != upload.Transient || tries == 100 {
								t.Errorf("photo %d: %v is %v", i, err, k)
								break
							}
							if tries%2 == 0 {
								c = client()
							}
						}
					}
				})
			}
			for i := range its {
				its[i] = inAlbum(fmt.Sprintf("twin%d.jpg", i%10), []string{"Sea", "Land", ""}[i%3])
				queue <- i
			}
			close(queue)
			wg.Wait()

			var want, got []string
			for _, it := range its {
				want = append(want, fmt.Sprintf("%x", it.SHA256))
			}
			for _, r := range b.received() {
				got = append(got, r.SHA256)
				i := slices.Index(want, r.SHA256)
				if albums := len(r.Albums); i >= 0 && albums != min(len(its[i].Album), 1) {
					t.Errorf("photo %d is in %d albums", i, albums)
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%d photos on the site, want %d: each once", len(got), len(want))
			}
			if b.faults.Hits() < 5 {
				t.Errorf("only %d faults", b.faults.Hits())
			}
			b.faults.Clear()
			b.mustHaveAlbums("Land", "Sea")
		})
	}
}

// deliver does what the engine does for a photo that it is in doubt about.
func deliver(t *testing.T, c *Client, it upload.Item) (upload.Receipt, error) {
	r, err := c.Find(t.Context(), it)
	if errors.Is(err, upload.ErrNotFound) {
		return c.Upload(t.Context(), it)
	}
	return r, err
}
