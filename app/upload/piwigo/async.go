package piwigo

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// errStuck says that the server has all chunks and does not put them together,
// as it happens for days after it was broken off at that.
var errStuck = errors.New("the server does not put the chunks together")

// chunkMark is the mark of a job of which the server has some chunks.
type chunkMark struct {
	sum        string // MD5 of the photo
	size, done int64  // of a chunk; chunks from the beginning that are there
}

func (m chunkMark) String() string { return fmt.Sprintf("chunks %s %d %d", m.sum, m.size, m.done) }

// parseMark reads a mark; one of another photo or kind is none.
func parseMark(mark, sum string) (chunkMark, bool) {
	words := strings.Fields(mark)
	if len(words) != 4 || words[0] != "chunks" || words[1] != sum {
		return chunkMark{}, false
	}
	size, err := strconv.ParseInt(words[2], 10, 64)
	done, derr := strconv.ParseInt(words[3], 10, 64)
	if err != nil || derr != nil || size < smallest || size > firstChunk || done < 0 {
		return chunkMark{}, false
	}
	return chunkMark{words[1], size, done}, true
}

// sendAsync sends by pwg.images.uploadAsync, one chunk after the other. It
// begins behind the chunks that the mark tells of; if the server has lost them,
// its answer says so and they are sent again.
func (c *Client) sendAsync(ctx context.Context, s *session, it upload.Item, al album) (sent, bool, error) {
	mark := chunkMark{sum: md5Of(it), size: c.limits.chunkSize()}
	if m, ok := parseMark(it.Mark, mark.sum); ok && m.size <= mark.size {
		mark = m // with chunks of another size the server would begin anew
	}
	p := newPieces(it, mark.size)
	defer p.close()
	fields, err := c.asyncFields(ctx, s, it, al, p.count)
	if err != nil {
		return sent{}, false, err
	}
	next, doubted := min(mark.done, p.count-1), false
	// More often than each chunk twice is a server that forgets what it gets.
	for range 2*p.count + 2 {
		info, whole, err := c.sendChunk(ctx, s, it, p, next, fields)
		switch {
		case means(err, badSum) && !doubted:
			doubted = true // the line may have spoilt it; once
			continue
		case err != nil:
			return sent{}, whole, err
		case info.ID > 0:
			name := fileName(it)
			sum := strings.EqualFold(string(info.MD5), mark.sum)
			return sent{id: int64(info.ID), sum: sum, way: byAsync, name: name}, true, nil
		}
		have := chunkList(string(info.Message), p.count)
		mark.done = firstMissing(have, p.count)
		if mark.done == p.count {
			return c.unstick(ctx, s, it)
		}
		if it.SetMark != nil && s.byMD5 {
			if err := it.SetMark(mark.String()); err != nil {
				return sent{}, false, &upload.Error{Op: opUpload, Reason: "the upload cannot be noted in the queue", Err: err}
			}
		}
		next = mark.done
	}
	return sent{}, false, &upload.Error{Op: opUpload, Reason: "the server loses the chunks that it gets", Hint: "Its disk may be full, or its folder upload/buffer is cleared."}
}

// unstick asks for a photo whose chunks are all there, but which has no ID.
func (c *Client) unstick(ctx context.Context, s *session, it upload.Item) (sent, bool, error) {
	if !s.byMD5 {
		return sent{}, true, answerLost(errStuck)
	}
	ids, err := c.exist(ctx, s, []string{md5Of(it)})
	if err != nil {
		return sent{}, false, err
	}
	if ids[0] == 0 {
		return sent{}, false, errStuck
	}
	return sent{id: ids[0], sum: true, way: byAsync, name: fileName(it)}, true, nil
}

// asyncFields returns what goes with every chunk: the server uses what came with
// the one that completes the photo.
func (c *Client) asyncFields(ctx context.Context, s *session, it upload.Item, al album, count int64) ([]upload.Field, error) {
	fields := append(c.fields(al), c.texts(it)...)
	fields = append(fields,
		upload.Field{Name: "method", Value: "pwg.images.uploadAsync"},
		upload.Field{Name: "filename", Value: fileName(it)},
		upload.Field{Name: "original_sum", Value: md5Of(it)},
		upload.Field{Name: "chunks", Value: strconv.FormatInt(count, 10)},
	)
	if date := takenAt(it.Meta); date != "" {
		fields = append(fields, upload.Field{Name: "date_creation", Value: date})
	}
	if tags := tagsOf(it.Meta); len(tags) > 0 {
		ids, err := c.tagIDs(ctx, s, tags)
		if err != nil {
			return nil, err
		}
		fields = append(fields, upload.Field{Name: "tag_ids", Value: ids})
	}
	return fields[:len(fields):len(fields)], nil
}

// sendChunk sends one chunk. Whole reports whether it was the last of the photo
// and was handed to the network.
func (c *Client) sendChunk(ctx context.Context, s *session, it upload.Item, p *pieces, i int64, fields []upload.Field) (photoInfo, bool, error) {
	var info photoInfo
	data, err := p.read(ctx, i)
	if err != nil {
		return info, false, err
	}
	sum := md5.Sum(data)
	form := p.form(i, data, append(fields,
		upload.Field{Name: "chunk", Value: strconv.FormatInt(i, 10)},
		upload.Field{Name: "chunk_sum", Value: hex.EncodeToString(sum[:])},
	))
	last := i == p.count-1
	if last {
		form.Commit = c.commit(s, it)
	}
	whole, err := c.postForm(upload.ProgressFrom(ctx, i*p.size), s, "pwg.images.uploadAsync", form, &info)
	return info, whole && last, err
}

// chunkList reads "chunks uploaded = 1,4,6", which counts from 1, into a set that
// counts from 0.
func chunkList(message string, count int64) map[int64]bool {
	have := map[int64]bool{}
	_, list, _ := strings.Cut(message, "=")
	for word := range strings.SplitSeq(list, ",") {
		if n, err := strconv.ParseInt(strings.TrimSpace(word), 10, 64); err == nil && n >= 1 && n <= count {
			have[n-1] = true
		}
	}
	return have
}

func firstMissing(have map[int64]bool, count int64) int64 {
	for i := range count {
		if !have[i] {
			return i
		}
	}
	return count
}
