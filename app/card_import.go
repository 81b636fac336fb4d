package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/cards"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// cardMemory is what is kept of a card while it is out. Of one without a number
// of its own only the rule is, as a proposal: another card may look the same.
type cardMemory struct {
	Rule       *cardRule `json:"rule,omitempty"`       // how it is imported without a question
	Import     *cardRule `json:"import,omitempty"`     // the last import, its accounts named one by one
	Unfinished bool      `json:"unfinished,omitempty"` // that has not seen every photo yet
	Sessions   []uint64  `json:"sessions,omitempty"`   // whose jobs may not be through
}

// cardRule is how a card is imported.
type cardRule struct {
	Accounts    []string `json:"accounts,omitempty"` // IDs; empty: all
	Album       string   `json:"album,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags,omitempty"`
}

func cardKey(id string) string             { return "card/" + id }
func cardSessionKey(session uint64) string { return "cardof/" + strconv.FormatUint(session, 10) }

// loadCard remembers a card. What cannot be read was never known: then it is
// asked for again.
func (a *App) loadCard(id string) (m cardMemory) {
	text, err := a.queue.Note(cardKey(id))
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &m)
	}
	if err != nil {
		a.log.Warn("Memory card not remembered", "card", id, "err", err)
		return cardMemory{}
	}
	return m
}

// keepCard changes what is kept of a card.
func (a *App) keepCard(c *cardIn, change func(*cardMemory)) error {
	a.cards.keeping.Lock()
	defer a.cards.keeping.Unlock()
	a.cards.mu.Lock()
	m := c.memory
	a.cards.mu.Unlock()
	change(&m)
	lasting := m
	if !ownNumber(c.id) {
		lasting = cardMemory{Rule: m.Rule}
	}
	text, err := json.Marshal(lasting)
	if err != nil {
		return err
	}
	err = a.queue.SetNote(cardKey(c.id), string(text))
	a.wrote(err)
	if err == nil {
		a.changeCard(c, func() { c.memory = m })
	}
	return err
}

// carried reports whether a file of a card is a photo or a film by its name,
// as in a watched folder.
func carried(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return false
		}
	}
	return slices.Contains(watcher.DefaultInclude, "*"+strings.ToLower(path.Ext(name)))
}

// ImportCard implements [control.CardEngine].
func (a *App) ImportCard(ctx context.Context, i control.CardImport) error {
	rule, err := a.cardRule(i)
	if err != nil {
		return err
	}
	a.lookForCards()
	a.cards.mu.Lock()
	n := slices.IndexFunc(a.cards.in, func(c *cardIn) bool { return c.id == i.Card })
	var c *cardIn
	if n >= 0 {
		c = a.cards.in[n]
	}
	a.cards.mu.Unlock()
	if c == nil {
		return problem(1, fmt.Sprintf("There is no memory card %q", i.Card), "Put it in. `photoferry card list` shows those that are in.")
	}
	if i.Remember {
		if err := a.keepCard(c, func(m *cardMemory) { m.Rule = &rule }); err != nil {
			return err
		}
	}
	return a.importCard(ctx, c, rule, queue.Manual)
}

// cardRule checks what a person asks for.
func (a *App) cardRule(i control.CardImport) (cardRule, error) {
	rule := cardRule{Album: i.Album, Title: i.Title, Description: i.Description, Tags: i.Tags}
	if len(i.Accounts) > 0 {
		ids, err := a.accountIDs(i.Accounts)
		if err != nil {
			return rule, err
		}
		rule.Accounts = ids
	}
	if err := checkAlbum(i.Album); err != nil {
		return rule, err
	}
	return rule, words{i.Title, i.Description, i.Tags}.check()
}

