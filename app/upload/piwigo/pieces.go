package piwigo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// pieces reads a photo piece by piece, in constant memory. It is used by one
// goroutine.
type pieces struct {
	it    upload.Item
	size  int64 // of a piece; the last one may be shorter
	count int64

	src  io.ReadCloser
	at   int64
	buf  []byte
	hung bool // a read was left behind, which closes the file when it returns
}

func newPieces(it upload.Item, size int64) *pieces {
	return &pieces{it: it, size: size, count: max((it.Size+size-1)/size, 1)}
}

func (p *pieces) close() {
	if p.hung {
		return
	}
	if p.src != nil {
		_ = p.src.Close() // only read from
	}
	p.src = nil
}

// read returns piece i, which holds until the next call. The last piece is
// returned only if the file ends behind it.
func (p *pieces) read(ctx context.Context, i int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := p.fetch(i)
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(letGo)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		// A read from a network drive that has gone may never return.
		p.hung = true
		go func() {
			<-done
			if p.src != nil {
				_ = p.src.Close()
			}
		}()
	}
	return nil, ctx.Err()
}

// letGo is how long a read may take to return after the upload was cancelled.
const letGo = 250 * time.Millisecond

func (p *pieces) fetch(i int64) ([]byte, error) {
	from := i * p.size
	n := min(p.size, p.it.Size-from)
	if err := p.seek(from); err != nil {
		return nil, err
	}
	if p.buf == nil {
		p.buf = make([]byte, min(p.size, p.it.Size))
	}
	data := p.buf[:n]
	got, err := io.ReadFull(p.src, data)
	p.at += int64(got)
	switch {
	case n == 0:
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, changed("shorter")
	case err != nil:
		return nil, unreadable(err)
	}
	if i == p.count-1 {
		return data, p.atEnd()
	}
	return data, nil
}

// seek goes to a place in the file, by opening it anew if there is no other way
// back.
func (p *pieces) seek(to int64) error {
	if p.src != nil && p.at == to {
		return nil
	}
	if s, ok := p.src.(io.Seeker); ok {
		if _, err := s.Seek(to, io.SeekStart); err != nil {
			return unreadable(err)
		}
		p.at = to
		return nil
	}
	if p.src == nil || to < p.at {
		p.close()
		src, err := p.it.Open()
		if err != nil {
			if _, ok := errors.AsType[*upload.Error](err); ok {
				return err
			}
			return &upload.Error{Op: opUpload, Reason: "the file cannot be opened", Err: err}
		}
		p.src, p.at = src, 0
		if to > 0 {
			if _, ok := src.(io.Seeker); ok {
				return p.seek(to)
			}
		}
	}
	n, err := io.CopyN(io.Discard, p.src, to-p.at)
	p.at += n
	switch {
	case errors.Is(err, io.EOF):
		return changed("shorter")
	case err != nil:
		return unreadable(err)
	}
	return nil
}

// atEnd makes sure that the file ends here.
func (p *pieces) atEnd() error {
	var more [1]byte
	for range 100 {
		n, err := p.src.Read(more[:])
		switch {
		case n > 0:
			return changed("longer")
		case err == io.EOF:
			return nil
		case err != nil:
			return unreadable(err)
		}
	}
	return unreadable(io.ErrNoProgress)
}

func unreadable(err error) error {
	return &upload.Error{Op: opUpload, Reason: "the file cannot be read", Err: err}
}

func changed(how string) error {
	return &upload.Error{
		Op: opUpload, Reason: "the file changed while it was being sent: it became " + how,
		Hint: "It is sent again when it has stopped changing.", Err: upload.ErrChanged,
	}
}

// form carries one piece.
func (p *pieces) form(i int64, data []byte, fields []upload.Field) upload.Form {
	return upload.Form{
		Fields: fields,
		File: upload.FormFile{
			Name: "file", FileName: "blob", ContentType: "application/octet-stream", Size: int64(len(data)),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
		},
	}
}
