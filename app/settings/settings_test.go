package settings

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// services is a table as package app has one.
var services = map[string][]string{
	"picapport": {"apikey"},
	"ipernity":  {"api_key", "album"},
	"plain":     nil,
}

const goodID = "abcdefghijklmnopqrstuvwxyz"

func write(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "settings.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const complete = `
[general]
parallel = 5
bandwidth = "1.5 MB"
rescan_every = "90s"
notifications = false
theme = "dark"
language = "fr"
quiet_hours = "22:00-07:00"
metered = true
battery_below = 101
log_level = "debug"

[[account]]
id = "abcdefghijklmnopqrstuvwxyz"
name = "Zuhause"
service = "picapport"
url = "https://photos.example.org:8443/app"
user = "änne"
options = { apikey = "x y" }
fingerprint = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99"

[[account]]
id = "b"
name = "club"
service = "ipernity"
url = "http://192.168.1.2"
[account.options]
api_key = "k"

[[folder]]
path = "/photos/./import/"
accounts = [ "Zuhause",
             "club" ] # both
everything = true
sync_check = false
flat = true
album = "{year}/{date:01}"
title = "{name}"
tags = ["a", "{year}"]
edited = "ignore"
unsupported = "skip"
pairs = "raw"
cool = "10m"
include = ["**/*.jpg"]
exclude = ["export/**", "*.{tmp,part}"]

[[folder]]
path = "/photos/import/sub dir"
accounts = ["club"]

[[event]]
name = "Wedding"
from = 2026-05-01T12:00:00Z
to = 2026-05-01T23:00:00Z
title = "Anna & Ben"
description = "one\ntwo"
tags = ["wedding"]
album = "2026/Wedding"

[[camera]]
model = "FUJIFILM X100V"
add = "-1h"
`

func TestLoadReadsEveryKey(t *testing.T) {
	t.Parallel()
	got, err := Load(write(t, complete), services)
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{
		General: General{Parallel: 5, Bandwidth: 1_500_000, RescanEvery: Duration(90 * time.Second), Theme: "dark", Language: "fr",
			QuietHours: "22:00-07:00", Metered: true, BatteryBelow: 101, LogLevel: "debug"},
		Accounts: []Account{
			{ID: goodID, Name: "Zuhause", Service: "picapport", URL: "https://photos.example.org:8443/app", User: "änne", Options: map[string]string{"apikey": "x y"},
				Fingerprint: strings.Repeat("aabbccddeeff00112233445566778899", 2)},
			{ID: "b", Name: "club", Service: "ipernity", URL: "http://192.168.1.2", Options: map[string]string{"api_key": "k"}},
		},
		Folders: []Folder{
			{Path: "/photos/import", Accounts: []string{"Zuhause", "club"}, Everything: true, Flat: true, Album: "{year}/{date:01}",
				Title: "{name}", Tags: []string{"a", "{year}"}, Edited: EditedIgnore, Unsupported: UnsupportedSkip, Pairs: PairsRaw, Cool: Duration(10 * time.Minute), Include: []string{"**/*.jpg"}, Exclude: []string{"export/**", "*.{tmp,part}"}},
			{Path: "/photos/import/sub dir", Accounts: []string{"club"}, SyncCheck: true},
		},
		Events: []Event{{Name: "Wedding", From: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), To: time.Date(2026, 5, 1, 23, 0, 0, 0, time.UTC),
			Title: "Anna & Ben", Description: "one\ntwo", Tags: []string{"wedding"}, Album: "2026/Wedding"}},
		Cameras: []Camera{{Model: "FUJIFILM X100V", Add: Duration(-time.Hour)}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLoadOfAMissingOrEmptyFileGivesDefaults(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"missing":       filepath.Join(t.TempDir(), "none", "settings.toml"),
		"empty":         write(t, ""),
		"only comments": write(t, "\ufeff# nothing\r\n"),
	} {
		if got, err := Load(file, services); err != nil || !reflect.DeepEqual(got, Default()) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestLoadExpandsTheHome(t *testing.T) {
	t.Setenv("HOME", "/home/anna")
	account := "[[account]]\nid='b'\nname='a'\nservice='plain'\nurl='http://h'\n"
	s, err := Load(write(t, account+"[[folder]]\npath='~/Pictures/'\naccounts=['a']\n[[folder]]\npath='/other/~'\naccounts=['a']\n"), services)
	if err != nil {
		t.Fatal(err)
	}
	if s.Folders[0].Path != "/home/anna/Pictures" || s.Folders[1].Path != "/other/~" {
		t.Errorf("got %q and %q", s.Folders[0].Path, s.Folders[1].Path)
	}
}

func TestLoadOfAFolderSaysWhatItTriedToOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := Load(dir, nil)
	var invalid *Invalid
	if err == nil || errors.As(err, &invalid) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v", err)
	}
}

func TestLoadRefusesAHugeFile(t *testing.T) {
	t.Parallel()
	_, err := Load(write(t, strings.Repeat("#", maxFile+1)), nil)
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v", err)
	}
}

func TestSavedSettingsAreReadBackAsTheyWere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		want := drawSettings(t)
		file := filepath.Join(dir, "settings.toml")
		if err := Save(file, want); err != nil {
			t.Fatalf("save: %v", err)
		}
		got, err := Load(file, nil)
		if err != nil {
			text, _ := os.ReadFile(file)
			t.Fatalf("load: %v\n%s", err, text)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
		var exported bytes.Buffer
		if err := Export(want, &exported); err != nil {
			t.Fatalf("export: %v", err)
		}
		if got, err = Import(&exported, nil); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("import: %+v, %v", got, err)
		}
	})
}

// drawSettings returns valid settings in normal form.
func drawSettings(t *rapid.T) Settings {
	// Any printable text, with the characters that TOML treats specially.
	text := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune(`'"\#=[]{}.,~ äß漢🎞`)), rapid.RuneFrom([]rune("abcXYZ019"))), 1, 12, -1)
	trimmed := text.Filter(func(s string) bool { return strings.TrimSpace(s) == s })
	s := Settings{General: General{
		Parallel:      rapid.IntRange(1, MaxParallel).Draw(t, "parallel"),
		Bandwidth:     Rate(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(int64(MinRate), int64(MaxRate))).Draw(t, "bandwidth")),
		RescanEvery:   Duration(rapid.Int64Range(int64(MinRescanEvery), int64(MaxRescanEvery)).Draw(t, "rescan")),
		Notifications: rapid.Bool().Draw(t, "notifications"),
		Theme:         rapid.SampledFrom([]string{"system", "light", "dark"}).Draw(t, "theme"),
		Language:      rapid.SampledFrom([]string{"system", "en", "de", "fr"}).Draw(t, "language"),
		QuietHours:    rapid.SampledFrom([]string{"", "22:00-07:00", "Mon-Fri 08:00-17:00, Sun 00:00-24:00"}).Draw(t, "quiet"),
		Metered:       rapid.Bool().Draw(t, "metered"),
		BatteryBelow:  rapid.IntRange(0, MaxBattery).Draw(t, "battery"),
		LogLevel:      rapid.SampledFrom([]string{"warn", "info", "debug"}).Draw(t, "level"),
	}}
	names := rapid.SliceOfNDistinct(trimmed, 0, 4, strings.ToLower).Draw(t, "names")
	for _, name := range names {
		a := Account{ID: NewID(), Name: name, Service: trimmed.Draw(t, "service"), URL: rapid.SampledFrom([]string{"http://h", "https://[::1]:81/a%20b/"}).Draw(t, "url")}
		if rapid.Bool().Draw(t, "more") {
			a.User = trimmed.Draw(t, "user")
			a.Options = rapid.MapOfN(rapid.StringMatching(`[a-z_-]{1,9}`).Filter(func(k string) bool { return !secretLooking(k) }), trimmed, 1, 3).Draw(t, "options")
			a.Strip = rapid.SampledFrom([]string{StripNothing, StripPlace, StripAll}).Draw(t, "strip")
			if a.Strip == StripPlace {
				a.Home = "48.1374, -11.5755, 500"
			}
			a.LongestSide = rapid.SampledFrom([]int{0, MinSide, MaxSide}).Draw(t, "side")
			a.Quality = rapid.IntRange(0, MaxQuality).Draw(t, "quality")
			a.Fingerprint = rapid.StringMatching(`[0-9a-f]{64}`).Draw(t, "fingerprint")
		}
		s.Accounts = append(s.Accounts, a)
	}
	if len(names) == 0 {
		return s
	}
	path := text.Filter(func(s string) bool { return s != "." && s != ".." })
	for _, p := range rapid.SliceOfNDistinct(path, 0, 4, rapid.ID[string]).Draw(t, "folders") {
		f := Folder{
			Path:       "/" + p,
			Accounts:   rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, len(names), rapid.ID[string]).Draw(t, "to"),
			Everything: rapid.Bool().Draw(t, "everything"),
			SyncCheck:  rapid.Bool().Draw(t, "sync"),
			Flat:       rapid.Bool().Draw(t, "flat"),
			Cool:       Duration(rapid.Int64Range(0, int64(MaxCool)).Draw(t, "cool")),
		}
		if rapid.Bool().Draw(t, "rules") {
			f.Album = strings.NewReplacer("{", "{{", "}", "}}").Replace(trimmed.Draw(t, "album"))
			f.Title, f.Tags = f.Album, []string{f.Album, "{year}"}
			f.Unsupported = rapid.SampledFrom([]string{"", UnsupportedConvert, UnsupportedSkip}).Draw(t, "unsupported")
			f.Pairs = rapid.SampledFrom([]string{"", PairsBoth, PairsJPEG, PairsRaw}).Draw(t, "pairs")
			f.Edited = rapid.SampledFrom([]string{"", EditedBoth, EditedReplace, EditedIgnore}).Draw(t, "edited")
			f.Include = []string{"**/*.jpg", "a b/*"}
			f.Exclude = []string{"'\"#"}
		}
		s.Folders = append(s.Folders, f)
	}
	return s
}

func TestSavedFileExplainsEveryKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.toml")
	if err := Save(file, Default()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		_, name, _ := strings.Cut(k.key, ".")
		if !slices.ContainsFunc(strings.Split(string(text), "\n"), func(line string) bool {
			return strings.HasPrefix(strings.TrimLeft(line, "# "), name+" = ")
		}) {
			t.Errorf("the file says nothing about %s", k.key)
		}
	}
}

func TestTheExamplesInTheFileAreValid(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for line := range strings.Lines(accountsHead + foldersHead) {
		if l, ok := strings.CutPrefix(line, "#   "); ok {
			b.WriteString(l)
		}
	}
	text := strings.NewReplacer(`id = "..."`, `id = "a1"`, `fingerprint = "..."`, "").Replace(b.String())
	if _, err := Load(write(t, text), services); err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
}

func TestExportNamesFoldersRelativeToTheHome(t *testing.T) {
	t.Setenv("HOME", "/home/anna")
	s := Default()
	s.Accounts = []Account{{ID: "a", Name: "a", Service: "plain", URL: "http://h"}}
	s.Folders = []Folder{{Path: "/home/anna/Pictures", Accounts: []string{"a"}}, {Path: "/home/annabel", Accounts: []string{"a"}}}
	var b bytes.Buffer
	if err := Export(s, &b); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", "/users/anna")
	got, err := Import(&b, services)
	if err != nil {
		t.Fatal(err)
	}
	if got.Folders[0].Path != "/users/anna/Pictures" || got.Folders[1].Path != "/home/annabel" {
		t.Errorf("got %q and %q", got.Folders[0].Path, got.Folders[1].Path)
	}
}

func TestRatesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want Rate
		back string
	}{
		{"unlimited", 0, "unlimited"},
		{"0", 0, "unlimited"},
		{"2 MB", 2e6, "2 MB"},
		{"500kb", 500e3, "500 KB"},
		{"1.5 MB/s", 1.5e6, "1500 KB"},
		{" 1 MiB ", 1 << 20, "1048576 B"},
		{"3 GB", 3e9, "3 GB"},
	} {
		got, err := ParseRate(tt.text)
		if err != nil || got != tt.want || got.String() != tt.back {
			t.Errorf("%q: got %d (%s), %v", tt.text, got, got, err)
		}
	}
	for _, text := range []string{"", "fast", "-1 MB", "2 MB per day", "99999999999 PB"} {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

func TestDurationsAreWrittenWithoutEmptyTails(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{"0s": 0, "15m": 15 * time.Minute, "1h": time.Hour, "1h30m": 90 * time.Minute, "1m30s": 90 * time.Second, "10s": 10 * time.Second, "1h0m5s": time.Hour + 5*time.Second} {
		if got := Duration(d).String(); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestNewIDsDifferAndAreValid(t *testing.T) {
	t.Parallel()
	a, b := NewID(), NewID()
	if a == b || !validID.MatchString(a) || len(a) != 26 {
		t.Errorf("got %q and %q", a, b)
	}
}

func TestCircle(t *testing.T) {
	t.Parallel()
	c, err := ParseCircle(" 48.1374, 11.5755 ,500 m")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		lat, lon float64
		in       bool
	}{
		{48.1374, 11.5755, true},
		{48.1374 + 0.0044, 11.5755, true},  // 489 m to the north
		{48.1374 + 0.0046, 11.5755, false}, // 511 m
		{48.1374, 11.5755 + 0.0066, true},  // 490 m to the east
		{48.1374, 11.5755 + 0.0069, false}, // 512 m
		{-48.1374, 11.5755, false},
	} {
		if got := c.Contains(p.lat, p.lon); got != p.in {
			t.Errorf("%v, %v: %v", p.lat, p.lon, got)
		}
	}
	if far := (Circle{Lat: 0, Lon: 179.9999, Radius: 100}); !far.Contains(0, -179.9999) {
		t.Error("the date line divides it")
	}
	for _, text := range []string{"", "1,2", "1,2,3,4", "a,2,3", "NaN,2,3", "91,2,3", "1,181,3", "1,2,0", "1,2,1e9"} {
		if c, err := ParseCircle(text); err == nil {
			t.Errorf("%q is %v", text, c)
		}
	}
}
