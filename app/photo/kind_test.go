package photo_test

import (
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
)

// ftyp is the first box of an ISO base media file; brands are the major one
// and, after the version, the compatible ones.
func ftyp(brands ...string) string {
	rest := strings.Join(brands[1:], "")
	return "\x00\x00\x00" + string(rune(16+len(rest))) + "ftyp" + brands[0] + "\x00\x00\x02\x00" + rest + "\x00\x00\x01\x00meta"
}

func TestSniff(t *testing.T) {
	const littleTIFF, bigTIFF = "II*\x00\x08\x00\x00\x00\x10\x00\xfe\x00", "MM\x00*\x00\x00\x00\x08\x00\x10\x00\xfe"
	for _, tt := range []struct {
		what, head, name string
		want             photo.Kind
	}{
		{"JPEG with JFIF", "\xff\xd8\xff\xe0\x00\x10JFIF", "a.jpg", photo.JPEG},
		{"JPEG with EXIF", "\xff\xd8\xff\xe1", "a.JPG", photo.JPEG},
		{"JPEG named as something else", "\xff\xd8\xff\xdb", "a.nef", photo.JPEG},
		{"PNG", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "", photo.PNG},
		{"PNG spoiled by text mode", "\x89PNG\n\x1a\n\x00\x00\x00\rIHDR", "a.png", photo.Unknown},
		{"GIF 87", "GIF87a\x01\x00", "", photo.GIF},
		{"GIF 89", "GIF89a\x01\x00", "", photo.GIF},
		{"WebP", "RIFF\x10\x00\x00\x00WEBPVP8 ", "", photo.WebP},
		{"RIFF sound", "RIFF\x10\x00\x00\x00WAVEfmt ", "a.webp", photo.Unknown},

		{"TIFF, Intel", littleTIFF, "scan.tif", photo.TIFF},
		{"TIFF, Motorola", bigTIFF, "scan.TIFF", photo.TIFF},
		{"TIFF without a name", littleTIFF, "", photo.TIFF},
		{"BigTIFF", "II+\x00\x08\x00\x00\x00", "scan.tif", photo.Unknown},
		{"NEF", bigTIFF, "DSC_0001.NEF", photo.RAW},
		{"ARW", littleTIFF, "/photos/DSC1.arw", photo.RAW},
		{"DNG", littleTIFF, `C:\photos\L1.DNG`, photo.RAW},
		{"PEF", bigTIFF, "IMGP1.pef", photo.RAW},
		{"CR2 by its magic", "II*\x00\x10\x00\x00\x00CR\x02\x00", "renamed.tif", photo.RAW},
		{"ORF", "IIRO\x08\x00\x00\x00", "", photo.RAW},
		{"ORF of an older camera", "IIRS\x08\x00\x00\x00", "", photo.RAW},
		{"ORF, Motorola", "MMOR\x00\x00\x00\x08", "", photo.RAW},
		{"RW2", "IIU\x00\x18\x00\x00\x00", "", photo.RAW},
		{"RAF", "FUJIFILMCCD-RAW 0201", "", photo.RAW},
		{"CR3", ftyp("crx ", "crx ", "isom"), "", photo.RAW},

		{"HEIC of an iPhone", ftyp("heic", "mif1", "MiHE", "MiPr", "miaf", "MiHB", "heic"), "", photo.HEIC},
		{"HEIC burst", ftyp("hevc", "msf1", "hevc"), "", photo.HEIC},
		{"HEIC with 10 bits", ftyp("heix", "mif1"), "", photo.HEIC},
		{"HEIF with a HEIC brand", ftyp("mif1", "mif1", "heic"), "", photo.HEIC},
		{"HEIF with an AVIF brand", ftyp("mif1", "mif1", "miaf", "avif"), "", photo.AVIF},
		{"HEIF with none", ftyp("mif1", "mif1"), "", photo.HEIC},
		{"HEIF that is also MP4", ftyp("msf1", "isom", "heic"), "", photo.HEIC},
		{"AVIF", ftyp("avif", "mif1", "miaf"), "", photo.AVIF},
		{"AVIF film", ftyp("avis", "avif", "msf1", "iso8"), "", photo.AVIF},

		{"MP4", ftyp("isom", "iso2", "avc1", "mp41"), "", photo.MP4},
		{"MP4 of a phone", ftyp("mp42", "isom", "mp42"), "", photo.MP4},
		{"MP4 of a Sony camera", ftyp("XAVC", "mp42", "iso2"), "", photo.MP4},
		{"MP4 by its compatible brand", ftyp("GoPr", "mp41"), "", photo.MP4},
		{"3GP", ftyp("3gp4", "isom"), "", photo.MP4},
		{"M4V", ftyp("M4V ", "mp42"), "", photo.MP4},
		{"MOV", ftyp("qt  ", "qt  "), "", photo.MOV},
		{"MOV from before ftyp", "\x00\x00\x10\x00moov\x00\x00\x00\x6cmvhd", "", photo.MOV},
		{"MOV with a placeholder first", "\x00\x00\x00\x08wide\x00\x01\x00\x00mdat", "", photo.MOV},
		{"MOV of more than 4 GB", "\x00\x00\x00\x01mdat\x00\x00\x00\x01\x00\x00\x00\x00", "", photo.MOV},
		{"sound in an MP4", ftyp("M4A ", "mp42", "isom"), "a.m4a", photo.Unknown},
		{"JPEG 2000", ftyp("jp2 ", "jp2 "), "", photo.Unknown},
		{"JPEG XL", "\x00\x00\x00\x0cJXL \r\n\x87\n", "", photo.Unknown},
		{"a brand nobody knows", ftyp("zzzz", "yyyy"), "", photo.Unknown},
		{"a brand list that claims to be short", "\x00\x00\x00\x08ftypheic\x00\x00\x00\x00", "", photo.Unknown},

		{"text", "This is free of any picture", "a.jpg", photo.Unknown},
		{"text that talks of films", "are free moov mdat", "", photo.Unknown},
		{"HTML", "<!DOCTYPE html><html><head>", "a.jpg", photo.Unknown},
		{"zeros", strings.Repeat("\x00", photo.SniffLen), "a.jpg", photo.Unknown},
		{"nothing", "", "a.jpg", photo.Unknown},
		{"two bytes of a JPEG", "\xff\xd8", "a.jpg", photo.Unknown},
		{"four bytes of a TIFF", "II*\x00", "a.nef", photo.Unknown},
		{"four bytes of a WebP", "RIFF", "a.webp", photo.Unknown},
		{"eight bytes of a film", "\x00\x00\x00\x18ftyp", "a.mp4", photo.Unknown},
	} {
		if got := photo.Sniff([]byte(tt.head), tt.name); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.what, got, tt.want)
		}
	}
}

