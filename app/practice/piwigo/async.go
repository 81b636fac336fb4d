package piwigo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var md5Pattern = regexp.MustCompile(`^[a-fA-F0-9]{32}$`)

// maxChunks bounds the loop over them. [CHOICE]
const maxChunks = 100_000

// uploadAsync is pwg.images.uploadAsync [F4, R3]: chunks in any order and repetition,
// kept by MD5 of the photo and user, put together when all are there.
func (c *call) uploadAsync() (any, error) {
	defer c.begin()()
	sum, chunk, chunks, replaces := c.args.text("original_sum"), c.args.num("chunk"), c.args.num("chunks"), c.args.num("image_id")
	if !md5Pattern.MatchString(sum) {
		return nil, failure(codeInvalid, "Invalid original_sum")
	}
	if _, ok := c.store.photo(replaces); replaces > 0 && !ok {
		return nil, failure(404, "ws_images_uploadAsync : image_id not found")
	}
	f := c.form.files["file"]
	if f == nil {
		c.notice("Warning", `Undefined array key "file"`, "include/ws_functions/pwg.images.php", 1987)
		return nil, c.fatal("TypeError: move_uploaded_file(): Argument #1 ($from) must be of type string, null given")
	}
	prefix := fmt.Sprintf("%s-u%d", sum, c.user.ID)
	name := func(i int) string { return c.store.buffer(fmt.Sprintf("%s-%03dof%03d.chunk", prefix, i, chunks)) }
	if f.code == fileOK {
		if err := os.Rename(f.path, name(chunk+1)); err != nil {
			return nil, err
		}
	} else { // "misleading!" [R4]
		c.notice("Warning", "md5_file(./upload/buffer/"+filepath.Base(name(chunk+1))+"): Failed to open stream: No such file or directory", "include/ws_functions/pwg.images.php", 1993)
		c.notice("Warning", "unlink(./upload/buffer/"+filepath.Base(name(chunk+1))+"): No such file or directory", "include/ws_functions/pwg.images.php", 1996)
	}
	if f.code != fileOK || f.md5 != c.args.text("chunk_sum") { // upper case differs too [R4]
		return nil, errors.Join(ignoreMissing(os.Remove(name(chunk+1))), failure(500, "MD5 checksum chunk file mismatched"))
	}
	var have []string
	for i := 1; i <= min(chunks, maxChunks); i++ {
		if _, err := os.Stat(name(i)); err == nil {
			have = append(have, strconv.Itoa(i))
		}
	}
	message := map[string]any{"message": "chunks uploaded = " + strings.Join(have, ",")}
	if len(have) != chunks {
		return message, nil
	}
	merged := c.store.buffer(prefix + ".merged")
	whole, err := c.merge(merged, chunks, name)
	if err != nil || whole == nil {
		return message, err // another request merges, or has left its file behind [R4]
	}
	return c.asyncDone(whole, sum, replaces)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// merge puts the chunks together. It returns nil if somebody else does that or has begun
// to.
func (c *call) merge(merged string, chunks int, name func(int) string) (*file, error) {
	out, err := os.OpenFile(merged, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.store.at(stepMerging)
	whole, sums := &file{path: merged}, newDigests()
	for i := 1; i <= chunks; i++ {
		in, err := os.Open(name(i))
		if errors.Is(err, fs.ErrNotExist) { // merged by another request
			return nil, out.Close()
		}
		if err == nil {
			var n int64
			n, err = io.Copy(io.MultiWriter(out, sums), in)
			whole.size += n
			err = errors.Join(err, in.Close(), os.Remove(name(i)))
		}
		if err != nil {
			return nil, errors.Join(err, out.Close(), os.Remove(merged))
		}
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	whole.md5, whole.sha256 = sums.sums()
	c.store.at(stepMerged)
	if every(c.Server, &c.merges, c.o.MergeCrashEvery) {
		return nil, nginx(http.StatusBadGateway, "502 Bad Gateway")
	}
	return whole, nil
}

// asyncDone makes a photo of what was merged. The answer is that of getInfo.
func (c *call) asyncDone(whole *file, sum string, replaces int) (any, error) {
	if whole.md5 != sum { // all chunks are gone [R4]
		return nil, errors.Join(os.Remove(whole.path), failure(500, "MD5 checksum merged file mismatched"))
	}
	albums := c.args.ids("category")
	file := c.args.text("filename")
	if !c.o.PlainNames {
		file = addSlashes(file) // nobody takes them out again [R4]
	}
	in := incoming{
		path: whole.path, file: file, albums: albums, level: c.args.num("level"), hasLevel: true,
		replaces: replaces, claimed: sum, known: whole,
	}
	done, err := c.addFile(in)
	if err != nil {
		return nil, err
	}
	if ids := c.args.ids("tag_ids"); len(ids) > 0 {
		if err := c.setTags(done.id, ids, true); err != nil {
			return nil, err
		}
	}
	if err := c.update(done.id, c.given("name", "author", "comment", "date_creation")); err != nil {
		return nil, err
	}
	if err := c.store.forgetOldChunks(time.Now()); err != nil {
		return nil, err
	}
	p, ok := c.store.photo(done.id)
	if !ok {
		return nil, errNoImage
	}
	out, err := c.infoOf(done.id, max(c.user.level(), p.Level)) // "trick to bypass" levels [S]
	if err != nil {
		return nil, err
	}
	return out, c.moderate(done.id, albums)
}

// chunkAge is how long chunks are kept: "removed after 7 days" [R3].
const chunkAge = 7 * 24 * time.Hour

// forgetOldChunks is the housekeeping at the end of each uploadAsync.
func (st *store) forgetOldChunks(now time.Time) error {
	entries, err := os.ReadDir(st.buffer(""))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".chunk" && ext != ".merged" {
			continue
		}
		info, err := e.Info()
		if err == nil && now.Sub(info.ModTime()) >= chunkAge {
			err = os.Remove(st.buffer(e.Name()))
		}
		if ignoreMissing(err) != nil {
			return err
		}
	}
	return nil
}
