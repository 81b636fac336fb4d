package ui

import "iter"

// rowSource is what a list shows.
type rowSource interface {
	length() int
	// row returns the i-th row, or nil while it is not in memory; it is asked
	// for then, and the list is told when it has come.
	row(i int) *row
	// all are the rows in memory with their places, from the first to the last.
	all() iter.Seq2[int, *row]
	// whole says that every row is in memory, so that one that is not there is
	// gone.
	whole() bool
}

// rowSlice is a source of rows that are all in memory.
type rowSlice []row

func (s *rowSlice) length() int { return len(*s) }

func (s *rowSlice) row(i int) *row {
	if i < 0 || i >= len(*s) {
		return nil
	}
	return &(*s)[i]
}

func (s *rowSlice) all() iter.Seq2[int, *row] {
	return func(yield func(int, *row) bool) {
		for i := range *s {
			if !yield(i, &(*s)[i]) {
				return
			}
		}
	}
}

func (s *rowSlice) whole() bool { return true }

// place returns where the row with a key is, or -1.
func place(s rowSource, key rowKey) int {
	if key != (rowKey{}) {
		for i, r := range s.all() {
			if r.rowKey == key {
				return i
			}
		}
	}
	return -1
}
