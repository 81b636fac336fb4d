package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

type cardCmd struct {
	List    cardListCmd    `cmd:"" help:"The memory cards that are in."`
	Import  cardImportCmd  `cmd:"" help:"Send a card's photos; they stay on the card."`
	Forget  cardForgetCmd  `cmd:"" help:"Ask again before a card is imported."`
	Verdict cardVerdictCmd `cmd:"" help:"Whether a card may be formatted: 0 yes, 3 no."`
	Clear   cardClearCmd   `cmd:"" help:"Delete the photos of a card that every account has confirmed."`
	Eject   cardEjectCmd   `cmd:"" help:"Make a card ready to be taken out."`
}

type cardListCmd struct{}

type cardList struct {
	Cards []control.Card `json:"cards"`
}

// Run lists the cards.
func (cardListCmd) Run(s *session) error {
	return s.with(func(c *control.Client) error {
		st, err := c.Status(s.ctx)
		if err != nil {
			return err
		}
		return s.show(cardList{st.Cards}, func(w io.Writer) {
			if len(st.Cards) == 0 {
				fmt.Fprintln(w, "No memory card is in.")
				return
			}
			t := newTable(w, "ID", "NAME", "STATE", "PHOTOS", "SIZE", "LEFT", "PATH", "")
			for _, c := range st.Cards {
				t.row(c.ID, c.Name, string(c.State), strconv.Itoa(c.Photos), size(c.Bytes), strconv.Itoa(c.Left), c.Path, cardNotes(c))
			}
			t.end()
		})
	})
}

// cardNotes writes what else is to be known of a card.
func cardNotes(c control.Card) string {
	var notes []string
	if c.Safe {
		notes = append(notes, "may be formatted")
	}
	if c.ReadOnly {
		notes = append(notes, "write-protected")
	}
	if c.Remembered {
		to := "all accounts"
		if len(c.Accounts) > 0 {
			to = strings.Join(c.Accounts, ", ")
		}
		notes = append(notes, "goes to "+to+" by itself")
	}
	if c.Reason != "" {
		notes = append(notes, c.Reason)
	}
	return strings.Join(notes, "; ")
}

// card finds the card that was named by its ID, name or path; without a word
// the only one that is in.
func (s *session) card(c *control.Client, named string) (control.Card, error) {
	st, err := c.Status(s.ctx)
	if err != nil {
		return control.Card{}, err
	}
	var found []control.Card
	for _, card := range st.Cards {
		if named == "" || named == card.ID || named == card.Name || named == card.Path {
			found = append(found, card)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return control.Card{}, failure("More than one memory card is meant", "Name it by its ID; photoferry card list shows it.")
	case named == "":
		return control.Card{}, failure("No memory card is in", "Put one in. It has a folder DCIM.")
	}
	return control.Card{}, failure(fmt.Sprintf("There is no memory card %q", named), "photoferry card list shows those that are in.")
}

type cardImportCmd struct {
	Card        string   `arg:"" optional:"" help:"Card, by ID, name or path; the only one when left out."`
	Account     []string `help:"Account to send to; repeat it for more. All when left out." placeholder:"NAME" sep:"none"`
	Album       string   `help:"Album, or a template for it." placeholder:"TEMPLATE"`
	Title       string   `help:"Title, or a template for it." placeholder:"TEMPLATE"`
	Description string   `help:"Description." placeholder:"TEXT"`
	Tag         []string `help:"Tag, or a template for it; repeat it for more." placeholder:"TEMPLATE" sep:"none"`
	Remember    bool     `help:"From now on do so by itself when the card is put in."`
}

type cardImported struct {
	Card    string `json:"card"`    // ID
	Running bool   `json:"running"` // an engine reads it; otherwise it is read
	New     int    `json:"new"`     // jobs that came into the queue, without an engine
}

// Run imports a card.
func (c *cardImportCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		card, err := s.card(cl, c.Card)
		if err != nil {
			return err
		}
		before, err := cl.Status(s.ctx)
		if err != nil {
			return err
		}
		if err := cl.ImportCard(s.ctx, control.CardImport{
			Card: card.ID, Accounts: c.Account, Album: c.Album, Title: c.Title, Description: c.Description, Tags: c.Tag, Remember: c.Remember,
		}); err != nil {
			return err
		}
		r := cardImported{Card: card.ID, Running: before.Running}
		if !r.Running {
			after, err := cl.Status(s.ctx)
			if err != nil {
				return err
			}
			r.New = max(queued(after.Counts)-queued(before.Counts), 0)
		}
		return s.show(r, func(w io.Writer) {
			if r.Running {
				fmt.Fprintln(w, "The card is being read; leave it in. photoferry card list tells how far it is.")
				return
			}
			fmt.Fprintf(w, "%s in the queue. Nothing is sent until PhotoFerry runs; leave the card in.\n", count(r.New, "new photo"))
		})
	})
}

