package app

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/queue"
)

func TestAlbumOf(t *testing.T) {
	taken := time.Date(2024, 7, 3, 23, 59, 0, 0, time.UTC)
	touched := time.Date(2026, 1, 2, 12, 0, 0, 0, time.Local)
	meta := photo.Meta{Taken: taken, Model: "EOS R6 / Mark II"}
	path := filepath.FromSlash("/photos/Import/2024/Fähre & Meer/IMG_1.v2.JPG")
	for _, tt := range []struct {
		album, folder string
		meta          photo.Meta
		want          string
	}{
		{"", "/photos/Import", meta, ""},
		{"Holiday", "/photos/Import", meta, "Holiday"},
		{" / Holiday //  Sea\t side/", "", meta, "Holiday/Sea side"},
		{"{folder}", "/photos/Import", meta, "Fähre & Meer"},
		{"{parent}", "/photos/Import", meta, "2024"},
		{"Trips/{path}", "/photos/Import", meta, "Trips/2024/Fähre & Meer"},
		{"Trips/{path}", "/photos/Import/2024/Fähre & Meer", meta, "Trips"},
		{"{path}", "", meta, "Fähre & Meer"},
		{"{date:2006/01}/{date}", "/photos", meta, "2024/07/2024-07-03"},
		{"{year}", "/photos", photo.Meta{}, "2026"},
		{"{camera}", "/photos", meta, "EOS R6 - Mark II"},
		{"{camera}", "/photos", photo.Meta{}, ""},
		{"{name}", "/photos", meta, "IMG_1.v2"},
		{"a\x00b/\xff", "/photos", meta, "ab/_"},
	} {
		job := queue.Job{Request: queue.Request{Path: path, Folder: filepath.FromSlash(tt.folder), Album: tt.album, ModTime: touched}}
		if got := albumOf(job, tt.meta); got != tt.want {
			t.Errorf("%q below %q is %q, want %q", tt.album, tt.folder, got, tt.want)
		}
	}
}
