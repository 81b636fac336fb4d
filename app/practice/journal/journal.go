package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// ErrDamaged is a line that is not as it was written, with others behind it that are: no
// crash does that.
var ErrDamaged = errors.New("damaged line")

// Options say how a journal is kept. The zero value is the safe one.
type Options struct {
	// NoSync does not wait for the disk. Kills do no harm; a power cut may.
	NoSync bool
}

// Journal is an open journal of records of type R, which encoding/json writes and reads.
// Its owner serialises the calls.
type Journal[R any] struct {
	file   *os.File
	end    int64 // of the lines that count
	sync   bool
	broken error // a failure that could not be undone
}

// Open opens a journal, making it if it is missing, and calls replay for each record in
// it, in order. An error of replay means that the record is not understood; it ends the
// replay and is returned, as is [ErrDamaged], with the number of the line. Close the
// journal after use.
func Open[R any](path string, o Options, replay func(R) error) (*Journal[R], error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal[R]{file: f, sync: !o.NoSync}
	if j.end, err = read(f, replay); err == nil {
		err = f.Truncate(j.end)
	}
	if err == nil && j.sync && j.end == 0 { // it may be new
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", path, err), f.Close())
	}
	return j, nil
}

// Append adds records and returns when they are on the disk. After an error the journal
// is as it was, or takes no more records. Of several records, a kill may leave the first
// ones only.
func (j *Journal[R]) Append(records ...R) error { return j.append(j.sync, records) }

// AppendUnsynced is Append without the wait for the disk: what it adds is safe from a
// power cut once a later Append has returned.
func (j *Journal[R]) AppendUnsynced(records ...R) error { return j.append(false, records) }

// Close closes the file. Later calls fail.
func (j *Journal[R]) Close() error { return j.file.Close() }

func (j *Journal[R]) append(sync bool, records []R) error {
	if j.broken != nil {
		return j.broken
	}
	var lines []byte
	for _, r := range records {
		body, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding an index line: %w", err)
		}
		lines = appendLine(lines, body)
	}
	_, err := j.file.WriteAt(lines, j.end)
	if err == nil && sync {
		err = datasync(j.file)
	}
	if err != nil {
		err = fmt.Errorf("writing the index: %w", err)
		if cut := j.file.Truncate(j.end); cut != nil {
			// What is left of these lines would stand behind later ones and be replayed, or
			// look like damage.
			err = errors.Join(err, cut)
			j.broken = err
		}
		return err
	}
	j.end += int64(len(lines))
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendLine appends the line of a record, whose JSON has no newline in it.
func appendLine(lines, body []byte) []byte {
	lines = fmt.Appendf(lines, "%08x ", crc32.Checksum(body, castagnoli))
	return append(append(lines, body...), '\n')
}

// bodyOf returns the JSON of a line without its newline, if it is as it was written.
func bodyOf(line []byte) ([]byte, bool) {
	sum, body, ok := bytes.Cut(line, []byte{' '})
	want, err := strconv.ParseUint(string(sum), 16, 32)
	return body, ok && err == nil && len(sum) == 8 && crc32.Checksum(body, castagnoli) == uint32(want)
}

// read replays the lines of a journal and returns the length of those that count.
func read[R any](file io.Reader, replay func(R) error) (end int64, err error) {
	damaged := 0 // number of the first line that is
	in := bufio.NewReader(file)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err != nil && err != io.EOF { //nolint:errorlint // a file's end is never wrapped
			return 0, err
		}
		last := err != nil
		body, ok := bodyOf(bytes.TrimSuffix(line, []byte{'\n'}))
		switch {
		case ok && damaged > 0:
			return 0, fmt.Errorf("line %d: %w", damaged, ErrDamaged)
		case damaged > 0:
		case !ok || last: // without its newline a line is not whole
			damaged = n
		default:
			var r R
			if err = json.Unmarshal(body, &r); err == nil {
				err = replay(r)
			}
			if err != nil {
				return 0, fmt.Errorf("line %d: %w", n, err)
			}
			end += int64(len(line))
		}
		if last {
			return end, nil
		}
	}
}
