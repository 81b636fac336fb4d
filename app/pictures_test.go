package app

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFoldersOfPictures(t *testing.T) {
	for _, tt := range []struct {
		name     string
		pictures string // below the home
		make     []string
		want     []string
	}{
		{"none", "Pictures", nil, nil},
		{"the desktop's", "Bilder", []string{"Bilder", "Pictures"}, []string{"Bilder"}},
		{"a camera's in it and beside it", "Pictures", []string{"Pictures/DCIM", "DCIM"}, []string{"Pictures", "Pictures/DCIM", "DCIM"}},
		{"a phone's copy", "Pictures", []string{"Pictures/Phone/DCIM", "Pictures/Trips"}, []string{"Pictures", "Pictures/Phone/DCIM"}},
		{"the home is none", ".", []string{"DCIM"}, []string{"DCIM"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			for _, d := range tt.make {
				if err := os.MkdirAll(filepath.Join(home, d), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(home, "DCIM.txt"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range pictureFolders(home, filepath.Join(home, tt.pictures)) {
				rel, err := filepath.Rel(home, p)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, rel)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}
