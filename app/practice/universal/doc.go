// Package universal is an emulator of a Universal Platform community (the up.* API at
// platform.converdge.com): an [http.Handler] that answers what the platform's pages
// say it answers, on any port, with its state in a directory. It is written from those
// pages and never imports a client, so that a client tested against it is tested
// against something that does not share its misunderstandings.
//
// What must not live here: listeners, TLS, and faults of the network (package practice
// has them); anything that such a server does not do.
//
// # Sources
//
// Each answer's comment names its source. [U] is a page of the platform's own
// documentation: U-guide is authentication_guide, every other U-name the page of that
// method, such as U-upload for up_photos_upload. [FB] is what Facebook's REST API, of
// which this one is a copy, did where the pages are silent: the signature's fine print,
// the login page, the error envelope, the photo workflow. [CHOICE] marks what both
// leave open; every choice that a client could depend on has a switch in [Options].
//
// # Generations
//
// The pages are of three ages, and the same error number means other things in them. A
// (createToken, getInfo, getList) has camelCase names and the namespace
// http://api.universalplatform.com/, B (getSession, photos, friends) underscores and no
// namespace, C (isAppAdded) underscores, call_id and v, and the namespace with 1.0/.
// Both spellings of key and signature are taken on every method; errors come in the
// generation of the method. [CHOICE]
//
// # Strictness
//
// The emulator is strict where a server might be: parameters are case-sensitive, every
// call must be signed, over the names and bytes as they came and with the right one of
// two secrets; a session belongs to one community; an image must begin like one. As
// with PHP, a request is read to its end before anything in it is looked at.
//
// Nothing here recognises a photo: the same bytes sent twice are two photos.
//
// # On disk
//
//	Dir/index.log          append-only: tokens, sessions, albums, photos and what became of them (0600)
//	Dir/photos/PID.EXT     the bytes of a photo, exactly as they came
//	Dir/incoming/          uploads that are still running
//
// index.log is a journal (package journal). What it holds, but for call_ids, is synced to
// the disk before the answer leaves (Options.NoSync leaves that out); photos are not, so a
// power cut may take a photo that the index knows, which the next start then treats as
// deleted.
//
// Invariants, also across SIGKILL at any moment: a photo in the index has its whole
// bytes; a pid and an aid are used once; a token gives one session. An upload writes to
// incoming/, then adds the line (with the name in incoming/), then moves the photo into
// place. [New] finishes that move if it was interrupted, and removes what else is in
// incoming/.
//
// Browsers that are signed in live in memory: a restart forgets them all.
package universal
