package cards

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// machine is a top folder with what the kernel and udev would tell.
type machine struct {
	System
	t     *testing.T
	lines []string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	m := &machine{System: System{Top: top}, t: t}
	m.mounted()
	return m
}

// write makes a file and the folders that it is in.
func (m *machine) write(path, text string) {
	m.t.Helper()
	must(m.t, os.MkdirAll(filepath.Dir(m.Top+path), 0o755))
	must(m.t, os.WriteFile(m.Top+path, []byte(text), 0o644))
}

func (m *machine) link(path, to string) {
	m.t.Helper()
	must(m.t, os.MkdirAll(filepath.Dir(m.Top+path), 0o755))
	must(m.t, os.Symlink(to, m.Top+path))
}

// mounted sets what is mounted, as lines of /proc/self/mountinfo.
func (m *machine) mounted(lines ...string) {
	m.t.Helper()
	m.lines = lines
	all := append([]string{
		"22 27 0:21 / /proc rw,relatime - proc proc rw",
		"27 1 8:1 / / rw,relatime shared:1 master:2 - ext4 /dev/sda1 rw,discard",
		"40 27 0:44 / /mnt/share rw - nfs4 server:/photos rw",
	}, lines...)
	m.write("/proc/self/mountinfo.new", strings.Join(all, "\n")+"\n")
	must(m.t, os.Rename(m.Top+"/proc/self/mountinfo.new", m.Top+"/proc/self/mountinfo"))
}

// disk is a disk with one partition, for udev and the kernel.
func (m *machine) disk(name string, number int, removable bool, uuid, label string) {
	m.t.Helper()
	dir := fmt.Sprintf("/sys/devices/pci/usb/block/%s", name)
	flag := "0\n"
	if removable {
		flag = "1\n"
	}
	m.write(dir+"/removable", flag)
	m.write(dir+"/"+name+"1/partition", "1\n")
	m.link(fmt.Sprintf("/sys/dev/block/8:%d", number), fmt.Sprintf("../../devices/pci/usb/block/%s/%s1", name, name))
	m.link(fmt.Sprintf("/sys/dev/block/8:%d", number-1), "../../devices/pci/usb/block/"+name)
	m.write("/dev/"+name+"1", "")
	if uuid != "" {
		m.link("/dev/disk/by-uuid/"+uuid, "../../"+name+"1")
	}
	if label != "" {
		m.link("/dev/disk/by-label/"+label, "../../"+name+"1")
	}
}

func line(id, number int, point, source string) string {
	return fmt.Sprintf("%d 27 8:%d / %s rw,nosuid,nodev shared:9 - vfat %s rw,errors=remount-ro", id, number, point, source)
}

// card is a machine with one card in it.
func (m *machine) card() Card {
	m.t.Helper()
	m.disk("sdb", 17, true, "1234-ABCD", "EOS_DIGITAL")
	m.write("/media/u/EOS/DCIM/100CANON/IMG_0001.JPG", "one")
	m.mounted(line(50, 17, "/media/u/EOS", "/dev/sdb1"))
	all, err := m.mounts()
	must(m.t, err)
	c, ok := m.identify(all[len(all)-1])
	if !ok {
		m.t.Fatal("not a card")
	}
	return c
}

func TestParseMount(t *testing.T) {
	for _, tt := range []struct {
		line string
		want mount
		ok   bool
	}{
		{
			`36 35 8:17 / /media/u/EOS\040DIGITAL rw,nosuid - vfat /dev/sdb1 rw,errors=continue`,
			mount{id: "36", device: "8:17", root: "/", point: "/media/u/EOS DIGITAL", source: "/dev/sdb1"}, true,
		},
		{
			`36 35 8:17 /sub\011dir /m/a\134b\012c\043 ro,nosuid shared:1 master:2 propagate_from:3 - fuseblk /dev/disk/by-label/A\040B rw`,
			mount{id: "36", device: "8:17", root: "/sub\tdir", point: "/m/a\\b\nc#", source: "/dev/disk/by-label/A B", readOnly: true}, true,
		},
		{
			`36 35 8:17 / /m rw - vfat /dev/sdb1 ro`,
			mount{id: "36", device: "8:17", root: "/", point: "/m", source: "/dev/sdb1", readOnly: true}, true,
		},
		{
			`36 35 8:17 / /m/\303\244\999\04 rw,error=ro - vfat /dev/sdb1`,
			mount{id: "36", device: "8:17", root: "/", point: `/m/ä\999\04`, source: "/dev/sdb1"}, true,
		},
		{`36 35 8:17 / /m rw - vfat`, mount{}, false},
		{`36 35 8:17 / /m - vfat /dev/sdb1 rw`, mount{}, false},
		{`36 35 8:17 / /m rw vfat /dev/sdb1 rw`, mount{}, false},
		{`36 35 8:17 / relative rw - vfat /dev/sdb1 rw`, mount{}, false},
		{``, mount{}, false},
	} {
		got, ok := parseMount(tt.line)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s\n%+v, %v", tt.line, got, ok)
		}
	}
}

