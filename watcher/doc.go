// Package watcher finds the files of watched folders and says when each of them is finished.
//
// It turns folders into paths of settled files, and nothing more: it does not know what a photo is, reads no file but
// the end of one that is settling (through [Config.Ended]), writes nothing, and remembers nothing between two runs.
// What is done with a file, and whether it has been done before, is the caller's business ([Config.Known]). [Walk],
// [Settle] and [Finished] apply the same rules once, to what a person hands over.
//
// Words. A root is a folder to watch, with its rules. A scan walks a root: it is the truth. An event is a hint where
// to look before the next scan. A mark is a path that an event named. A file settles until nothing suggests any more
// that somebody is writing it; then it is offered to the caller. A root is away while its folder cannot be reached.
//
// The way of a path:
//
//	fsnotify -> hub: marks -> folder: look -> settler -> outbox -> found
//	               scan: walk ------^
//
// Invariants:
//
//   - The goroutine that reads events only marks paths. Work of 1 ms per event loses half of a burst of 20,000 files.
//   - A directory is watched first and read afterwards, so what appears in between is seen at least once.
//   - Whatever could have lost an event (overflow, an error of the watcher, a watch that could not be had, a mount,
//     a resume from sleep) ends in a scan, and the State says so.
//   - Times of settling are taken from our own monotonic clock, never from a file's mtime, which copies carry along.
//   - A file that somebody has open for writing is waited for, for as long as it takes.
//   - A known file is never opened.
//   - Without events, and with nothing settling or away, nothing wakes up but the timer of the next scan.
package watcher
