package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/cards"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/desktop"
	"github.com/photoferry/photoferry/queue"
)

// cardReader is [cards.System], but in tests that pull cards out.
type cardReader interface {
	Watch(ctx context.Context, seen func(cards.Event)) error
	In() ([]cards.Card, error)
	Files(ctx context.Context, c cards.Card, want func(path string) bool) iter.Seq2[cards.File, error]
	Outside(ctx context.Context, c cards.Card, want func(path string) bool) iter.Seq2[cards.File, error]
	Count(ctx context.Context, c cards.Card, want func(path string) bool) (cards.Total, error)
	Remove(ctx context.Context, c cards.Card, files []cards.File, sure cards.Sure) ([]cards.Removed, error)
	Eject(ctx context.Context, c cards.Card) error
}

var _ cardReader = cards.System{}

// cardDesk keeps the memory cards that are in.
type cardDesk struct {
	reader cardReader

	mu     sync.Mutex
	in     []*cardIn
	engine context.Context   // while cards are followed; otherwise nil
	work   sync.WaitGroup    // what goes on in the background then
	owners map[uint64]string // cards by session; "" for what is none's

	looking sync.Mutex // cards are looked for by one after the other
	keeping sync.Mutex // what is kept of cards is changed by one after the other
}

// cardIn is a card from when it is put in until it is pulled out.
type cardIn struct {
	cards.Card
	id   string          // the card's, for everybody; see cardDesk.arrive
	ctx  context.Context // ends when it is pulled out, and with the engine
	gone context.CancelFunc

	// Guarded by cardDesk.mu.
	memory  cardMemory // what is kept of it; its parts are never changed
	state   control.CardState
	total   cards.Total
	busy    string // what is being done with it, for people; "" nothing
	reading bool   // an import reads it
	reason  string // why the last import did not get everything
	digests map[string]cardDigest
	verdict *cardVerdict // nil: none, or not to be believed any more
}

// cardDigest is what a file of a card was when it was read.
type cardDigest struct {
	file   cards.File
	sha256 [32]byte
	md5    [16]byte
}

// followCards looks for cards that come and go until ctx ends.
func (a *App) followCards(ctx context.Context) {
	err := a.cards.reader.Watch(ctx, func(e cards.Event) {
		if e.Gone {
			a.cardGone(e.Card)
			return
		}
		a.cardCame(ctx, e.Card)
	})
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		a.log.Warn("Memory cards are not noticed", "err", err)
	}
}

// leaveCards ends all that findCards and followCards have begun.
func (a *App) leaveCards() {
	d := &a.cards
	d.mu.Lock()
	d.engine = nil
	for _, c := range d.in {
		c.gone()
	}
	d.in = nil
	d.mu.Unlock()
	d.work.Wait()
}

// findCards makes known which cards are in before the first photo is sent: one
// that is on a card must not seem to be gone.
func (a *App) findCards(ctx context.Context) {
	a.cards.looking.Lock() // whoever looks without an engine is through
	a.cards.mu.Lock()
	a.cards.engine, a.cards.in = ctx, nil
	a.cards.mu.Unlock()
	a.cards.looking.Unlock()
	in, err := a.cards.reader.In()
	if err != nil {
		a.log.Debug("Memory cards not found", "err", err)
	}
	for _, c := range in {
		c.AtStart = true
		a.cardCame(ctx, c)
	}
}

// cardCame takes in a card, and goes on with what was begun or remembered.
func (a *App) cardCame(ctx context.Context, card cards.Card) {
	c, fresh := a.cards.arrive(ctx, card, a.loadCard)
	if !fresh {
		return
	}
	a.log.Info("Memory card in", "card", c.id, "name", c.Name, "path", c.Root, "atStart", c.AtStart)
	a.touch()
	a.cards.mu.Lock()
	kept := c.memory
	a.cards.mu.Unlock()
	plan := c.plan(kept)
	a.cards.begin(func() {
		a.wakeCard(c)
		a.countCard(c)
	})
	switch {
	case plan != nil:
		if err := a.importCard(c.ctx, c, *plan, queue.Watched); err != nil {
			a.log.Warn("Memory card not imported", "card", c.id, "err", err)
			a.changeCard(c, func() { c.reason = plainProblem(err) })
		}
	case len(kept.Sessions) > 0:
		a.cards.begin(func() { a.awaitCard(c) })
	}
}

// plan returns how a card that was put in is imported without a question; nil
// when somebody must say so first. An import that was interrupted goes on.
func (c *cardIn) plan(kept cardMemory) *cardRule {
	switch {
	case !ownNumber(c.id):
	case kept.Unfinished && kept.Import != nil:
		return kept.Import
	case kept.Rule != nil && !c.AtStart:
		return kept.Rule
	}
	return nil
}

