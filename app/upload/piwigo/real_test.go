package piwigo

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// The suite runs on a real gallery when these variables name one. It needs an
// administrator, and leaves its photos there, each run's in albums of its own.
const (
	envURL         = "UPLOADTEST_PIWIGO_URL"
	envUser        = "UPLOADTEST_PIWIGO_USER"
	envPassword    = "UPLOADTEST_PIWIGO_PASSWORD"
	envFingerprint = "UPLOADTEST_PIWIGO_FINGERPRINT" // of a certificate of its own
	envFrontUser   = "UPLOADTEST_PIWIGO_FRONT_USER"
	envFrontPass   = "UPLOADTEST_PIWIGO_FRONT_PASSWORD"
	envMethod      = "UPLOADTEST_PIWIGO_METHOD"
	envByName      = "UPLOADTEST_PIWIGO_BY_NAME" // its uniqueness_mode is filename
)

// serial makes the albums of a run different ones.
var serial atomic.Int64

// realMemory is shared by the cases, as by the photos of an account: the server's
// limits are learned once.
var realMemory memory

// realAccount returns an account with an album of its own.
func realAccount(t testing.TB) upload.Account {
	t.Helper()
	if os.Getenv(envURL) == "" {
		t.Skip("no real Piwigo is named by " + envURL)
	}
	options := map[string]string{"album": fmt.Sprintf("Conformance/%s %d", time.Now().Format("2006-01-02 150405"), serial.Add(1))}
	for key, env := range map[string]string{"front_user": envFrontUser, "front_password": envFrontPass, "method": envMethod} {
		if v := os.Getenv(env); v != "" {
			options[key] = v
		}
	}
	return upload.Account{
		ID: "real", Name: "real", URL: os.Getenv(envURL), User: os.Getenv(envUser), Secret: os.Getenv(envPassword),
		Fingerprint: os.Getenv(envFingerprint),
		Options:     options,
		Memory:      &realMemory,
	}
}

func clientFor(t testing.TB, a upload.Account) *Client {
	t.Helper()
	hc := upload.NewClient(upload.ClientOptions{Account: a, ResponseTimeout: time.Minute})
	t.Cleanup(hc.CloseIdleConnections)
	c, err := New(a, hc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// photoKept is more of pwg.images.getInfo than the client needs.
type photoKept struct {
	photoInfo
	Name    text `json:"name"`
	NameRaw text `json:"name_raw"`
	Comment text `json:"comment"`
	Author  text `json:"author"`
	Created text `json:"date_creation"`
	Tags    []struct {
		Name text `json:"name"`
	} `json:"tags"`
}

// receivedOf fetches all photos of the account's album, in the order of their
// arrival.
func receivedOf(t testing.TB, c *Client) []uploadtest.Photo {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	var out []uploadtest.Photo
	err := c.inSession(ctx, opFind, func(s *session) error {
		all, err := c.listAlbums(ctx, s)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(a album) bool { return a.path == c.options.album })
		if i < 0 {
			return nil
		}
		id := number(all[i].id).String()
		if s.has("pwg.images.uploadCompleted") {
			q := url.Values{"category_id": {id}, "pwg_token": {s.token()}}
			if err := c.call(ctx, s, opFind, "pwg.images.uploadCompleted", q, nil); err != nil {
				return err
			}
		}
		var list struct {
			Images []struct {
				ID number `json:"id"`
			} `json:"images"`
		}
		if err := c.call(ctx, s, opFind, "pwg.categories.getImages", url.Values{"cat_id": {id}, "per_page": {"500"}}, &list); err != nil {
			return err
		}
		for _, im := range list.Images {
			p, err := download(ctx, c, s, int64(im.ID))
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(out, func(a, b uploadtest.Photo) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func download(ctx context.Context, c *Client, s *session, id int64) (uploadtest.Photo, error) {
	var k photoKept
	if err := c.call(ctx, s, opFind, "pwg.images.getInfo", url.Values{"image_id": {number(id).String()}}, &k); err != nil {
		return uploadtest.Photo{}, err
	}
	p := uploadtest.Photo{ID: number(id).String(), Name: string(k.File), Meta: k}
	pic, err := c.picture(ctx, s, string(k.ElementURL))
	if err != nil {
		return p, err
	}
	defer pic.Close()
	h := sha256.New()
	if p.Size, err = io.Copy(h, pic); err != nil {
		return p, err
	}
	p.SHA256 = [32]byte(h.Sum(nil))
	return p, nil
}

func checkRealMeta(t testing.TB, got uploadtest.Photo, sent photo.Meta) {
	t.Helper()
	k := got.Meta.(photoKept)
	name := cmp.Or(string(k.NameRaw), string(k.Name))
	if sent.Title == "" {
		if k.Comment != "" || len(k.Tags) > 0 || name != "bare" {
			t.Errorf("title %q, comment %q, tags %v where none were sent", name, k.Comment, k.Tags)
		}
		return
	}
	checkTexts(t, name, string(k.Comment), sent)
	var tags []string
	for _, tag := range k.Tags {
		tags = append(tags, string(tag.Name))
	}
	checkTags(t, tags, sent)
}

func checkTexts(t testing.TB, title, comment string, sent photo.Meta) {
	t.Helper()
	if title != storable(sent.Title) {
		t.Errorf("title %q, want %q", title, storable(sent.Title))
	}
	if strings.ReplaceAll(comment, "\r\n", "\n") != storable(sent.Description) {
		t.Errorf("comment %q, want %q", comment, storable(sent.Description))
	}
}

func checkTags(t testing.TB, tags []string, sent photo.Meta) {
	t.Helper()
	want := tagsOf(sent)
	slices.Sort(tags)
	slices.Sort(want)
	if !slices.Equal(tags, want) {
		t.Errorf("tags %q, want %q", tags, want)
	}
}

// TestConformanceOnRealServer runs the suite on a real gallery.
func TestConformanceOnRealServer(t *testing.T) {
	// A photo that the server refuses in one request is begun again, progress
	// and all. So its limits are learned before the suite looks at that.
	if _, err := clientFor(t, realAccount(t)).Upload(t.Context(), uploadtest.Item("limits.jpg", 2_000_000)); err != nil {
		t.Fatal(err)
	}
	uploadtest.Run(t, uploadtest.Harness{
		Service:    Service,
		CannotFind: os.Getenv(envByName) != "",
		Secrets:    []string{"username", "password", "pwg_token", "frontpassword"},
		Named:      storable,
		Meta:       checkRealMeta,
		Start: func(t testing.TB) *uploadtest.Site {
			a := realAccount(t)
			var watcher *Client
			return &uploadtest.Site{Account: a, Received: func() []uploadtest.Photo {
				if watcher == nil {
					watcher = clientFor(t, a)
				}
				return receivedOf(t, watcher)
			}}
		},
	})
}