type cardForgetCmd struct {
	Card string `arg:"" optional:"" help:"Card, by ID, name or path; the only one when left out. By its ID it need not be in."`
}

// Run forgets how a card is imported.
func (c *cardForgetCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		id := c.Card
		if card, err := s.card(cl, c.Card); err == nil {
			id = card.ID
		} else if id == "" {
			return err
		}
		if err := cl.ForgetCard(s.ctx, id); err != nil {
			return err
		}
		return s.show(removed{id}, func(w io.Writer) {
			fmt.Fprintln(w, "The card is imported only when you say so.")
		})
	})
}

type cardVerdictCmd struct {
	Card string `arg:"" optional:"" help:"Card, by ID, name or path; the only one when left out."`
}

// Run says whether a card may be formatted.
func (c *cardVerdictCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		card, err := s.card(cl, c.Card)
		if err != nil {
			return err
		}
		s.note("Looking at every photo of the card. This can take minutes.")
		v, err := cl.CardVerdict(s.ctx, card.ID)
		if err != nil {
			return err
		}
		if err := s.show(v, func(w io.Writer) { showVerdict(w, v) }); err != nil || v.Safe {
			return err
		}
		return outcome(exitFailed)
	})
}

func showVerdict(w io.Writer, v control.CardVerdict) {
	t := newTable(w, "ACCOUNT", "DELIVERED", "VERIFIED", "NOT YET", "FAILED", "SKIPPED", "MISSING")
	for _, a := range v.Accounts {
		t.row(a.Account, strconv.Itoa(a.Delivered), strconv.Itoa(a.Verified), strconv.Itoa(a.Waiting),
			strconv.Itoa(a.Failed), strconv.Itoa(a.Skipped), strconv.Itoa(a.Missing))
	}
	t.end()
	if len(v.Missing) > 0 {
		fmt.Fprintln(w, "\nNot safe, among others:")
		for _, path := range v.Missing {
			fmt.Fprintln(w, "  "+printable(path))
		}
	}
	fmt.Fprintln(w, "\n"+printable(v.Reason))
}

type cardClearCmd struct {
	Card string `arg:"" optional:"" help:"Card, by ID, name or path; the only one when left out."`
	Yes  bool   `help:"Delete without asking."`
}

// Run deletes what is delivered, after a verdict and a question.
func (c *cardClearCmd) Run(s *session) error {
	if !c.Yes && s.asks == nil {
		return usage("Nobody can be asked whether to delete", "Look with photoferry card verdict first. Then say --yes.")
	}
	return s.with(func(cl *control.Client) error {
		card, err := s.card(cl, c.Card)
		if err != nil {
			return err
		}
		s.note("Looking at every photo of the card. This can take minutes.")
		v, err := cl.CardVerdict(s.ctx, card.ID)
		if err != nil {
			return err
		}
		deleted := 0
		if v.Clear > 0 {
			if !c.Yes {
				if err := s.sureToClear(v); err != nil {
					return err
				}
			}
			if deleted, err = cl.ClearCard(s.ctx, card.ID); err != nil {
				return err
			}
		}
		return s.show(control.Done{Count: deleted}, func(w io.Writer) {
			fmt.Fprintf(w, "%s deleted; the rest is as it was.\n", count(deleted, "file"))
		})
	})
}

// sureToClear asks the person.
func (s *session) sureToClear(v control.CardVerdict) error {
	fmt.Fprintf(s.asks, "%s\nDelete %s (%s) from the card for good? [yes/no] ", printable(v.Reason), count(v.Clear, "verified file"), size(v.ClearBytes))
	line, err := bufio.NewReader(s.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	if strings.ToLower(strings.TrimSpace(line)) != "yes" {
		return failure("Nothing was deleted", "")
	}
	return nil
}

type cardEjectCmd struct {
	Card string `arg:"" optional:"" help:"Card, by ID, name or path; the only one when left out."`
}

type cardEjected struct {
	Ejected string `json:"ejected"` // ID
}

// Run ejects a card.
func (c *cardEjectCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		card, err := s.card(cl, c.Card)
		if err != nil {
			return err
		}
		if err := cl.EjectCard(s.ctx, card.ID); err != nil {
			return err
		}
		return s.show(cardEjected{card.ID}, func(w io.Writer) {
			fmt.Fprintln(w, "The card may be taken out.")
		})
	})
}
