package piwigo

import (
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// incoming is what add_uploaded_file is called with.
type incoming struct {
	path     string // moved away, or removed
	file     string // with the backslashes that a careless caller leaves in it
	albums   []int
	level    int
	hasLevel bool
	replaces int    // 0 means a new photo
	claimed  string // an MD5 that is believed; "" means that of the bytes
	known    *file  // the digests of a file that nobody else can have changed; may be nil
}

// added is what came of it.
type added struct {
	id    int
	known bool // the photo was there already: its ID comes from the database, as a string [F6]
}

// json is image_id: "a JSON string for a duplicate and an integer for a new photo" [F6].
func (a added) json() any {
	if a.known {
		return strconv.Itoa(a.id)
	}
	return a.id
}

// addFile is add_uploaded_file, for 16.4 [S]. Nothing keeps two of them from adding the
// same photo at the same time [F6].
func (c *call) addFile(in incoming) (added, error) {
	left := true // what is then there may be another request's [F3]
	defer func() {
		if left {
			_ = os.Remove(in.path) // else the next start does
		}
	}()
	c.store.at(stepAdding)
	file := in.file
	if !c.o.PlainNames {
		file = htmlSpecialChars(file)
	}
	sum := in.claimed
	if sum == "" && in.known != nil {
		sum = in.known.md5
	}
	if sum == "" {
		var err error
		if sum, _, _, err = digest(in.path); err != nil { // another request has taken it [F3]
			c.notice("Warning", "md5_file("+filepath.Base(in.path)+"): Failed to open stream: No such file or directory", "admin/include/functions_upload.inc.php", 157)
		}
	}
	if in.replaces == 0 && c.o.detectsDuplicates() && sum != "" {
		if old, ok := c.store.find(func(p *photo) bool { return p.MD5 == sum }); ok {
			return added{old.ID, true}, c.associate(old.ID, in.albums)
		}
	}
	p, err := c.newPhoto(in, file, sum)
	if err != nil {
		return added{}, err
	}
	if err = c.store.take(p, in.path, in.known); err == nil {
		left = false
		err = c.store.add(p)
	}
	if err != nil {
		_ = os.Remove(c.store.tmp(p.Temp))  // else the next start does
		if errors.Is(err, fs.ErrNotExist) { // another request has taken it [F3]
			return added{}, c.fatal("ValueError: Path cannot be empty")
		}
		return added{}, err
	}
	c.stored = true
	return added{id: p.ID}, nil
}

// newPhoto is the row of a photo, new or with new bytes.
func (c *call) newPhoto(in incoming, file, sum string) (*photo, error) {
	now := time.Now()
	p := &photo{Added: now}
	pic, err := inspect(in.path)
	if in.replaces > 0 {
		old, ok := c.store.photo(in.replaces)
		if !ok {
			return nil, die("[add_uploaded_file] this photo does not exist in the database")
		}
		*p = *old
	} else {
		ext, refusal := c.typeOf(pic, in.file, err)
		if refusal != nil {
			return nil, refusal
		}
		if err := c.prepareDirectory(now); err != nil {
			return nil, err
		}
		p.Path = newPath(now, sum, ext)
	}
	if file == "" {
		file = filepath.Base(p.Path)
	}
	if err := c.fits("images", "file", file); err != nil {
		return nil, err
	}
	p.File, p.MD5, p.By, p.Modified, p.Width, p.Height = file, sum, c.user.ID, now, pic.width, pic.height
	if in.replaces == 0 {
		p.Name = nameFromFile(file)
	}
	if in.hasLevel {
		p.Level = in.level
	}
	if date := pic.date(); date != "" {
		p.Created = date // "the server reads EXIF DateTimeOriginal itself" [R3]
	}
	c.link(p, in.albums)
	return p, nil
}

// typeOf is the extension that a photo gets: by its content, or by its name where all
// types are allowed [R4].
func (c *call) typeOf(pic inspected, name string, missing error) (string, error) {
	switch {
	case missing != nil:
		c.notice("Warning", "getimagesize(): Failed to open stream: No such file or directory", "admin/include/functions_upload.inc.php", 234)
	case pic.ext != "" && (pic.ext != "webp" || slices.Contains(c.o.types(), "webp")):
		return pic.ext, nil
	case len(c.o.FileTypes) > 0:
		if ext := extension(name); slices.Contains(c.o.FileTypes, ext) {
			return ext, nil
		}
		return "", die("unexpected file type")
	case pic.short:
		c.notice("Notice", "getimagesize(): Error reading from /tmp/phpAbCdEf!", "admin/include/functions_upload.inc.php", 234) // [T type_text]
	}
	return "", die("forbidden file type")
}

// prepareDirectory makes the directory of a day. With Options.MkdirRace, the one who
// makes it spoils it for all others who are sending at that moment [R4].
func (c *call) prepareDirectory(now time.Time) error {
	dir := filepath.Join(c.store.dir, "upload", filepath.FromSlash(now.Format("2006/01/02")))
	c.Server.mu.Lock()
	defer c.Server.mu.Unlock()
	if c.lostRace {
		c.lostRace = false
		return die(`[prepare_directory] cannot create directory "././upload/%s"`, now.Format("2006/01/02"))
	}
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	for other := range c.sending {
		other.lostRace = other != c && c.o.MkdirRace
	}
	return os.MkdirAll(dir, 0o700)
}

// link puts a photo into albums, or into the lounge before them. Whether they exist is
// not looked at [F9].
func (c *call) link(p *photo, albums []int) {
	p.Links, p.Lounge = slices.Clone(p.Links), slices.Clone(p.Lounge)
	t := c.store.tree()
	for _, a := range albums {
		switch {
		case p.in(a):
		case !c.o.lounge():
			p.Links = append(p.Links, link{Album: a, Rank: t.nextRank(a)})
		case !slices.Contains(p.Lounge, a):
			p.Lounge = append(p.Lounge, a)
		}
	}
}

func (c *call) associate(id int, albums []int) error {
	return c.store.change([]int{id}, func(p *photo) bool {
		c.link(p, albums)
		return true
	})
}

// begin marks the call as one that may store a photo, until the function that it returns
// is called.
func (c *call) begin() (end func()) {
	c.Server.mu.Lock()
	defer c.Server.mu.Unlock()
	c.sending[c] = true
	if c.o.Workers > 0 && len(c.sending) >= c.o.Workers {
		for each := range c.sending {
			each.starved = true
		}
	}
	return func() {
		c.Server.mu.Lock()
		defer c.Server.mu.Unlock()
		delete(c.sending, c)
	}
}

func (c *call) starves() bool {
	c.Server.mu.Lock()
	defer c.Server.mu.Unlock()
	return c.starved
}

// addSimple is pwg.images.addSimple [R3]. On a duplicate it "overwrites name, author,
// comment and level of the old photo".
func (c *call) addSimple() (any, error) {
	defer c.begin()()
	f := c.form.files["image"]
	switch {
	case f == nil:
		return nil, failure(405, "The image (file) is missing")
	case f.code == fileTooBig:
		return nil, failure(500, "The uploaded file exceeds the upload_max_filesize directive in php.ini.") // [R4]
	case f.code != fileOK:
		return nil, failure(500, "No file was uploaded.")
	}
	replaces := c.args.num("image_id")
	if _, ok := c.store.photo(replaces); replaces > 0 && !ok {
		return nil, errNoImage
	}
	albums := c.args.ids("category")
	got, err := c.addFile(incoming{path: f.path, file: f.name, albums: albums, level: 8, hasLevel: true, replaces: replaces, known: f})
	if err != nil {
		return nil, err
	}
	set := c.given("name", "author", "comment", "date_creation")
	set["level"] = c.args.text("level")
	if err := c.update(got.id, set); err != nil {
		return nil, err
	}
	if v, ok := c.args["tags"]; ok && (v.isList || v.text != "") {
		ids, err := c.tagIDs(v)
		if err != nil {
			return nil, err
		}
		if err := c.setTags(got.id, ids, false); err != nil {
			return nil, err
		}
	}
	album := 0
	if len(albums) > 0 {
		album = albums[0]
	}
	if err := c.syncDate(got.id); err != nil {
		return nil, err
	}
	return map[string]any{"image_id": got.json(), "url": c.pictureURL(got.id, album)}, c.moderate(got.id, albums)
}

// syncDate is the part of sync_metadata that matters: a date in the photo wins over one
// that addSimple was given [T addsimple_date_exif].
func (c *call) syncDate(id int) error {
	p, ok := c.store.photo(id)
	if !ok {
		return nil
	}
	pic, err := inspect(c.store.file(p))
	if date := pic.date(); err == nil && date != "" && date != p.Created {
		return c.update(id, map[string]string{"date_creation": date})
	}
	return ignoreMissing(err) // deleted meanwhile
}

// given are those parameters of these that there are.
func (c *call) given(names ...string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		if c.args.has(name) {
			out[name] = c.args.text(name)
		}
	}
	return out
}

