package queue

// Counts returns the counts of an account, of all together with "". It takes microseconds, whatever the queue holds.
func (q *Queue) Counts(account string) Counts {
	q.mu.Lock()
	defer q.mu.Unlock()
	var sum tally
	sum.due = never
	for name, c := range q.tallies {
		if account != "" && name != account {
			continue
		}
		for s, n := range c.jobs {
			sum.jobs[s] += n
		}
		sum.delivered += c.delivered
		sum.bytes += c.bytes
		if c.due != never && (sum.due == never || c.due < sum.due) {
			sum.due = c.due
		}
	}
	return Counts{
		Ready: sum.jobs[Ready], Leased: sum.jobs[Leased], Waiting: sum.jobs[Waiting], Failed: sum.jobs[Failed],
		Skipped: sum.jobs[Skipped], Delivered: sum.delivered, Bytes: sum.bytes, NextDue: fromNanos(sum.due),
	}
}

// accounts returns the IDs of all accounts that have jobs or records.
func (q *Queue) accounts() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	names := make([]string, 0, len(q.tallies))
	for name := range q.tallies {
		names = append(names, name)
	}
	return names
}