func FuzzParseMount(f *testing.F) {
	f.Add(`36 35 8:17 / /media/u/EOS\040DIGITAL rw,nosuid - vfat /dev/sdb1 rw,errors=continue`)
	f.Fuzz(func(t *testing.T, s string) {
		if m, ok := parseMount(s); ok && !strings.HasPrefix(m.point, "/") {
			t.Errorf("%q is mounted at %q", s, m.point)
		}
		_ = decodeUdev(s)
		if r := []rune(oneLine(s)); len(r) > 41 {
			t.Errorf("a name of %d letters", len(r))
		}
	})
}

func TestWhichMountsMayBeCards(t *testing.T) {
	m := newMachine(t)
	m.disk("sdb", 17, true, "", "")
	m.disk("sdc", 33, false, "", "")
	m.write("/sys/devices/mmc/block/mmcblk0/removable", "0\n")
	m.write("/sys/devices/mmc/block/mmcblk0/device/type", "SD\n")
	m.write("/sys/devices/mmc/block/mmcblk0/mmcblk0p1/partition", "1\n")
	m.link("/sys/dev/block/179:1", "../../devices/mmc/block/mmcblk0/mmcblk0p1")
	m.write("/sys/devices/mmc/block/mmcblk1/removable", "0\n")
	m.write("/sys/devices/mmc/block/mmcblk1/device/type", "MMC\n")
	m.link("/sys/dev/block/179:8", "../../devices/mmc/block/mmcblk1")
	for _, tt := range []struct {
		name                        string
		device, root, point, source string
		want                        bool
	}{
		{"where the desktop mounts them", "8:33", "/", "/media/u/EOS", "/dev/sdc1", true},
		{"where others do", "8:33", "/", "/run/media/u/EOS", "/dev/sdc1", true},
		{"by hand", "8:33", "/", "/mnt", "/dev/sdc1", true},
		{"elsewhere, on a removable disk", "8:17", "/", "/home/u/card", "/dev/sdb1", true},
		{"elsewhere, on a removable disk without partitions", "8:16", "/", "/home/u/card", "/dev/sdb", true},
		{"elsewhere, in a slot for cards", "179:1", "/", "/home/u/card", "/dev/mmcblk0p1", true},
		{"elsewhere, on a chip that is soldered in", "179:8", "/", "/home", "/dev/mmcblk1", false},
		{"elsewhere, on a disk", "8:33", "/", "/home", "/dev/sdc1", false},
		{"a name that only begins like it", "8:33", "/", "/mediathek/x", "/dev/sdc1", false},
		{"the system on a card", "179:1", "/", "/", "/dev/mmcblk0p1", false},
		{"a part of it shown elsewhere", "8:17", "/DCIM", "/media/u/EOS", "/dev/sdb1", false},
		{"a share", "0:44", "/", "/media/u/share", "server:/photos", false},
		{"memory", "0:45", "/", "/media/u", "tmpfs", false},
		{"a number that is a path", "../../..", "/", "/home", "/dev/sdc1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := m.mayBeCard(mount{device: tt.device, root: tt.root, point: tt.point, source: tt.source}); got != tt.want {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestWhatACardIsCalled(t *testing.T) {
	for _, tt := range []struct {
		label   string
		folders []string
		want    string
	}{
		{"EOS_DIGITAL", []string{"100CANON"}, "EOS_DIGITAL"},
		{"", []string{"100CANON"}, "CANON"},
		{"NO NAME", []string{"100CANON"}, "CANON"},
		{"Untitled", []string{"100_PANA"}, "PANA"},
		{"", []string{"Camera", "101MSDCF"}, "MSDCF"},
		{"", []string{"100"}, ""},
		{"", []string{"Camera", "2024"}, ""},
		{"", nil, ""},
		{"Oma\n\x1b[31m", nil, "Oma [31m"},
		{strings.Repeat("ü", 100), nil, strings.Repeat("ü", 40) + "…"},
		{"", []string{"100\x1b\x07AB"}, "AB"},
	} {
		if got := nameOf(tt.label, tt.folders); got != tt.want {
			t.Errorf("%q %q: %q, want %q", tt.label, tt.folders, got, tt.want)
		}
	}
}

func TestIdentity(t *testing.T) {
	m := newMachine(t)
	m.disk("sdb", 17, true, "1234-ABCD", `My\x20Card\x21`)
	m.disk("sdc", 33, true, "", "LABEL")
	m.disk("sdd", 49, true, "", "LABEL2")
	m.disk("sde", 65, true, "0000-0000", "")
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		m.write("/media/"+name+"/DCIM/100CANON/x", "")
	}
	m.write("/media/e/DCIM/101CANON/x", "")
	id := func(point, source string) Card {
		c, ok := m.identify(mount{point: point, source: source, root: "/"})
		if !ok {
			t.Fatalf("%s is no card", point)
		}
		return c
	}
	if c := id("/media/a", "/dev/sdb1"); c.ID != "uuid-1234-ABCD" || c.Name != "My Card!" || c.Device != "/dev/sdb1" || c.Root != m.Top+"/media/a" {
		t.Errorf("%+v", c)
	}
	m.link("/dev/mapper/card", "../sdb1")
	if c := id("/media/a", "/dev/mapper/card"); c.ID != "uuid-1234-ABCD" {
		t.Errorf("under another name: %+v", c)
	}
	one, same, other, folders := id("/media/b", "/dev/sdc1"), id("/media/c", "/dev/sdc1"), id("/media/b", "/dev/sdd1"), id("/media/d", "/dev/sde1")
	if !strings.HasPrefix(one.ID, "look-") || one.ID != same.ID {
		t.Errorf("the same card elsewhere: %q and %q", one.ID, same.ID)
	}
	if one.ID == other.ID {
		t.Error("another label is the same card")
	}
	if !strings.HasPrefix(folders.ID, "look-") {
		t.Errorf("a number of zeros is taken for one: %q", folders.ID)
	}
	if more := id("/media/e", "/dev/sde1"); more.ID == folders.ID {
		t.Error("other folders are the same card")
	}
}

func TestWhatIsNoCard(t *testing.T) {
	m := newMachine(t)
	m.write("/media/file/DCIM", "")
	m.write("/media/empty/x", "")
	m.write("/elsewhere/DCIM/x", "")
	m.link("/media/link/DCIM", m.Top+"/elsewhere/DCIM")
	m.link("/media/inner/DCIM", "real")
	m.write("/media/inner/real/x", "")
	m.write("/media/deep/below/DCIM/x", "")
	for _, name := range []string{"file", "empty", "link", "inner", "deep", "missing"} {
		if c, ok := m.identify(mount{point: "/media/" + name, source: "/dev/sdb1", root: "/"}); ok {
			t.Errorf("%s: %+v", name, c)
		}
	}
	m.write("/media/lower/dcim/x", "")
	if _, ok := m.identify(mount{point: "/media/lower", source: "/dev/sdb1", root: "/"}); !ok {
		t.Error("dcim in small letters is no card")
	}
}

// watching follows a machine. look makes it look again and returns what it has
// seen then.
func watching(t *testing.T, m *machine) (look func() []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	again, looked, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var events []string
	go func() {
		ended <- m.follow(ctx, func(ctx context.Context) error {
			looked <- struct{}{}
			select {
			case <-again:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}, func(e Event) {
			what := "come"
			if e.Gone {
				what = "gone"
			}
			if e.Card.AtStart {
				what += " at start"
			}
			events = append(events, e.Card.Name+" "+what)
		})
	}()
	t.Cleanup(func() {
		cancel()
		must(t, <-ended)
	})
	first := true
	return func() []string {
		t.Helper()
		if !first {
			again <- struct{}{}
		}
		first = false
		select {
		case <-looked:
		case err := <-ended:
			ended <- nil
			t.Fatalf("ended: %v", err)
		case <-time.After(10 * time.Second):
			t.Fatal("did not look within ten seconds")
		}
		defer func() { events = nil }()
		return events
	}
}

func TestCardsThatComeAndGo(t *testing.T) {
	m := newMachine(t)
	m.disk("sdb", 17, true, "1234-ABCD", "EOS")
	m.disk("sdc", 33, true, "5678-ABCD", "LUMIX")
	m.write("/media/u/EOS/DCIM/100CANON/x", "")
	m.write("/media/u/LUMIX/DCIM/100_PANA/x", "")
	m.write("/media/u/STICK/films/x", "")
	eos, lumix := line(50, 17, "/media/u/EOS", "/dev/sdb1"), line(51, 33, "/media/u/LUMIX", "/dev/sdc1")
	stick := line(52, 49, "/media/u/STICK", "/dev/sdd1")
	m.mounted(eos)
	look := watching(t, m)
	for _, step := range []struct {
		name   string
		mounts []string
		want   string
	}{
		{"in at the start", []string{eos}, "EOS come at start"},
		{"nothing new", []string{eos}, ""},
		{"a second one", []string{eos, lumix}, "LUMIX come"},
		{"a stick without photos", []string{eos, lumix, stick}, ""},
		{"the first is gone", []string{lumix, stick}, "EOS gone at start"},
		{"and comes again", []string{lumix, eos}, "EOS come"},
		{"an error makes it read-only", []string{lumix, strings.Replace(eos, "rw,nosuid", "ro,nosuid", 1)}, ""},
		{"shown in a second place", []string{lumix, eos, line(60, 17, "/mnt/second", "/dev/sdb1")}, ""},
		{"hidden under something else", []string{lumix, eos, "61 27 0:50 / /media/u/EOS rw - tmpfs tmpfs rw"}, "EOS gone"},
		{"pulled out and put in between two looks", []string{strings.Replace(lumix, "51 ", "70 ", 1)}, "LUMIX gone, LUMIX come"},
		{"all are gone", nil, "LUMIX gone"},
	} {
		m.mounted(step.mounts...)
		if got := strings.Join(look(), ", "); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
}

func TestWatchFailsWithoutTheKernelsList(t *testing.T) {
	s := System{Top: t.TempDir()}
	if err := s.follow(t.Context(), nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- here.Watch(ctx, func(Event) {}) }()
	cancel()
	select {
	case err := <-ended:
		must(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("goes on after ten seconds")
	}
}