// is reports whether a card is this one, in the same place.
func (c *cardIn) is(card cards.Card) bool {
	return c.ID == card.ID && c.Root == card.Root && c.Device == card.Device
}

// arrive makes a card known, with what is kept of it; fresh is false when it
// was. Of two that cannot be told apart the second gets an ID of its own.
func (d *cardDesk) arrive(ctx context.Context, card cards.Card, kept func(id string) cardMemory) (c *cardIn, fresh bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := card.ID
	for n := 2; ; n++ {
		i := slices.IndexFunc(d.in, func(o *cardIn) bool { return o.id == id })
		if i < 0 {
			break
		}
		if o := d.in[i]; o.is(card) {
			return o, false
		}
		id = fmt.Sprintf("twin-%d-%s", n, card.ID)
	}
	c = &cardIn{Card: card, id: id, memory: kept(id), state: control.CardNew, digests: make(map[string]cardDigest)}
	if card.AtStart {
		c.state = control.CardDeclined
	}
	c.ctx, c.gone = context.WithCancel(ctx)
	d.in = append(d.in, c)
	return c, true
}

func (a *App) cardGone(card cards.Card) {
	a.cards.mu.Lock()
	a.cards.in = slices.DeleteFunc(a.cards.in, func(c *cardIn) bool {
		if !c.is(card) {
			return false
		}
		c.gone()
		return true
	})
	a.cards.mu.Unlock()
	a.log.Info("Memory card gone", "card", card.ID, "path", card.Root)
	a.touch()
}

// begin does something in the background; it is waited for before the engine
// ends. It reports false when no engine runs.
func (d *cardDesk) begin(do func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.engine == nil || d.engine.Err() != nil {
		return false
	}
	d.work.Go(do)
	return true
}

// wakeCard lets photos go on at once that have waited for a card.
func (a *App) wakeCard(c *cardIn) {
	jobs, _, err := a.queue.Jobs(queue.JobQuery{State: queue.Waiting, Text: c.Root, Limit: -1})
	var ids []uint64
	for _, j := range jobs {
		if j.Error == folderAway && below(c.Root, j.Path) {
			ids = append(ids, j.ID)
		}
	}
	if err == nil && len(ids) > 0 {
		_, err = a.queue.Requeue(ids...)
	}
	if err != nil && !errors.Is(err, queue.ErrNotFound) { // one has gone meanwhile
		a.recordError(err)
	}
}

func (a *App) countCard(c *cardIn) {
	t, err := a.cards.reader.Count(c.ctx, c.Card, carried)
	if err != nil {
		a.log.Debug("Memory card not counted", "card", c.id, "err", err)
		return
	}
	a.changeCard(c, func() { c.total = t })
}

// changeCard changes a card and says so.
func (a *App) changeCard(_ *cardIn, change func()) {
	a.cards.mu.Lock()
	change()
	a.cards.mu.Unlock()
	a.touch()
}

// doubt lets no verdict be believed any more.
func (d *cardDesk) doubt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.in {
		c.verdict = nil
	}
}

// claim gives somebody a card alone, until done is called.
func (a *App) claim(id, doing string) (c *cardIn, done func(), err error) {
	a.lookForCards()
	a.cards.mu.Lock()
	defer a.cards.mu.Unlock()
	i := slices.IndexFunc(a.cards.in, func(c *cardIn) bool { return c.id == id })
	if i < 0 {
		return nil, nil, problem(1, fmt.Sprintf("There is no memory card %q", id), "Put it in. `photoferry card list` shows those that are in.")
	}
	c = a.cards.in[i]
	if c.busy != "" {
		return nil, nil, problem(1, "The card is "+c.busy+" just now", "Wait until that is done.")
	}
	c.busy = doing
	return c, func() { a.changeCard(c, func() { c.busy = "" }) }, nil
}

// lookForCards finds the cards that are in when no engine watches them.
func (a *App) lookForCards() {
	a.cards.looking.Lock()
	defer a.cards.looking.Unlock()
	a.cards.mu.Lock()
	watched := a.cards.engine != nil
	before := slices.Clone(a.cards.in)
	a.cards.mu.Unlock()
	if watched {
		return
	}
	in, err := a.cards.reader.In()
	if err != nil {
		return
	}
	for _, c := range before {
		if !slices.ContainsFunc(in, c.is) {
			a.cardGone(c.Card)
		}
	}
	for _, card := range in {
		card.AtStart = true
		if c, fresh := a.cards.arrive(context.Background(), card, a.loadCard); fresh {
			a.countCard(c)
		}
	}
}

