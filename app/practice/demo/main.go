// Command demo plays the person in a demonstration: it brings generated photos
// into a folder, one after the other, the way that copying from a card does, or
// lets the program in on a practice service's page.
//
//	go run ./app/practice/demo -dir DIR [-photos 24] [-every 1s]
//	DEMO_PASSWORD=... go run ./app/practice/demo -allow PAGE -user USER
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/photoferry/photoferry/app/photo/phototest"
	"github.com/photoferry/photoferry/app/practice/visit"
)

func main() {
	dir := flag.String("dir", "", "the camera-import folder; made when it is not there")
	photos := flag.Int("photos", 24, "how many photos to bring")
	every := flag.Duration("every", time.Second, "time from one photo to the next")
	page := flag.String("allow", "", "instead, the page on which to let the program in")
	user := flag.String("user", "", "who signs in there")
	flag.Parse()
	if (*dir == "") == (*page == "") || *photos < 0 || *every < 0 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	do := func() error { return bring(ctx, *dir, *photos, *every) }
	if *page != "" {
		do = func() error { return visit.Allow(ctx, *page, *user, os.Getenv("DEMO_PASSWORD")) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// bring copies photos into a folder of dir that is named as a camera names it.
// It returns early, without an error, when ctx ends.
func bring(ctx context.Context, dir string, photos int, every time.Duration) error {
	card := filepath.Join(dir, "100FERRY")
	if err := os.MkdirAll(card, 0o755); err != nil {
		return fmt.Errorf("make the import folder: %w", err)
	}
	for i := range photos {
		began := time.Now()
		name := filepath.Join(card, fmt.Sprintf("IMG_%04d.JPG", 1001+i))
		if err := copyIn(ctx, name, shoot(i), every/4); err != nil {
			return err
		}
		fmt.Printf("%d of %d: %s\n", i+1, photos, name)
		if i+1 < photos && !wait(ctx, every-time.Since(began)) {
			return nil
		}
	}
	return nil
}

// shoot returns the photo number i of a walk along a river.
func shoot(i int) []byte {
	start := time.Date(2026, 7, 18, 9, 30, 0, 0, time.UTC)
	o := phototest.Options{
		Seed:  uint64(i + 1),
		Width: 1600, Height: 1200,
		Taken: start.Add(time.Duration(i) * 97 * time.Second),
		Zone:  "+02:00",
		Make:  "PhotoFerry", Model: "Ferry I",
		Description: fmt.Sprintf("Landing stage %d", i+1),
		GPS:         &phototest.Position{Lat: 53.5438 + float64(i)*0.0007, Lon: 9.9666 - float64(i)*0.0021, Alt: 4},
		Thumbnail:   true,
		Size:        (1 + i%4) * 400_000,
	}
	if i%5 == 3 { // held upright
		o.Width, o.Height = o.Height, o.Width
	}
	return phototest.JPEG(o)
}

// copyIn writes a file piece by piece within about the time given, so that it
// can be seen half finished, as under cp from a slow card.
func copyIn(ctx context.Context, name string, photo []byte, within time.Duration) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("bring a photo: %w", err)
	}
	defer func() {
		if closed := f.Close(); err == nil && closed != nil {
			err = fmt.Errorf("bring a photo: %w", closed)
		}
	}()
	const piece = 128 << 10
	pieces := time.Duration((len(photo) + piece - 1) / piece)
	for len(photo) > 0 {
		n, err := f.Write(photo[:min(piece, len(photo))])
		if err != nil {
			return fmt.Errorf("bring a photo: %w", err)
		}
		photo = photo[n:]
		wait(ctx, within/pieces) // the photo is finished even when the demo ends
	}
	return nil
}

// wait reports whether d passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