// importCard adds a card's photos to the queue: in the background of an engine,
// otherwise now. They are one session, which begins here, so that a photo knows
// its card before it can be sent.
func (a *App) importCard(ctx context.Context, c *cardIn, rule cardRule, priority queue.Priority) error {
	ids := a.stillThere(rule.Accounts)
	if len(ids) == 0 {
		return problem(1, "There is no account to send to", "Add one first: photoferry account add.")
	}
	_, done, err := a.claim(c.id, "being read")
	if err != nil {
		return err
	}
	together, err := a.openCardSession(c, rule, ids)
	if err != nil {
		done()
		return err
	}
	a.changeCard(c, func() { c.state, c.reading, c.reason, c.verdict = control.CardImporting, true, "", nil })
	read := func(ctx context.Context) error {
		err := a.readCard(ctx, c, together, rule, priority)
		a.changeCard(c, func() { c.reading = false })
		done()
		return err
	}
	if a.cards.begin(func() {
		if err := read(c.ctx); err != nil {
			return
		}
		a.awaitCard(c)
	}) {
		return nil
	}
	return cardProblem(read(ctx))
}

// stillThere returns the accounts of a rule that were not removed; all where
// it names none.
func (a *App) stillThere(ids []string) []string {
	var there []string
	for _, s := range a.Settings().Accounts {
		if len(ids) == 0 || slices.Contains(ids, s.ID) {
			there = append(there, s.ID)
		}
	}
	return there
}

// openCardSession begins the session of an import and keeps how it is done.
func (a *App) openCardSession(c *cardIn, rule cardRule, ids []string) (*arrival, error) {
	name := c.Name
	if name == "" {
		name = c.Root
	}
	session, err := a.queue.OpenSession(queue.SessionCard, name, ids, rule.Album)
	if err == nil {
		err = a.queue.SetNote(cardSessionKey(session), c.id)
	}
	a.wrote(err)
	if err != nil {
		return nil, err
	}
	err = a.keepCard(c, func(m *cardMemory) {
		last := rule
		last.Accounts = ids
		_, open := a.cardLeft(m.Sessions)
		m.Import, m.Unfinished, m.Sessions = &last, true, append(open, session)
	})
	return &arrival{kind: queue.SessionCard, source: name, ids: ids, album: rule.Album, id: session}, err
}

// ownNumber reports whether a card has a number of its own, by which it is
// known whatever else lies on it meanwhile.
func ownNumber(id string) bool { return strings.HasPrefix(id, "uuid-") }

// readCard reads every photo of a card and puts it into the queue. Until it
// has seen them all, the import is not finished, and goes on when the card is
// put in again.
func (a *App) readCard(ctx context.Context, c *cardIn, together *arrival, rule cardRule, priority queue.Priority) error {
	found := make(map[string]cards.File)
	var cands []candidate
	err := a.eachFile(a.cards.reader.Files(ctx, c.Card, carried), func(f cards.File) {
		full := filepath.Join(c.Root, filepath.FromSlash(f.Path))
		found[full] = f
		cands = append(cands, candidate{path: full, ids: together.ids, with: together, rule: cardIntake(rule, priority)})
	})
	slices.SortStableFunc(cands, func(x, y candidate) int { return found[y.path].ModTime.Compare(found[x.path].ModTime) })
	unread := 0
	if err == nil {
		err = a.displace(c, cands)
	}
	if err == nil {
		err = a.intake.takeAll(ctx, cands, func(t taken, _ []queue.Added) {
			a.intake.readable(t.cand.path) // the card's own line tells of it
			if len(t.requests) == 0 {
				unread++
				return
			}
			a.digested(c, found[t.cand.path], t.requests[0])
		})
	}
	if err == nil && unread > 0 {
		// A card that was pulled out looks like that, too.
		_, err = a.cards.reader.Count(ctx, c.Card, carried)
	}
	if err == nil {
		err = a.keepCard(c, func(m *cardMemory) { m.Unfinished = false })
	}
	switch {
	case ctx.Err() != nil: // pulled out, or the engine ends
	case err != nil:
		a.log.Warn("Memory card not read", "card", c.id, "err", err)
		a.changeCard(c, func() { c.state, c.reason = control.CardDeclined, plainProblem(cardProblem(err)) })
	case unread > 0:
		a.changeCard(c, func() { c.reason = plural(unread, "file") + " could not be read, or have no kind that is known." })
	}
	return err
}

