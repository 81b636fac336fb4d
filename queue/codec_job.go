package queue

import "fmt"

// job is a Job as stored: with the request that came while it was leased.
type job struct {
	Job
	reason uint64   // of the group that it belongs to while it is Failed or Skipped, otherwise 0
	next   *Request // takes effect when the lease ends
}

// head is the part of a stored job that its keys depend on; it comes first, so that a pass over all jobs can stop there.
// The slices alias the value.
type head struct {
	state    State
	priority Priority
	modTime  int64
	due      int64
	updated  int64
	size     int64
	session  uint64
	reason   uint64
	account  []byte
	path     []byte
}

const (
	flagCooling = 1 << iota
	flagNext
)

const (
	flagSyncCheck = 1 << iota
	flagAgain
)

func encodeJob(j *job) []byte {
	e := encoder{b: make([]byte, 0, 288+len(j.Path)+len(j.Error))}
	e.u8(jobVersion)
	e.u8(uint8(j.State))
	e.u8(uint8(j.Priority))
	e.time(j.ModTime)
	e.time(j.Due)
	e.time(j.Updated)
	e.int64(j.Size)
	e.u64(j.Session)
	e.u64(j.reason)
	e.str(j.Account)
	e.str(j.Path)
	var flags uint8
	if j.Cooling {
		flags |= flagCooling
	}
	if j.next != nil {
		flags |= flagNext
	}
	e.u8(flags)
	encodeWish(&e, &j.Request)
	e.time(j.Created)
	e.uint(j.Attempt)
	e.uint(j.Leases)
	e.uint(j.Crashes)
	e.str(j.Error)
	e.str(j.Hint)
	e.str(j.ErrKind)
	e.str(j.Mark)
	e.str(j.Cancelled)
	if n := j.next; n != nil {
		e.u8(uint8(n.Priority))
		e.time(n.ModTime)
		e.int64(n.Size)
		e.u64(n.Session)
		encodeWish(&e, n)
	}
	return e.b
}

// encodeWish writes what a request holds beside the fields of head.
func encodeWish(e *encoder, r *Request) {
	var flags uint8
	if r.SyncCheck {
		flags |= flagSyncCheck
	}
	if r.Again {
		flags |= flagAgain
	}
	e.u8(flags)
	e.raw(r.SHA256[:])
	e.raw(r.MD5[:])
	e.time(r.NotBefore)
	e.str(r.Folder)
	e.str(r.Kind)
	e.str(r.Album)
	e.str(r.Skip)
	e.time(r.Taken)
	e.str(r.Title)
	e.str(r.Description)
	e.uint(len(r.Tags))
	for _, tag := range r.Tags {
		e.str(tag)
	}
}

func decodeWish(d *decoder, version uint8, r *Request) {
	flags := d.u8()
	r.SyncCheck = flags&flagSyncCheck != 0
	r.Again = flags&flagAgain != 0
	copy(r.SHA256[:], d.take(32))
	copy(r.MD5[:], d.take(16))
	r.NotBefore = d.time()
	r.Folder = d.str()
	r.Kind = d.str()
	r.Album = d.str()
	r.Skip = d.str()
	if version < 2 {
		return
	}
	r.Taken = d.time()
	r.Title = d.str()
	r.Description = d.str()
	for n := d.uint(); n > 0 && d.err == nil; n-- {
		r.Tags = append(r.Tags, d.str())
	}
}

func decodeHead(d *decoder) (h head, version uint8) {
	version = d.version(jobVersion)
	h.state = State(d.u8())
	h.priority = Priority(d.u8())
	h.modTime = int64(d.u64())
	h.due = int64(d.u64())
	h.updated = int64(d.u64())
	h.size = d.int64()
	if version > 1 {
		h.session = d.u64()
		h.reason = d.u64()
	}
	h.account = d.bytes()
	h.path = d.bytes()
	if d.err == nil && (h.state < Leased || h.state > Skipped) {
		d.err = fmt.Errorf("%w: state %d", errCodec, h.state)
	}
	return h, version
}

func decodeJob(id uint64, body []byte) (*job, error) {
	d := decoder{b: body}
	h, version := decodeHead(&d)
	j := &job{Job: Job{ID: id, State: h.state}, reason: h.reason}
	j.Priority = h.priority
	j.ModTime = fromNanos(h.modTime)
	j.Due = fromNanos(h.due)
	j.Updated = fromNanos(h.updated)
	j.Size = h.size
	j.Session = h.session
	j.Account = string(h.account)
	j.Path = string(h.path)
	flags := d.u8()
	j.Cooling = flags&flagCooling != 0
	decodeWish(&d, version, &j.Request)
	j.Created = d.time()
	j.Attempt = d.uint()
	j.Leases = d.uint()
	j.Crashes = d.uint()
	j.Error = d.str()
	j.Hint = d.str()
	j.ErrKind = d.str()
	j.Mark = d.str()
	j.Cancelled = d.str()
	if flags&flagNext != 0 {
		n := &Request{Account: j.Account, Path: j.Path}
		n.Priority = Priority(d.u8())
		n.ModTime = d.time()
		n.Size = d.int64()
		if version > 1 {
			n.Session = d.u64()
		}
		decodeWish(&d, version, n)
		j.next = n
	}
	return j, d.end()
}

// head returns the part of j that its keys depend on.
func (j *job) head() head {
	return head{
		state: j.State, priority: j.Priority, modTime: nanos(j.ModTime), due: nanos(j.Due), updated: nanos(j.Updated),
		size: j.Size, session: j.Session, reason: j.reason, account: []byte(j.Account), path: []byte(j.Path),
	}
}
