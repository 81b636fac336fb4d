// Package picapport is an emulator of a PicApport server's WebApi 1.0: an
// [http.Handler] that answers what PicApport's documents say it answers, on any
// port, with its state in a directory. It is written from those documents and
// never imports a client, so that a client tested against it is tested against
// something that does not share its misunderstandings.
//
// What must not live here: listeners, TLS, and faults of the network (package
// practice has them); anything that a PicApport server does not do.
//
// # Sources
//
// Each answer's comment names its source. A plain S-number is a page of
// PicApport's wiki: S1 PicApport Web-API, S3 upload, S4 createWebApiSession, S5
// authorizeWebApiSession, S6 getPhoto, S7 URL parameter to identify a photo, S8
// checkPhotoId, S9 getThumbnail, S10 user management, S11 permissions, S12
// Version 9, S13 the directory structure, S14 getServerStatus, S15 description of
// metadata, S17 getGallery, S19 removePhoto, S23 getPhotoMetadata, S24 runQuery,
// S25 full text search, S26 getSharedGallerys. [INF] marks what was inferred from
// them, and [CHOICE] what they leave open; every choice that a client could
// depend on has a switch in [Options].
//
// # Strictness
//
// The emulator is strict where a server might be: parameters are case-sensitive,
// only upload takes POST, a part must look like a JPEG by its header, its name and
// its first bytes, JSON must be JSON, a photo ID must have the native shape.
//
// # On disk
//
//	Dir/photos/uploads/NAME                        the photo, with its metadata written into it as XMP
//	Dir/received/NAME                              the bytes exactly as they came (Options.KeepReceived)
//	Dir/.picapport/db/index.log                    append-only: what was stored, removed and shared
//	Dir/.picapport/photosync/syncedPhotoIDs.txt    every ID ever transferred, one per line [S13]
//	Dir/.picapport/incoming/                       uploads that are still running
//
// index.log is a journal (package journal). What it holds is synced to the disk before
// the answer leaves (Options.NoSync leaves that out); photos are not, so a power cut may
// take a photo that the index knows, which the next start then treats as deleted.
//
// Invariants, also across SIGKILL at any moment: an ID in the index has its whole
// photo; a photo in photos/uploads is in the index or was put there by somebody
// else; one ID and one name are used once. An upload writes to incoming/, and once the
// request has been read to its end, it adds the line (with the name in incoming/), then
// moves the photo into place. [New] finishes that move if it was interrupted, and removes
// what else is in incoming/.
//
// Sessions live in memory: a restart forgets them all.
package picapport