// displace keeps in mind of which other cards photos wait to be sent under the
// names of those that are about to come in: these take their places in the
// queue, and the other cards' imports are to go on when they are back.
func (a *App) displace(c *cardIn, cands []candidate) error {
	others := make(map[string]bool)
	for _, cand := range cands {
		jobs, err := a.queue.JobsByPath(cand.path)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			owner, err := a.cards.owner(j.Session, a.queue.Note)
			if err != nil {
				return err
			}
			if owner != "" && owner != c.id {
				others[owner] = true
			}
		}
	}
	for id := range others {
		other := &cardIn{id: id, memory: a.loadCard(id)}
		if other.memory.Import == nil {
			continue
		}
		if err := a.keepCard(other, func(m *cardMemory) { m.Unfinished = true }); err != nil {
			return err
		}
	}
	return nil
}

func cardIntake(r cardRule, priority queue.Priority) rule {
	return rule{album: r.Album, words: words{r.Title, r.Description, r.Tags}, syncCheck: true, priority: priority}
}

// eachFile walks files of a card.
func (a *App) eachFile(files func(func(cards.File, error) bool), do func(cards.File)) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		do(f)
	}
	return nil
}

// digested keeps a digest for as long as the card is in, so that a verdict need
// not read the file again.
func (a *App) digested(c *cardIn, f cards.File, r queue.Request) {
	if r.Size != f.Size || !r.ModTime.Equal(f.ModTime) {
		return
	}
	a.cards.mu.Lock()
	defer a.cards.mu.Unlock()
	c.digests[f.Path] = cardDigest{f, r.SHA256, r.MD5}
}

// awaitCard looks at a card as soon as all that it brought is through, so that
// the screen can say whether it may be formatted.
func (a *App) awaitCard(c *cardIn) {
	changed := a.Changed(c.ctx)
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-changed:
		}
		a.cards.mu.Lock()
		sessions, busy := c.memory.Sessions, c.busy != ""
		a.cards.mu.Unlock()
		if left, _ := a.cardLeft(sessions); left > 0 || busy {
			continue
		}
		if _, err := a.CardVerdict(c.ctx, c.id); err != nil && c.ctx.Err() == nil {
			a.log.Warn("Memory card not judged", "card", c.id, "err", err)
		}
		return
	}
}

// ForgetCard implements [control.CardEngine]. The card need not be in.
func (a *App) ForgetCard(id string) error {
	a.lookForCards()
	m := a.loadCard(id)
	if m.Rule == nil {
		return problem(1, "Nothing is remembered of this card", "`photoferry card list` shows what is.")
	}
	a.cards.mu.Lock()
	i := slices.IndexFunc(a.cards.in, func(c *cardIn) bool { return c.id == id })
	c := &cardIn{id: id, memory: m}
	if i >= 0 {
		c = a.cards.in[i]
	}
	a.cards.mu.Unlock()
	return a.keepCard(c, func(m *cardMemory) { m.Rule = nil })
}

// cardAway reports whether a job's photo lies on a card that is not in, or is
// somewhere else now. Another card may have the same name for another photo: a
// card without a number of its own is known by the photo itself.
func (a *App) cardAway(job queue.Job) bool {
	if job.Session == 0 {
		return false
	}
	owner, err := a.cards.owner(job.Session, a.queue.Note)
	if err != nil {
		a.recordError(err)
		return false
	}
	if owner == "" {
		return false
	}
	a.cards.mu.Lock()
	in := slices.ContainsFunc(a.cards.in, func(c *cardIn) bool { return c.id == owner && below(c.Root, job.Path) })
	a.cards.mu.Unlock()
	if !in || ownNumber(owner) {
		return !in
	}
	fi, err := os.Lstat(job.Path)
	return err != nil || fi.Size() != job.Size || !fi.ModTime().Equal(job.ModTime)
}

// owner returns the card that a session came from, "" for none.
func (d *cardDesk) owner(session uint64, note func(string) (string, error)) (string, error) {
	d.mu.Lock()
	card, ok := d.owners[session]
	d.mu.Unlock()
	if ok {
		return card, nil
	}
	card, err := note(cardSessionKey(session))
	if err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.owners == nil || len(d.owners) > maxOwners {
		d.owners = make(map[uint64]string)
	}
	d.owners[session] = card
	return card, nil
}

// maxOwners bounds how many sessions are remembered to be a card's or not.
const maxOwners = 1000
