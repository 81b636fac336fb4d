package queue

import (
	"errors"
	"fmt"
	"maps"
)

// Check reads the whole file and says how it breaks the invariant, if it does: pages and rows are sound; index, live,
// delivered, bysession and the numbers of sessions are exactly what the rows say; the counts in memory are those of the
// file. No verb is done meanwhile.
func (q *Queue) Check() error {
	err := q.do(func(t *txn) error {
		s, err := surveyFile(q.file)
		if err != nil {
			return err
		}
		if s.unfaithful != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, s.unfaithful)
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		if err := sameTallies(s.tallies, q.tallies); err != nil {
			return errors.Join(err, fmt.Errorf("file %v, memory %v", printTallies(s.tallies), printTallies(q.tallies)))
		}
		if len(s.holds) != len(q.holds) {
			return fmt.Errorf("%d holds in the file, %d in memory", len(s.holds), len(q.holds))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("check queue %s: %w", q.file, err)
	}
	return nil
}

func printTallies(m map[string]*tally) map[string]tally {
	out := make(map[string]tally, len(m))
	for k, v := range m {
		out[k] = *v
	}
	return out
}

func sameTallies(a, b map[string]*tally) error {
	same := maps.EqualFunc(a, b, func(x, y *tally) bool { return *x == *y })
	if !same {
		return errors.New("the counts differ")
	}
	return nil
}
