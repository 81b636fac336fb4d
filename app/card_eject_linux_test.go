package app

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/cards"
)

func TestEjectingACard(t *testing.T) {
	withSlot(t, func(a *App, _ *site, sl *slot, h *home) {
		sl.made("1111-AAAA", 1)
		sl.put("1111-AAAA")
		for _, tt := range []struct {
			err  error
			says string
		}{
			{&cards.InUseError{Programs: []string{"gthumb"}}, "in use by gthumb"},
			{cards.ErrGone, "not there any more"},
			{io.ErrUnexpectedEOF, "unexpected EOF"},
			{nil, ""},
		} {
			a.cards.reader = ejecting{sl, tt.err}
			err := a.EjectCard(t.Context(), cardID("1111-AAAA"))
			if (err == nil) != (tt.err == nil) || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v: %v", tt.err, err)
			}
		}
		if err := a.EjectCard(t.Context(), "uuid-9999-9999"); err == nil {
			t.Error("a card that is not in was ejected")
		}
	})
}

// ejecting is a slot whose cards are ejected so.
type ejecting struct {
	*slot
	err error
}

func (e ejecting) Eject(context.Context, cards.Card) error { return e.err }
