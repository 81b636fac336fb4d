package ui

// selection is the rows that actions are about. They are kept by key: rows come
// and go while somebody looks at them. What has been scrolled far out of sight
// stays selected.
type selection struct {
	rows   map[rowKey]*row
	anchor rowKey // where a range begins
	cursor rowKey // where the keyboard is
	at     int    // place of the cursor
}

func (s *selection) has(key rowKey) bool { return s.rows[key] != nil }

// only selects one row. A nil row selects none.
func (s *selection) only(r *row, at int) {
	*s = selection{at: at}
	if r != nil {
		s.rows = map[rowKey]*row{r.rowKey: r}
		s.anchor, s.cursor = r.rowKey, r.rowKey
	}
}

// toggle selects one more row, or one less.
func (s *selection) toggle(r *row, at int) {
	if s.has(r.rowKey) {
		delete(s.rows, r.rowKey)
	} else {
		s.add(r)
	}
	s.anchor, s.cursor, s.at = r.rowKey, r.rowKey, at
}

func (s *selection) add(r *row) {
	if s.rows == nil {
		s.rows = map[rowKey]*row{}
	}
	s.rows[r.rowKey] = r
}

// extend selects the rows in memory from the anchor to a place, and only them.
func (s *selection) extend(src rowSource, r *row, at int) {
	from := place(src, s.anchor)
	if from < 0 {
		s.only(r, at)
		return
	}
	anchor := s.anchor
	s.rows = nil
	for i, o := range src.all() {
		if i >= min(from, at) && i <= max(from, at) && o.more == "" {
			s.add(o)
		}
	}
	s.anchor, s.cursor, s.at = anchor, r.rowKey, at
}

// everything selects the rows in memory.
func (s *selection) everything(src rowSource) {
	for _, r := range src.all() {
		if r.photo() {
			s.add(r)
		}
	}
}

// follow takes over what has changed in the source: rows that are gone are
// selected no more.
func (s *selection) follow(src rowSource) {
	if len(s.rows) == 0 && s.cursor == (rowKey{}) {
		return
	}
	was := s.rows
	s.rows = nil
	at := -1
	for i, r := range src.all() {
		if was[r.rowKey] != nil {
			s.add(r)
		}
		if r.rowKey == s.cursor {
			at = i
		}
	}
	if at >= 0 {
		s.at = at
	}
	if src.whole() {
		return
	}
	for k, r := range was {
		if !s.has(k) {
			s.add(r)
		}
	}
}

// in returns the selected rows in the order of the source; those out of memory
// come last.
func (s *selection) in(src rowSource) []*row {
	if len(s.rows) == 0 {
		return nil
	}
	rs := make([]*row, 0, len(s.rows))
	seen := make(map[rowKey]bool, len(s.rows))
	for _, r := range src.all() {
		if s.has(r.rowKey) && !seen[r.rowKey] {
			seen[r.rowKey] = true
			rs = append(rs, r)
		}
	}
	for k, r := range s.rows {
		if !seen[k] {
			rs = append(rs, r)
		}
	}
	return rs
}
