// Package journal keeps what an emulator must not forget: a file of records that only
// grows, and is read once, when it is opened. What the records mean is the emulator's
// business and must not live here; neither do the photos.
//
// # On disk
//
// Each record is one line: its CRC-32C in eight hexadecimal digits, a space, one JSON
// object, and a newline.
//
//	35dee31e {"op":"remove","id":"x"}
//
// # Invariants
//
// They hold when the process is killed at any moment. For records that were synced,
// which all are but those of AppendUnsynced and of Options.NoSync, they also hold when
// the power fails.
//
//   - Once Append has returned nil, every Open replays its records, in their order.
//   - Replay sees only records that were appended, and only whole ones. One whose Append
//     did not come to its end, or failed, is there or not.
//   - Nothing but an end without any whole line in it is ever cut off, and that is all
//     that a crash can damage. Open does it, so that the next record begins a line.
//   - A file that is damaged in another way, or holds a record that is not understood, is
//     not opened and not changed.
package journal
