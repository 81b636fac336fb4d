package photo_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/photo/phototest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func TestDigestAgreesWithTheHashesThemselves(t *testing.T) {
	const chunk = 128 << 10
	for _, n := range []int{0, 1, 63, chunk - 1, chunk, chunk + 1, 2 * chunk, 9*chunk + 17, 3 << 20} {
		data := noise(n)
		for name, r := range map[string]io.Reader{
			"whole":              bytes.NewReader(data),
			"in halves":          iotest.HalfReader(bytes.NewReader(data)),
			"with its last EOF":  iotest.DataErrReader(bytes.NewReader(data)),
			"by the 4,096 bytes": &piecemeal{data, 4096},
		} {
			d, err := photo.Digest(context.Background(), r, "x.jpg")
			if err != nil {
				t.Fatalf("%d bytes %s: %v", n, name, err)
			}
			if d.Size != int64(n) || d.SHA256 != sha256.Sum256(data) || d.MD5 != md5.Sum(data) {
				t.Errorf("%d bytes %s: digests or size %d are wrong", n, name, d.Size)
			}
		}
	}
}

type piecemeal struct {
	data []byte
	n    int
}

func (p *piecemeal) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.n)], p.data)
	p.data = p.data[n:]
	return n, nil
}

func TestDigestTellsTheKindFromTheFirstBytes(t *testing.T) {
	for _, size := range []int{0, 500_000} {
		b := phototest.JPEG(phototest.Options{Size: size})
		d, err := photo.Digest(context.Background(), bytes.NewReader(b), "misnamed.png")
		if err != nil || d.Kind != photo.JPEG {
			t.Errorf("got %v, %v", d.Kind, err)
		}
	}
	d, err := photo.Digest(context.Background(), bytes.NewReader([]byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00")), "DSC1.NEF")
	if err != nil || d.Kind != photo.RAW {
		t.Errorf("got %v, %v; the name was not asked", d.Kind, err)
	}
}

func TestDigestGivesBackTheReadersError(t *testing.T) {
	broken := errors.New("broken disk")
	for _, n := range []int{0, 100, 300_000} {
		r := io.MultiReader(bytes.NewReader(noise(n)), iotest.ErrReader(broken))
		d, err := photo.Digest(context.Background(), r, "")
		if !errors.Is(err, broken) || d != (photo.Digests{}) {
			t.Errorf("after %d bytes: got %+v, %v", n, d, err)
		}
	}
}

// cancelling ends the context once that many bytes are read, and never ends
// by itself.
type cancelling struct {
	after  int
	cancel context.CancelFunc
}

func (c *cancelling) Read(p []byte) (int, error) {
	if c.after -= len(p); c.after < 0 {
		c.cancel()
	}
	return len(p), nil
}

func TestDigestStopsWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := photo.Digest(ctx, &cancelling{1 << 20, cancel}, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := photo.Digest(ctx, bytes.NewReader(nil), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: got %v", err)
	}
}

func TestDigestTakesConstantMemory(t *testing.T) {
	n := allocated(t, func() {
		r := io.NewSectionReader(zeros{size: 64 << 20}, 0, 64<<20)
		if _, err := photo.Digest(context.Background(), r, ""); err != nil {
			t.Error(err)
		}
	})
	if n > 1<<20 {
		t.Errorf("digesting 64 MB took %d bytes", n)
	}
}

// BenchmarkDigest digests JPEGs of 3 MB from the page cache with two workers,
// as the engine does, and has sha256sum read the same files in the same run.
// The metric "x-sha256sum" is our time divided by its. PHOTO_BENCH_FILES sets
// the number of files: 1,000 are 3 GB.
func BenchmarkDigest(b *testing.B) {
	files := benchFiles(b)
	count := len(files)
	var ours, theirs time.Duration
	b.SetBytes(benchSize * int64(count))
	for b.Loop() {
		start := time.Now()
		digestAll(b, files, 2)
		ours += time.Since(start)

		b.StopTimer()
		start = time.Now()
		if out, err := exec.CommandContext(b.Context(), "sha256sum", files...).CombinedOutput(); err != nil {
			b.Skipf("sha256sum: %v %s", err, out)
		}
		theirs += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "x-sha256sum")
	b.ReportMetric(float64(benchSize)*float64(count)*float64(b.N)/theirs.Seconds()/1e6, "sha256sum-MB/s")
}

// benchSize is the size of a benchmark's photo in bytes.
const benchSize = 3_000_000

// benchFiles makes JPEGs as a camera and an editor leave them: with EXIF, XMP
// and IPTC.
func benchFiles(b *testing.B) []string {
	b.Helper()
	count := 100
	if s := os.Getenv("PHOTO_BENCH_FILES"); s != "" {
		if _, err := fmt.Sscan(s, &count); err != nil {
			b.Fatal(err)
		}
	}
	stamped, err := os.ReadFile("testdata/stamped/01.jpg")
	if err != nil {
		b.Fatal(err)
	}
	_, xmp, _ := strings.Cut(string(stamped), "http://ns.adobe.com/xap/1.0/\x00")
	xmp, _, _ = strings.Cut(xmp, "<?xpacket end='w'?>")
	dir := b.TempDir()
	files := make([]string, count)
	for i := range files {
		files[i] = filepath.Join(dir, fmt.Sprintf("%d.jpg", i))
		data := phototest.JPEG(phototest.Options{
			Seed: uint64(i), Size: benchSize, Taken: time.Date(2026, 7, 14, 18, 30, 5, 0, time.UTC), Zone: "+02:00",
			GPS: &phototest.Position{Lat: 48.8, Lon: 2.3}, Thumbnail: true,
			XMP: xmp + "<?xpacket end='w'?>", IPTC: "\x1c\x02\x05\x00\x05title\x1c\x02\x19\x00\x03one\x1c\x02\x19\x00\x03two",
		})
		if err := os.WriteFile(files[i], data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return files
}

// BenchmarkMeta reads the metadata of the files of [BenchmarkDigest], one at a
// time as the engine does, and digests them in the same run, one at a time as
// well. The metric "%-of-digest" is the time for the one by that for the other.
func BenchmarkMeta(b *testing.B) {
	files := benchFiles(b)
	digestAll(b, files, 2) // warms the page cache
	var metas, digests time.Duration
	for b.Loop() {
		start := time.Now()
		for _, name := range files {
			metaOf(b, name)
		}
		metas += time.Since(start)

		b.StopTimer()
		start = time.Now()
		digestAll(b, files, 1)
		digests += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(100*metas.Seconds()/digests.Seconds(), "%-of-digest")
	b.ReportMetric(metas.Seconds()*1e6/float64(b.N*len(files)), "µs/photo")
}

func metaOf(b *testing.B, name string) {
	b.Helper()
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	m, err := photo.ReadMeta(f, benchSize)
	if err != nil || m.Title != "Abend am Fluss" || m.GPS == nil {
		b.Fatalf("%+v, %v", m, err)
	}
}

func digestAll(b *testing.B, files []string, workers int) {
	b.Helper()
	next := make(chan string, len(files))
	for _, f := range files {
		next <- f
	}
	close(next)
	var g errgroup.Group
	for range workers {
		g.Go(func() error {
			for name := range next {
				f, err := os.Open(name)
				if err != nil {
					return err
				}
				_, err = photo.Digest(context.Background(), f, name)
				if cerr := f.Close(); err == nil {
					err = cerr
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
}
