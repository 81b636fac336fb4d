package universal

import (
	"errors"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/universal"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func TestVerify(t *testing.T) {
	b := startServer(t, emulator.Options{HidePending: true})
	c := b.client()
	hidden := send(t, c, "")
	if hidden.Verified != verifiedPending || hidden.URL == "" {
		t.Errorf("%+v", hidden)
	}
	verify := func(pid string) (upload.Receipt, error) {
		return c.Verify(t.Context(), uploadtest.Item("a.jpg", 2000), pid)
	}
	if _, err := verify(hidden.RemoteID); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a pending photo: %v", err)
	}
	b.configure(func(o *emulator.Options) { o.PhotoUpload = true })
	shown := send(t, c, "")
	if shown.Verified != verifiedShown {
		t.Errorf("%+v", shown)
	}
	if r, err := verify(shown.RemoteID); err != nil || r.RemoteID != shown.RemoteID || r.Verified == "" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := verify(hidden.RemoteID); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a pending photo on a site that shows others: %v", err)
	}
	if err := b.ApprovePhotos(); err != nil {
		t.Fatal(err)
	}
	if _, err := verify(hidden.RemoteID); err != nil {
		t.Errorf("an approved photo: %v", err)
	}

	b = startServer(t, emulator.Options{})
	c = b.client()
	r := send(t, c, "")
	if err := b.DeletePhoto(r.RemoteID); err != nil {
		t.Fatal(err)
	}
	if _, err := verify(r.RemoteID); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("a deleted photo: %v", err)
	}
	b.ExpireSessions()
	if _, err := verify(r.RemoteID); upload.KindOf(err) != upload.Denied {
		t.Errorf("a session that ended: %v", err)
	}
}
