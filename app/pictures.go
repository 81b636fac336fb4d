package app

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/adrg/xdg"
)

// PictureFolders finds folders that people keep photos in: the desktop's folder
// for pictures, and those that cameras and phones make. It may find none.
func PictureFolders() []string { return pictureFolders(xdg.Home, xdg.UserDirs.Pictures) }

const (
	cameraFolder = "DCIM"
	// maxLooked bounds how many folders are looked into for one that a camera
	// made.
	maxLooked = 200
)

func pictureFolders(home, pictures string) []string {
	var found []string
	add := func(path string) {
		path = filepath.Clean(path)
		// A desktop without a folder for pictures names the home itself.
		if fi, err := os.Stat(path); err == nil && fi.IsDir() && path != filepath.Clean(home) && !slices.Contains(found, path) {
			found = append(found, path)
		}
	}
	if pictures != "" {
		add(pictures)
	}
	for _, at := range found {
		add(filepath.Join(at, cameraFolder))
		d, err := os.Open(at)
		if err != nil {
			continue
		}
		inside, _ := d.ReadDir(maxLooked) // what could be read is enough
		_ = d.Close()
		for _, e := range inside {
			if e.IsDir() {
				add(filepath.Join(at, e.Name(), cameraFolder))
			}
		}
	}
	if home != "" {
		add(filepath.Join(home, cameraFolder))
	}
	return found
}
