// Package queue holds everything that PhotoFerry must not forget, in one bbolt file: the jobs, the ledger of what was
// delivered, what the files on disk looked like, and what happened. It knows nothing of folders being watched, of
// services or of screens, and imports nothing of this module.
//
// # Terms
//
// A job is one photo for one account, not yet finished. It is in one of five states, and only the verbs of [Queue] move it:
//
//	            Ready      Leased               Waiting    Failed     Skipped
//	Lease       Leased     -                    -          -          -
//	Mark        -          (stays)              -          -          -
//	Complete    -          gone, record         -          gone, rec. gone, record
//	Adopt       gone, rec. (passed)             (passed)   (passed)   (passed)
//	Retry       -          Waiting, Attempt+1   -          -          -
//	Snooze      -          Waiting              -          -          -
//	Fail        -          Failed               -          -          -
//	Skip        Skipped    Skipped              Skipped    Skipped    -
//	Unlease     -          Ready                -          -          -
//	Remove      gone       gone (by its holder) gone       gone       gone
//	Cancel      gone       gone when it ends    gone       gone       gone
//	Requeue     (passed)   (passed)             Ready      Ready      Ready (by id)
//	SendAgain   -          -                    -          Ready      Ready
//	Ignore      (passed)   (passed)             (passed)   Skipped    (passed)
//	Describe    (words)    (passed)             (words)(4) (words)    (words)
//	First       (Manual)   (Manual)             (Manual)   (Manual)   (Manual)
//	Release     (passed)   (passed)             Ready (1)  (passed)   (passed)
//	time        -          -                    Ready (2)  -          -
//	restart     -          Ready (3)            -          -          -
//
// A dash is [ErrState], and nothing changes. (1) if it is cooling; (2) when it is due; (3) Failed after the third crash;
// (4) Ready if it is cooling and the words release it.
//
// A finished job is no job: it is a record, which the ledger keeps by account and digest and never trims. A hold keeps
// an account from leasing; it is not a state of jobs.
//
// A session is what came together from one place, and counts what became of it. A job knows its session, and so does the
// record that it leaves; see [Session] for what happens when a photo comes twice. A group is the jobs of an account that
// are Failed, or Skipped, for one reason: same kind of error, same hint, and errors that differ in no more than what
// [Job.Reason] leaves out. Which group that is, is decided when the job fails and stored with it.
//
// The end of a lease is also the moment at which new bytes of the same file take effect that were enqueued meanwhile, or
// else a Cancel.
//
// # Buckets
//
//	meta       "version"; "note/" key -> value; "sent/" folder -> time; marks by account and digest
//	           are notes, too: doubt.go
//	holds      account 0 by -> hold
//	jobs       id -> job
//	index      state account 0 order id -> size session reason      order: see appendIndexKey
//	live       account 0 path -> id
//	ledger     account 0 digest -> record
//	delivered  account 0 time digest -> nothing              newest first
//	bysession  session account 0 time digest -> nothing      newest first; only records that have a session
//	sessions   id -> session
//	seen       path -> size, time, digests
//	history    number -> event                       bounded
//
// Numbers in keys are big-endian, so that their order is the keys'. Values are versioned and carry a checksum over
// themselves and their key (codec.go).
//
// # Invariant
//
// For every job, index holds exactly its index key and live exactly its account and path; for every record, delivered and
// bysession hold exactly its keys; nothing else is in these four, and the counts in memory, by account and by folder, are
// the file's. What a session says to be left, failed and skipped is what the jobs say, and its numbers add up. Every change
// of a job is one call of (*txn).step, which keeps this. [Queue.Check] proves it in one sequential pass, and Open does the
// same pass each time.
//
// # Writing
//
// One goroutine writes. Verbs hand it functions and wait; those that wait at the same time share a commit. A verb that
// returns nil is on the disk. Memory (counts, holds) follows a commit and never runs ahead.
//
// # Files
//
//	queue.db           the queue, 0600
//	queue.db.lock      held while a process has the queue open
//	queue.db.size      the size last noted; tells an emptied queue from a new one
//	queue.db.reading   the jobs and files whose bytes are being parsed; outlives a crash and counts it
//	queue.db.copy      the last Backup
//	queue.db.damaged-* what Open set aside
package queue