func TestKindsHaveNamesTypesAndExtensions(t *testing.T) {
	for k := photo.Unknown; k <= photo.MOV; k++ {
		if photo.ParseKind(k.String()) != k || photo.ParseKind(strings.ToUpper(k.String())) != k {
			t.Errorf("%v does not survive its name", k)
		}
		text, err := k.MarshalText()
		var back photo.Kind
		if err != nil || back.UnmarshalText(text) != nil || back != k {
			t.Errorf("%v does not survive text %q", k, text)
		}
		major, _, _ := strings.Cut(k.MIME(), "/")
		if want := map[bool]string{true: "video", false: "image"}[k.Video()]; k != photo.Unknown && major != want {
			t.Errorf("%v: type %q, want %s", k, k.MIME(), want)
		}
		if k != photo.Unknown && !strings.HasPrefix(k.Ext(), ".") {
			t.Errorf("%v: extension %q", k, k.Ext())
		}
	}
	if k := photo.Kind(200); k.String() != "unknown" || k.MIME() != "application/octet-stream" || k.Ext() != "" {
		t.Errorf("a kind out of range is %v %q %q", k, k.MIME(), k.Ext())
	}
	if k := photo.ParseKind("jpg"); k != photo.Unknown {
		t.Errorf("jpg is no name, but gave %v", k)
	}
}
