// Package picapport uploads to PicApport servers by their WebApi 1.0.
//
// What must not live here: waiting and retrying (the engine's), HTTP below the
// meaning of a status (package upload's), and anything of the emulator.
//
// # Terms
//
// A session is what the server gives out for a sign-in; an account has one,
// shared by all uploads, because servers limit them per address. A photo ID is
// the server's name for a photo. We choose it ourselves, from the photo's
// bytes, so that the same photo has the same ID whoever sends it and however
// often: see [PhotoID].
//
// # Versions
//
// Servers are told apart by what they answer, not by their number:
//
//	getServerStatus is missing     older than 8.3: no photo IDs of our own, nothing can be asked
//	alreadySynced is missing       older than 9.1.04: what was deleted there is forgotten there
//	uploadMaxFilesizeMB is missing older than 9.2: limit and video types are not told
//
// # Invariants
//
//   - One request carries one photo. Its metadata part stands before it.
//   - Nothing counts as delivered but the outcome "OK" in a readable answer, or
//     the server's own word that it has the photo ID.
//   - Where the server cannot be asked, an upload is noted by [upload.Item.SetMark]
//     before its last bytes leave. If its answer is lost it ends as
//     [upload.Unsure], also after a crash, and is never sent again by itself.
package picapport
