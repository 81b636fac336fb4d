package photo

import (
	"encoding/binary"
	"io"
)

// Ending is what the end of a file proves about its writer.
type Ending uint8

const (
	// EndUnknown says that this kind, or this file, has nothing at its end that could
	// prove anything.
	EndUnknown Ending = iota
	// EndMissing says that the proof that this kind has is not there. The file may be
	// growing; or it is complete all the same, as one in ten JPEGs with data
	// after the picture is.
	EndMissing
	// EndPresent says that the file's own structure says that it is all there.
	EndPresent
)

// String returns "unknown", "missing" or "present".
func (e Ending) String() string {
	switch e {
	case EndMissing:
		return "missing"
	case EndPresent:
		return "present"
	}
	return "unknown"
}

const (
	// maxPadding is how many zero bytes after a picture's end are looked through.
	maxPadding = 1 << 20
	// tailLen is the stretch at the end of a file that must not be all zeros
	// where only sizes at the front are to be had: space set aside by
	// preallocation reads as zeros.
	tailLen = 256
)

// End looks for proof that the file of that size is complete, in a few reads:
// JPEG by the end-of-image marker, PNG by the IEND chunk (for both, zero
// padding may follow), GIF by its trailer, WebP by the RIFF size, HEIC, AVIF,
// CR3 and films by the sum of their boxes. TIFF and the other raw formats have
// no end and are EndUnknown, as is what is no image at all.
//
// EndPresent is proof, to be believed when the file has been quiet only
// shortly. EndMissing and EndUnknown are no proof of the contrary.
func End(r io.ReaderAt, size int64) Ending {
	file := span{newWindow(r, size), 0, size}
	var buf [SniffLen]byte
	head := file.head(buf[:], 0)
	switch kind := Sniff(head, ""); kind {
	case JPEG:
		return proof(endsJPEG(file))
	case PNG:
		end := file.n - padding(file)
		var b [12]byte
		return proof(file.read(b[:], end-12) && string(b[:]) == "\x00\x00\x00\x00IEND\xae\x42\x60\x82")
	case GIF:
		var b [2]byte // the end of the last block's data, and the trailer
		return proof(file.read(b[:], file.n-2) && string(b[:]) == "\x00;")
	case WebP:
		n := int64(binary.LittleEndian.Uint32(head[4:]))
		return proof(file.n >= 8+n && written(file))
	case HEIC, AVIF, MP4, MOV:
		return endsBoxes(file)
	case RAW:
		if len(head) >= 12 && string(head[4:8]) == "ftyp" {
			return endsBoxes(file)
		}
	}
	return EndUnknown
}

func proof(found bool) Ending {
	if found {
		return EndPresent
	}
	return EndMissing
}

// endsJPEG wants the marker to come after the start of the picture's own data:
// an embedded thumbnail ends with the same two bytes. Within that data they
// cannot occur.
func endsJPEG(file span) bool {
	scan := jpegSegments(file, func(byte, span) bool { return true })
	end := file.n - padding(file)
	var b [2]byte
	return scan > 0 && end-2 > scan && file.read(b[:], end-2) && b == [2]byte{0xff, 0xd9}
}

// endsBoxes sums the boxes up. A last box that runs "to the end of the file"
// ends wherever the file does and proves nothing.
func endsBoxes(file span) Ending {
	var data, index, open bool
	whole := fileBoxes(file, func(b box) bool {
		data = data || b.typ == "mdat"
		index = index || b.typ == "meta" || b.typ == "moov"
		open = b.open
		return true
	})
	if open {
		return EndUnknown
	}
	return proof(whole && data && index && written(file))
}

// padding is the number of zero bytes at the end of the file, as far as it is
// looked through.
func padding(file span) int64 {
	var buf [4096]byte
	var zeros int64
	for zeros < maxPadding && zeros < file.n {
		n := min(int64(len(buf)), file.n-zeros)
		tail := buf[:n]
		if !file.read(tail, file.n-zeros-n) {
			return 0
		}
		for i := len(tail) - 1; i >= 0; i-- {
			if tail[i] != 0 {
				return zeros
			}
			zeros++
		}
	}
	return zeros
}

// written reports whether the last bytes of the file are more than zeros.
func written(file span) bool {
	var buf [tailLen]byte
	n := min(int64(tailLen), file.n)
	if !file.read(buf[:n], file.n-n) {
		return false
	}
	for _, b := range buf[:n] {
		if b != 0 {
			return true
		}
	}
	return false
}
