package ipernity

import (
	"bytes"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The kinds of documents [D11].
const (
	mediaPhoto = "photo"
	mediaVideo = "video"
	mediaAudio = "audio"
	mediaOther = "other"
)

// kind is what a file is.
type kind struct {
	media string
	ext   string
	// broken says that it was sent as a photo and cannot be one: its processing fails.
	broken bool
}

// magics are the first bytes of files, at an offset. Which files the service knows is
// not published; photos and most raw formats were seen to work [C1].
var magics = []struct {
	at    int
	bytes string
	kind  kind
}{
	{0, "\xff\xd8\xff", kind{media: mediaPhoto, ext: "jpg"}},
	{0, "\x89PNG\r\n\x1a\n", kind{media: mediaPhoto, ext: "png"}},
	{0, "GIF8", kind{media: mediaPhoto, ext: "gif"}},
	{8, "WEBP", kind{media: mediaPhoto, ext: "webp"}},
	{0, "II*\x00", kind{media: mediaPhoto, ext: "tif"}},
	{0, "MM\x00*", kind{media: mediaPhoto, ext: "tif"}},
	{0, "IIRO", kind{media: mediaPhoto, ext: "orf"}},
	{0, "IIRS", kind{media: mediaPhoto, ext: "orf"}},
	{0, "MMOR", kind{media: mediaPhoto, ext: "orf"}},
	{0, "IIU\x00", kind{media: mediaPhoto, ext: "rw2"}},
	{0, "FUJIFILM", kind{media: mediaPhoto, ext: "raf"}},
	{0, "FOVb", kind{media: mediaPhoto, ext: "x3f"}},
	{4, "ftypheic", kind{media: mediaPhoto, ext: "heic"}},
	{4, "ftypheix", kind{media: mediaPhoto, ext: "heic"}},
	{4, "ftypmif1", kind{media: mediaPhoto, ext: "heic"}},
	{4, "ftypavif", kind{media: mediaPhoto, ext: "avif"}},
	{4, "ftypcrx ", kind{media: mediaPhoto, ext: "cr3"}},
	{4, "ftypqt", kind{media: mediaVideo, ext: "mov"}},
	{4, "ftyp", kind{media: mediaVideo, ext: "mp4"}},
	{8, "AVI ", kind{media: mediaVideo, ext: "avi"}},
	{0, "\x1a\x45\xdf\xa3", kind{media: mediaVideo, ext: "mkv"}},
	{0, "ID3", kind{media: mediaAudio, ext: "mp3"}},
	{0, "\xff\xfb", kind{media: mediaAudio, ext: "mp3"}},
	{8, "WAVE", kind{media: mediaAudio, ext: "wav"}},
}

var (
	photoName = regexp.MustCompile(`(?i)\.(jpe?g|png|gif|webp|tiff?|heic|heif|avif|dng|cr2|cr3|nef|arw|orf|rw2|raf|pef|srw)$`)
	safeExt   = regexp.MustCompile(`^\.[a-z0-9]{1,8}$`)
)

// sniff tells what a file is from its first bytes, since its name may be made up [C1].
// What looks like nothing is a document of kind other; if it was sent as a photo, its
// processing fails [CHOICE].
func sniff(in *intake) kind {
	for _, m := range magics {
		if len(in.head) >= m.at && bytes.HasPrefix(in.head[m.at:], []byte(m.bytes)) {
			return m.kind
		}
	}
	ext := strings.ToLower(filepath.Ext(in.name))
	k := kind{media: mediaOther, ext: "bin"}
	if safeExt.MatchString(ext) {
		k.ext = ext[1:]
	}
	if strings.HasPrefix(in.kind, "image/") || photoName.MatchString(in.name) {
		k.media, k.broken = mediaPhoto, true
	}
	return k
}

// dimensions reads the size of a picture, 0 if its format is not one of ours.
func (st *store) dimensions(in *intake) (width, height int) {
	f, err := os.Open(st.incoming(in.temp))
	if err != nil {
		return 0, 0
	}
	defer f.Close() // only read
	cfg, _, err := image.DecodeConfig(f)
	if err != nil {
		return 0, 0
	}
	return cfg.Width, cfg.Height
}
