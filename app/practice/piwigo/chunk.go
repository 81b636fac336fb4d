package piwigo

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// sumPattern is what may be part of a buffer's name. [CHOICE]: a real server takes
// anything, which nobody should try.
var sumPattern = regexp.MustCompile(`^[0-9A-Za-z]{1,64}$`)

// addChunk is pwg.images.addChunk [R3].
func (c *call) addChunk() (any, error) {
	sum, kind := c.args.text("original_sum"), c.args.text("type")
	if !sumPattern.MatchString(sum) || !sumPattern.MatchString(kind) {
		return nil, failure(500, "error during buffer directory creation")
	}
	data, err := base64.StdEncoding.DecodeString(c.args.text("data"))
	if err != nil {
		return nil, chunkLost(c.args.text("position"), kind)
	}
	return nil, c.store.putBuffer(fmt.Sprintf("%s-%s-%05d.block", sum, kind, c.args.num("position")), data)
}

// chunkLost is what becomes of a chunk that cannot be written.
func chunkLost(position, kind string) *fail {
	text := fmt.Sprintf("an error has occured while writting chunk %s for %s", position, kind) //nolint:misspell // Piwigo's own spelling
	return &fail{500, text}
}

func (st *store) putBuffer(name string, data []byte) error {
	half := st.tmp(tempName())
	if err := os.WriteFile(half, data, 0o600); err != nil {
		return err
	}
	return os.Rename(half, st.buffer(name))
}

// add is pwg.images.add [R3]: it skips the lounge and believes the MD5 [F7].
func (c *call) add() (any, error) {
	defer c.begin()()
	sum, name, replaces := c.args.text("original_sum"), c.args.text("original_filename"), c.args.num("image_id")
	if _, ok := c.store.photo(replaces); replaces > 0 && !ok {
		return nil, errNoImage
	}
	if _, ok := c.store.find(func(p *photo) bool {
		if c.o.Uniqueness == UniqueFilename {
			return p.File == name
		}
		return p.MD5 == sum
	}); ok && c.args.yes("check_uniqueness") {
		return nil, failure(500, "file already exists") // [R4]
	}
	if !sumPattern.MatchString(sum) {
		return nil, die("forbidden file type")
	}
	path, err := c.mergeBlocks(sum)
	if err != nil {
		return nil, err
	}
	got, err := c.addFile(incoming{path: path, file: name, level: c.args.num("level"), hasLevel: true, replaces: replaces, claimed: sum})
	if err != nil {
		return nil, err
	}
	return c.complete(got)
}

// mergeBlocks puts the chunks of addChunk together, in their order.
func (c *call) mergeBlocks(sum string) (string, error) {
	blocks, err := filepath.Glob(c.store.buffer(sum + "-file-*.block"))
	if err != nil {
		return "", err
	}
	slices.Sort(blocks)
	path := c.store.buffer(sum + "-original")
	if len(blocks) == 0 {
		return path, ignoreMissing(os.Remove(path))
	}
	for i, block := range blocks {
		if err := appendTo(path, &file{path: block}, i == 0); err != nil {
			return "", err
		}
	}
	for _, block := range blocks {
		if err := os.Remove(block); err != nil {
			return "", err
		}
	}
	return path, nil
}

// complete sets what pwg.images.add was told about the photo.
func (c *call) complete(got added) (any, error) {
	if err := c.update(got.id, c.given("name", "author", "comment", "date_creation")); err != nil {
		return nil, err
	}
	if err := c.setAlbums(got.id); err != nil {
		return nil, err
	}
	if ids := c.args.ids("tag_ids"); len(ids) > 0 {
		if err := c.setTags(got.id, ids, true); err != nil {
			return nil, err
		}
	}
	albums := []int{}
	if first := intval(c.args.text("categories")); first > 0 {
		albums = append(albums, first)
	}
	album := 0
	if len(albums) > 0 {
		album = albums[0]
	}
	return map[string]any{"image_id": got.json(), "url": c.pictureURL(got.id, album)}, c.moderate(got.id, albums)
}
