package ui

import (
	"slices"

	"github.com/photoferry/photoferry/app/control"
)

// pageRows is the most rows that a list shows; the rest is a number.
const pageRows = 2000

// row is one line of a list: a photo with its jobs and receipts, the heading
// of a group, a session, or the number of those that are not shown.
type row struct {
	rowKey
	jobs []*control.Job    // of this photo, one per account; not to be changed
	recs []*control.Record // of this photo, one per account that has no job

	head    *groupHead       // of a group
	session *control.Session // what came together
	under   bool             // the heading above says why
	more    string           // "and 998,000 more"
}

// groupHead is the heading of what failed for one reason.
type groupHead struct {
	control.JobGroup
	open bool // its photos are shown below
}

// photo says whether the row is one photo.
func (r *row) photo() bool { return r.head == nil && r.session == nil && r.more == "" }

// rowKey stays the same while its row lives. The zero key is no row's.
type rowKey struct {
	group string // of a heading, an account, or what else keeps two rows of a photo apart
	photoKey
}

// photoKey tells photos apart: a file that was edited is another photo at the
// same place.
type photoKey struct{ path, sha256 string }

func photoOf(j *control.Job) photoKey { return photoKey{j.Path, j.SHA256} }

// picked are jobs that an action is about.
type picked struct {
	ids      []uint64
	groups   []string // keys of whole groups, whose jobs are not among the ids
	photos   int      // that they are for
	accounts []string // names, each once
}

func (p *picked) account(name string) {
	if !slices.Contains(p.accounts, name) {
		p.accounts = append(p.accounts, name)
	}
}

// pick returns those jobs of some rows that want is true for. What lies below a
// heading that is among the rows belongs to the heading.
func pick(rs []*row, want func(j *control.Job) bool) picked {
	var p picked
	seen, whole := map[photoKey]bool{}, map[string]bool{}
	for _, r := range rs {
		if r.head != nil {
			whole[r.head.Key] = true
		}
	}
	for _, r := range rs {
		if r.under && whole[r.group] {
			continue
		}
		for _, j := range r.jobs {
			if !want(j) {
				continue
			}
			p.ids = append(p.ids, j.ID)
			seen[photoOf(j)] = true
			p.account(j.Account)
		}
	}
	p.photos = len(seen)
	return p
}

// pickGroups adds the groups in a state whose headings are among the rows.
func (p picked) pickGroups(rs []*row, state string) picked {
	for _, r := range rs {
		if r.head != nil && r.head.State == state {
			p.groups = append(p.groups, r.head.Key)
			p.photos += r.head.Count
			p.account(r.head.Account)
		}
	}
	return p
}

// receipt adds a receipt, unless the account is spoken for.
func (r *row) receipt(rec *control.Record) {
	if !r.speaksFor(rec.Account) {
		r.recs = append(r.recs, rec)
	}
}

func (r *row) speaksFor(account string) bool {
	return slices.ContainsFunc(r.jobs, func(j *control.Job) bool { return j.Account == account }) ||
		slices.ContainsFunc(r.recs, func(o *control.Record) bool { return o.Account == account })
}

// rowSet is rows of photos that can be found by their photo.
type rowSet struct {
	rows []row
	at   map[photoKey]int // below zero: beyond the limit
	left int              // photos beyond the limit
}

// of returns the row of a photo, or nil. It is good until a row is added.
func (s *rowSet) of(p photoKey) *row {
	if i, ok := s.at[p]; ok && i >= 0 {
		return &s.rows[i]
	}
	return nil
}

// add makes a row for a photo that has none yet.
func (s *rowSet) add(p photoKey, r row) {
	s.at[p] = len(s.rows)
	s.rows = append(s.rows, r)
}

// rowsOf makes one row per photo out of jobs, in the order in which photos
// first appear, and never more than limit. A job that comes twice, as it may
// when it changed its state between two queries, counts as what was seen first.
func rowsOf(jobs []*control.Job, limit int) *rowSet {
	s := &rowSet{at: make(map[photoKey]int, len(jobs)), rows: make([]row, 0, min(len(jobs), limit))}
	for n, j := range jobs {
		p := photoOf(j)
		i, ok := s.at[p]
		switch {
		case ok && i >= 0:
			if !slices.ContainsFunc(s.rows[i].jobs, func(o *control.Job) bool { return o.ID == j.ID }) {
				s.rows[i].jobs = append(s.rows[i].jobs, j)
			}
		case ok: // beyond the limit already
		case len(s.rows) < limit:
			s.add(p, row{rowKey: rowKey{photoKey: p}, jobs: jobs[n : n+1 : n+1]})
		default:
			s.at[p] = -1
			s.left++
		}
	}
	return s
}
