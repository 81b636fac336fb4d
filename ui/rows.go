package ui

import (
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

// pageRows is the most rows that a list shows; the rest is a number.
const pageRows = 2000

// row is one line of a list: a photo with its jobs and receipts, the heading
// of a group, or the number of those that are not shown.
type row struct {
	rowKey
	jobs []*control.Job    // of this photo, one per account; not to be changed
	recs []*control.Record // of this photo, one per account that has no job
	rest []*control.Job    // of this photo below other headings: shown, not acted on

	head  *groupHead // of a group, whose jobs are in jobs
	under bool       // the heading above says why
	more  string     // "and 998,000 more"
}

// groupHead is the heading of what failed for one reason.
type groupHead struct {
	title, hint string
	accounts    string // names
	photos      int
}

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
	photos   int      // that they are for
	accounts []string // names, each once
}

// pick returns those jobs of a row that want is true for.
func (r *row) pick(want func(j *control.Job) bool) picked {
	var p picked
	seen := map[photoKey]bool{}
	for _, j := range r.jobs {
		if !want(j) {
			continue
		}
		p.ids = append(p.ids, j.ID)
		seen[photoOf(j)] = true
		if !slices.Contains(p.accounts, j.Account) {
			p.accounts = append(p.accounts, j.Account)
		}
	}
	p.photos = len(seen)
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

// group is what failed for one reason.
type group struct {
	reason, hint string
	accounts     []string
	jobs         []*control.Job
}

// grouped puts photos below a heading for each reason, in the order in which
// reasons first appear. A photo that has the same trouble with several accounts
// is one row there.
func grouped(jobs []control.Job) []row {
	type key struct{ reason, hint string }
	var order []*group
	groups := map[key]*group{}
	all := make([]*control.Job, len(jobs))
	for i := range jobs {
		j := &jobs[i]
		all[i] = j
		k := key{j.Error, j.Hint}
		g := groups[k]
		if g == nil {
			g = &group{reason: j.Error, hint: j.Hint}
			groups[k] = g
			order = append(order, g)
		}
		g.jobs = append(g.jobs, j)
		if !slices.Contains(g.accounts, j.Account) {
			g.accounts = append(g.accounts, j.Account)
		}
	}
	photos := rowsOf(all, len(all))
	rows := make([]row, 0, len(jobs)+len(order))
	for _, g := range order {
		rows = g.rows(rows, photos)
	}
	return rows
}

// rows appends the group's heading and photos. all knows every job of a photo.
func (g *group) rows(rows []row, all *rowSet) []row {
	reason := g.reason
	if reason == "" {
		reason = tr("No reason is known")
	}
	name := "heading\x00" + g.reason + "\x00" + g.hint
	photos := rowsOf(g.jobs, len(g.jobs)).rows
	rows = append(rows, row{rowKey: rowKey{group: name}, jobs: g.jobs, head: &groupHead{
		title: capital(reason), hint: g.hint, accounts: strings.Join(g.accounts, ", "), photos: len(photos),
	}})
	for _, r := range photos {
		if every := all.of(photoOf(r.jobs[0])).jobs; len(every) > len(r.jobs) {
			for _, j := range every {
				if !slices.Contains(r.jobs, j) {
					r.rest = append(r.rest, j)
				}
			}
		}
		r.group, r.under = name, true
		rows = append(rows, r)
	}
	return rows
}
