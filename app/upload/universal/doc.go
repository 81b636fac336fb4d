// Package universal uploads to communities of Universal Platform by the up.*
// functions, the photo part of an interface that was copied from the early
// one of Facebook.
//
// What must not live here: waiting and retrying (the engine's), HTTP below the
// meaning of a status (package upload's), and anything of the emulator.
//
// # Terms
//
// An album has an aid, a photo a pid, a user a uid; all are kept as text. The
// default album is the application's own, which the service makes and fills
// when an upload names none. A pending photo waits for its owner's approval;
// whether the service lists or counts it until then is not documented and is
// learned from the photos that were sent: see [Client.confirm].
//
// # Lost answers
//
// The service does not know a photo again by its bytes. An attempt therefore
// leaves a mark at its job, before its last bytes go out, and a line in the
// account's journal; together they say where, when and under which caption the
// photo would be, how many photos were there before, and which of those that
// came since are explained by other jobs. From that [Client.Find] concludes
// that it is there, or that it is not, or that nobody can tell, which ends as
// [upload.Unsure]: see [evidence].
//
// # Invariants
//
//   - One call of a session at a time: their numbers must arrive in order.
//   - Nothing counts as delivered but an answer with a pid, or a photo that
//     the service lists and that can be no other.
//   - Nothing is sent again unless the service has said that it was not taken,
//     or the evidence says so: list and size agree, both are as before, and
//     this service has been seen to list such photos.
//   - The body of an error's answer repeats session and keys. Its code and,
//     for unknown codes, its words are all that is ever looked at.
package universal