// cardStatus describes the cards that are in.
func (a *App) cardStatus() []control.Card {
	a.lookForCards()
	type one struct {
		out      control.Card
		sessions []uint64
		reading  bool
	}
	a.cards.mu.Lock()
	all := make([]one, 0, len(a.cards.in))
	for _, c := range a.cards.in {
		out := control.Card{
			ID: c.id, Name: c.Name, Path: c.Root, State: c.state, ReadOnly: c.ReadOnly, Reason: c.reason,
			Photos: c.total.Files, Bytes: c.total.Bytes, Safe: c.verdict != nil && c.verdict.Safe && c.busy == "",
		}
		if r := c.memory.Rule; r != nil {
			out.Remembered, out.Accounts = true, slices.Clone(r.Accounts)
			out.Album, out.Title, out.Description, out.Tags = r.Album, r.Title, r.Description, slices.Clone(r.Tags)
		}
		all = append(all, one{out, slices.Clone(c.memory.Sessions), c.reading})
	}
	a.cards.mu.Unlock()
	list := make([]control.Card, 0, len(all))
	for _, o := range all {
		for i, id := range o.out.Accounts {
			o.out.Accounts[i] = a.accountName(id)
		}
		o.out.Left, _ = a.cardLeft(o.sessions)
		o.out.Safe = o.out.Safe && o.out.Left == 0
		switch {
		case o.out.State == control.CardNew:
		case o.reading || o.out.Left > 0:
			o.out.State = control.CardImporting
		case o.out.State == control.CardImporting:
			o.out.State = control.CardDone
		}
		list = append(list, o.out)
	}
	return list
}

// cardLeft counts the jobs of sessions that will still be worked on, and
// returns the sessions that have jobs at all.
func (a *App) cardLeft(sessions []uint64) (left int, open []uint64) {
	for _, id := range sessions {
		s, err := a.queue.Session(id)
		if err != nil {
			continue
		}
		left += s.Left
		if s.Left+s.Failed+s.Skipped > 0 {
			open = append(open, id)
		}
	}
	return left, open
}

// DeclineCard implements [control.CardEngine].
func (a *App) DeclineCard(id string) error {
	a.lookForCards()
	a.cards.mu.Lock()
	defer a.cards.mu.Unlock()
	for _, c := range a.cards.in {
		if c.id == id {
			if c.state == control.CardNew {
				c.state = control.CardDeclined
			}
			a.touch()
			return nil
		}
	}
	return problem(1, fmt.Sprintf("There is no memory card %q", id), "It may have been taken out.")
}

// ejectTime is how long a card may take to be ejected: it writes out first
// what programs have left to be written.
const ejectTime = 10 * time.Minute

// EjectCard implements [control.CardEngine].
func (a *App) EjectCard(ctx context.Context, id string) error {
	c, done, err := a.claim(id, "being ejected")
	if err != nil {
		return err
	}
	defer done()
	if a.sendingFrom(c.Root) {
		return problem(1, "A photo of the card is being sent", "Try again in a moment, or pause first.")
	}
	ctx, cancel := context.WithTimeout(ctx, ejectTime)
	defer cancel()
	return cardProblem(a.cards.reader.Eject(ctx, c.Card))
}

// sendingFrom reports whether a photo below a folder is on its way.
func (a *App) sendingFrom(folder string) bool {
	a.mu.Lock()
	all := make([]*account, 0, len(a.accounts))
	for _, acc := range a.accounts {
		all = append(all, acc)
	}
	a.mu.Unlock()
	for _, acc := range all {
		acc.mu.Lock()
		for _, act := range acc.active {
			if below(folder, act.job.Path) {
				acc.mu.Unlock()
				return true
			}
		}
		acc.mu.Unlock()
	}
	return false
}

// cardProblem says what a person can do about a failure of a card.
func cardProblem(err error) error {
	if err == nil {
		return nil
	}
	if used, ok := errors.AsType[*cards.InUseError](err); ok {
		return problem(1, sentence(used.Error()), "Close it there, and try again.")
	}
	switch {
	case errors.Is(err, cards.ErrGone):
		return problem(1, "The card is not there any more", "Put it in again.")
	case errors.Is(err, cards.ErrReadOnly):
		return problem(1, "The card is write-protected", "Slide its lock, and put it in again.")
	case errors.Is(err, context.DeadlineExceeded):
		return problem(1, "The card was not ready in time", "Leave it in, and try again.")
	case errors.Is(err, desktop.ErrNoDiskService):
		return problem(1, "UDisks2 is not running, which ejects cards", "Eject it in the file manager.")
	case errors.Is(err, desktop.ErrNotAllowed):
		return problem(1, sentence(err.Error()), "Eject it in the file manager.")
	case errors.Is(err, errors.ErrUnsupported):
		return problem(1, "Memory cards are only known on Linux", "Add the card's folder instead.")
	}
	return err
}

// plainProblem is an error in one line for people.
func plainProblem(err error) string {
	if p, ok := errors.AsType[*control.Problem](err); ok {
		return joinSentences(p.Message+".", p.Hint)
	}
	return sentence(err.Error())
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
