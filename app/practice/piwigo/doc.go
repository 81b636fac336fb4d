// Package piwigo is an emulator of a Piwigo gallery: an [http.Handler] that answers
// ws.php as Piwigo on PHP, nginx and MariaDB was measured to answer it, on any port,
// with its state in a directory. It never imports a client, so that a client tested
// against it is tested against something that does not share its misunderstandings.
//
// What must not live here: listeners, TLS, and faults of the network (package
// practice has them); anything that a Piwigo server does not do.
//
// # Sources
//
// Each answer's comment names its source. R1 to R9 are the sections of the reference
// that was measured on real servers: R1 transport, R2.1 to R2.5 authentication, R3
// methods, R4 failures, R6 what the server spends, R8 traps; F1 to F10 are its ten
// facts. S is Piwigo's own source, version 16.4.0 unless another is named, by function;
// C is the Community plug-in's main.inc.php, and T a file in testdata/captured: an exchange
// with a real server, which wins over all others. [CHOICE] marks what they leave open.
//
// # Strictness
//
// Requests are read as PHP reads them, with its peculiarities: over post_max_size a
// form is empty, a file over upload_max_filesize is an error code, a[]=1 is a list,
// and a POST hides the parameters of the address. Parameters are checked as
// PwgServer::invoke does. Where Piwigo is careless, so is the emulator: a wrong album
// is accepted, a buffer is keyed by name, a claimed MD5 is believed.
//
// Methods that have nothing to do with sending photos are absent, also from
// reflection.getMethodList.
//
// # On disk
//
//	Dir/upload/YYYY/MM/DD/NAME   the photos, byte for byte as they came
//	Dir/upload/buffer/           chunks, named as Piwigo names them
//	Dir/tmp/                     request bodies and photos that are still on their way
//	Dir/index.log                append-only: photos, albums and tags as they became
//	Dir/secret_key               what pwg_token is made with
//
// Each line of index.log, a [journal.Journal], holds a photo, an album or a tag as a
// whole: the last one counts. A line is synced to the disk before the answer leaves
// (Options.NoSync leaves that out); photos are not, so a power cut may take a photo that
// the index knows.
//
// Invariants, also across SIGKILL at any moment: a photo in the index has its whole
// file; a file in upload/YYYY is in the index, or is what Piwigo itself would leave
// there. A photo is moved to tmp/ under a name of its own, then its line is written
// (with that name), then it is moved into place. [New] finishes that move if it was
// interrupted, and removes what else is in tmp/. Chunks survive.
//
// Sessions live in memory: a restart forgets them all.
package piwigo
