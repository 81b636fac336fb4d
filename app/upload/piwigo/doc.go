// Package piwigo uploads to Piwigo galleries by their web API, from 2.10 on.
//
// What must not live here: waiting and retrying (the engine's), HTTP below the
// meaning of an answer (package upload's), and anything of the emulator.
//
// # Terms
//
// A session is one sign-in with its cookies and its token; an account has one,
// shared by all uploads. The lounge is where the server keeps new photos,
// outside their albums, until it is told that a batch is over: [Client.Finish].
// A single shot is a photo in one request; a bigger one goes in chunks. Lanes
// are the uploads that run at once.
//
// # Answers
//
// PHP puts warnings and web pages before, behind and in the place of an answer,
// and the HTTP status says little. An answer is the JSON that begins with
// "stat", wherever it lies; what it means is decided in one table, [failures].
//
// # Methods of sending
//
//	pwg.images.addSimple    a photo that fits one request
//	pwg.images.uploadAsync  a bigger one, in chunks that can be resumed (since 11)
//	pwg.images.upload       where nothing better is offered, or the account says so
//
// No server tells how big a request may be. So a photo is first tried in one
// request, and what is refused teaches the limit, which is remembered and
// halved by each further refusal.
//
// # Invariants
//
//   - Nothing counts as delivered but an answer that names the photo, and where
//     the server finds photos by MD5, it is asked for the MD5 of the file.
//   - No photo is sent before its album was seen on the server: a wrong album is
//     accepted, and the photo is in none.
//   - The chunks of one file are sent one after the other. A buffer that the
//     server keeps by name is never used for two photos at once.
//   - Where the server cannot be asked, an upload is noted by
//     [upload.Item.SetMark] before its last bytes leave. If its answer is lost it
//     ends as [upload.Unsure] and is never sent again by itself.
package piwigo
