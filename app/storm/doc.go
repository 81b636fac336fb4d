// Package storm proves the promise: whatever breaks, no photo is lost, none is sent twice, and what the program says is
// true. It has tests only.
//
// A storm is one run of the real program, built without its window, on folders that are filled all the time, with an
// account on each of the four practice services. Between program and services stands a proxy that can do all that lines,
// routers and careless servers do. A plan of events, drawn from a seed, breaks one thing after the other, several at a
// time; then everything is repaired, by a person's means (the password right again, a sign-in, resume, retry), and the
// books must balance.
//
//	go test ./app/storm                                 one short storm
//	make storm SEEDS=50 PHOTOS=2000                      many long ones
//	make storm SEED=17                                  the plan of seed 17 once more
//
// A seed gives the same plan, the same photos and the same choices. The clock on the wall does not repeat itself, so a
// failure that hangs on a moment may need several runs.
//
// # Words
//
//	event     one thing that goes wrong; it may last for some steps, and then ends by its own repair
//	plan      the events of a seed, in order
//	site      one practice service behind its proxy
//	album     all bytes that were ever written into folders, and what lies where now: the truth of the disk
//	watch     reads the program's status all the time and compares it with what is so
//	books     album, servers and the program's own records, compared at the end
//
// # Verdicts
//
// Of the bytes that lie in a watched folder at the end, each account has exactly one copy and the program a record
// whose remote ID is that of the copy; or the photo failed or was skipped, with a reason that is so. Of bytes that were
// there once (the file was changed or deleted before the end) an account may have one copy or none. A server never has
// bytes that no file ever had.
//
// Universal Platform cannot be asked for a photo. There a photo may end as unsure, which is counted; then the person
// looks on the site, as the program asks, and says what was seen. Nowhere is a photo twice.
//
// What is not here: the clock of the machine (other programs need it), and lines with delay and loss, which need name
// spaces of their own.
package storm