// update sets columns of a photo's row.
func (c *call) update(id int, set map[string]string) error {
	change, err := c.columns(set)
	if err != nil {
		return err
	}
	return c.store.change([]int{id}, change)
}

// jsonrpc is how pwg.images.upload dies [R4].
func jsonrpc(code int, message string) *page {
	return die(`{"jsonrpc" : "2.0", "error" : {"code": %d, "message": "%s"}, "id" : "id"}`, code, message)
}

// upload is pwg.images.upload, with its buffer that is keyed by name and appended to
// whatever arrives [F3].
func (c *call) upload() (any, error) {
	defer c.begin()()
	if err := c.checkToken(); err != nil {
		return nil, err
	}
	if c.args.num("format_of") > 0 && c.o.Version >= V13 {
		return nil, failure(401, "formats are disabled")
	}
	name, f := c.args.text("name"), c.form.files["file"]
	if v, ok := c.form.request("name"); ok {
		name = v.text
	} else if f != nil {
		name = f.name
	}
	chunk, chunks := c.number("chunk"), c.number("chunks")
	path := c.store.buffer(fmt.Sprintf("%x", md5.Sum([]byte(name))))
	if err := appendTo(path+".part", f, chunks == 0); err != nil {
		return nil, err
	}
	if f != nil && f.code != fileOK || f == nil && len(c.form.files) > 0 {
		return nil, jsonrpc(103, "Failed to move uploaded file.") // leaves an empty .part [R4]
	}
	if chunks > 0 && chunk != chunks-1 {
		return nil, nil // "intermediate chunk result:null" [R3]
	}
	if err := os.Rename(path+".part", path); err != nil {
		c.notice("Warning", "rename(): No such file or directory", "include/ws_functions/pwg.images.php", 1823)
	}
	if !c.args.has("name") {
		return nil, c.fatal("TypeError: mysqli::real_escape_string(): Argument #1 ($string) must be of type string, null given") // [R3]
	}
	return c.uploaded(path, c.args.text("name"))
}

