package watcher

// DefaultInclude are the patterns of a Root without Include: photos, raw photos and videos by their extension.
var DefaultInclude = []string{
	"*.jpg", "*.jpeg", "*.jpe", "*.jfif", "*.png", "*.gif", "*.webp", "*.heic", "*.heif", "*.hif", "*.avif", "*.jxl",
	"*.tif", "*.tiff", "*.bmp",
	"*.3fr", "*.arw", "*.cr2", "*.cr3", "*.crw", "*.dcr", "*.dng", "*.erf", "*.gpr", "*.iiq", "*.kdc", "*.mef", "*.mos",
	"*.mrw", "*.nef", "*.nrw", "*.orf", "*.pef", "*.raf", "*.raw", "*.rw2", "*.rwl", "*.sr2", "*.srf", "*.srw", "*.x3f",
	"*.3g2", "*.3gp", "*.avi", "*.m2ts", "*.m4v", "*.mkv", "*.mov", "*.mp4", "*.mpeg", "*.mpg", "*.mts", "*.webm",
	"*.wmv",
}

// DefaultExclude are the patterns that every Root refuses, below its own path: hidden names, what network storage and
// photo programs keep beside the photos, and the names under which copying programs write before they rename.
var DefaultExclude = []string{
	".*", // hidden, .Trash-1000, ._resource, rsync's .IMG.jpg.XXXXXX, .thumbnails
	"@eaDir", "@__thumb", "@Recycle", "@Recently-Snapshot", "@tmp", "#recycle", "#snapshot", "$RECYCLE.BIN",
	"System Volume Information", "RECYCLER", "lost+found", "Network Trash Folder", "Temporary Items",
	"Thumbs.db", "ehthumbs.db", "desktop.ini", "__MACOSX", "*.lrdata", "*.photoslibrary/",
	"*.part", "*.partial", "*.tmp", "*.temp", "*.crdownload", "*.download", "*.filepart", "*.!ut", "*~",
	"*_exiftool_tmp", "*_original", "tmpfile??????", "~$*", "*.sync-conflict-tmp", "~syncthing~*",
}
