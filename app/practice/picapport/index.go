package picapport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"time"
)

// record is one line of the index.
type record struct {
	Op string    `json:"op"` // add, undo (an add that failed after all), remove, share
	ID string    `json:"id,omitempty"`
	At time.Time `json:"at"`

	// add
	Name     string    `json:"name,omitempty"`   // in photos/uploads, and in received
	Temp     string    `json:"temp,omitempty"`   // in incoming, until it is moved to Name
	Kept     bool      `json:"kept,omitempty"`   // Temp+".received" is moved to received/Name
	Given    bool      `json:"given,omitempty"`  // the client chose the ID
	Type     string    `json:"type,omitempty"`   // content type
	Size     int64     `json:"size,omitempty"`   // as received
	Stored   int64     `json:"stored,omitempty"` // with the XMP
	SHA256   string    `json:"sha256,omitempty"`
	MD5      string    `json:"md5,omitempty"`
	Uploader string    `json:"uploader,omitempty"`
	Meta     *metadata `json:"meta,omitempty"`
	Raw      string    `json:"raw,omitempty"` // the metadata part as it came

	// share
	Share *Share `json:"share,omitempty"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func encodeRecord(r record) ([]byte, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding an index line: %w", err)
	}
	line := fmt.Appendf(nil, "%08x ", crc32.Checksum(body, castagnoli))
	return append(append(line, body...), '\n'), nil
}

var errBadLine = errors.New("damaged line")

// decodeRecord reads a line without its newline.
func decodeRecord(line []byte) (record, error) {
	sum, body, ok := bytes.Cut(line, []byte{' '})
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if !ok || err != nil || len(sum) != 8 || crc32.Checksum(body, castagnoli) != uint32(want) {
		return record{}, errBadLine
	}
	var r record
	if err := json.Unmarshal(body, &r); err != nil {
		return record{}, errBadLine
	}
	return r, nil
}

// readIndex returns the records of an index and the length of the part that holds
// them. A damaged end is what a crash leaves and is not counted in; a damaged line
// with good ones behind it is an error.
func readIndex(data []byte) (records []record, good int64, err error) {
	rest := data
	for line := 1; len(rest) > 0; line++ {
		one, tail, whole := bytes.Cut(rest, []byte{'\n'})
		r, err := decodeRecord(one)
		if !whole || err != nil {
			for l := range bytes.Lines(tail) {
				if _, err := decodeRecord(bytes.TrimSuffix(l, []byte{'\n'})); err == nil {
					return nil, 0, fmt.Errorf("line %d: %w", line, errBadLine)
				}
			}
			return records, good, nil
		}
		records = append(records, r)
		good += int64(len(one)) + 1
		rest = tail
	}
	return records, good, nil
}

// index is the open log. Its owner serialises the calls.
type index struct {
	file *os.File
	end  int64
}

func openIndex(path string) (*index, []record, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(f)
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	records, good, err := readIndex(data)
	if err == nil {
		err = f.Truncate(good)
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return &index{f, good}, records, nil
}

// append adds a line, or leaves the log as it was.
func (x *index) append(r record, sync bool) error {
	line, err := encodeRecord(r)
	if err != nil {
		return err
	}
	_, err = x.file.WriteAt(line, x.end)
	if err == nil && sync {
		err = datasync(x.file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the index: %w", err), x.file.Truncate(x.end))
	}
	x.end += int64(len(line))
	return nil
}
