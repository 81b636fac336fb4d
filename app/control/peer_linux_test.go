package control

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyTheOwnerAndRootAreAllowed(t *testing.T) {
	me := uint32(os.Geteuid())
	for _, tt := range []struct {
		uid  uint32
		want bool
	}{{me, true}, {0, true}, {me + 1, false}, {65534, me == 65534}} {
		if got := allowed(tt.uid) == nil; got != tt.want {
			t.Errorf("allowed(%d) = %v, want %v", tt.uid, got, tt.want)
		}
	}
}

func TestThePeerOfAConnectionIsKnown(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := checkPeer(c); err != nil {
		t.Error(err)
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if checkPeer(a) == nil {
		t.Error("a connection without a peer was accepted")
	}
}

func TestAFolderOfSomebodyElseIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if ownedAlone(dir) == nil {
		t.Error("a folder that others may read was accepted")
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := ownedAlone(dir); err != nil {
		t.Error(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if ownedAlone(link) == nil {
		t.Error("a symbolic link was accepted")
	}
}