func (c *call) number(name string) int {
	v, _ := c.form.request(name)
	return intval(v.text)
}

// appendTo appends a file of the form to a buffer, or starts the buffer with it, in
// pieces of 4096 bytes, as PHP does.
func appendTo(path string, f *file, fresh bool) error {
	mode := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if fresh {
		mode = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	out, err := os.OpenFile(path, mode, 0o600)
	if err != nil {
		return err
	}
	if f == nil || f.code != fileOK {
		return out.Close()
	}
	in, err := os.Open(f.path)
	if err != nil {
		return errors.Join(err, out.Close())
	}
	defer in.Close() // only read
	_, err = io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, 4096))
	return errors.Join(err, out.Close())
}

// uploaded makes a photo of a full buffer. update_mode, since 15, "replaces the photo
// with same file name in that album" [R3], which one in the lounge is not in.
func (c *call) uploaded(path, name string) (any, error) {
	albums := c.args.ids("category")
	file, in := name, incoming{path: path, albums: albums, level: c.args.num("level"), hasLevel: true}
	if c.o.Version >= V160 {
		file = addSlashes(name) // which is how quotes get their backslashes [R4]
		if c.args.yes("update_mode") {
			if len(albums) == 0 {
				return nil, c.noCategory()
			}
			if old, ok := c.store.find(func(p *photo) bool { return p.File == name && p.in(albums[0]) }); ok {
				in.replaces = old.ID
			}
		}
	}
	if in.file = file; c.o.PlainNames {
		in.file = name
	}
	got, err := c.addFile(in)
	if err != nil {
		return nil, err
	}
	if len(albums) == 0 {
		return nil, c.noCategory() // "stores the photo and then dies" [F9]
	}
	p, ok := c.store.photo(got.id)
	if !ok {
		return nil, errNoImage
	}
	label, n := c.albumLabel(albums[0])
	waiting := 0
	for _, q := range c.store.present() {
		if slices.Contains(q.Lounge, albums[0]) && len(q.Links) == 0 {
			waiting++
		}
	}
	status := "add"
	if in.replaces > 0 {
		status, got.known = "update", true
	}
	out := map[string]any{
		"image_id": got.json(), "src": c.derivativeURL(p, "th"), "square_src": c.derivativeURL(p, "sq"), "name": p.Name,
		"category": map[string]any{"id": albums[0], "nb_photos": n + waiting, "label": label},
	}
	if c.o.Version >= V160 {
		out["add_status"] = status
	}
	return out, c.moderate(got.id, albums)
}

// noCategory is what comes of pwg.images.upload without an album [R4].
func (c *call) noCategory() error {
	c.notice("Warning", "Undefined array key 0", "include/ws_functions/pwg.images.php", 1895)
	return c.fatal("mysqli_sql_exception: You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near '' at line 4")
}
