// Package ipernity is an emulator of ipernity's API: an [http.Handler] that answers
// what ipernity's help pages and the clients that were run against it say it answers,
// on any port, with its state in a directory. It is written from those sources and
// never imports a client, so that a client tested against it is tested against
// something that does not share its misunderstandings.
//
// What must not live here: listeners, TLS, and faults of the network (package
// practice has them); anything that ipernity does not do.
//
// # Addresses
//
//	/api/{method}[/{format}]     the API; json, xml and php, json when left out
//	/apps/authorize              the page on which a person lets an application in
//	/doc/{user}/{doc}            a document's page; /doc/{user}/uploaded?{doc},{doc} several
//	/img/{doc}.{label}...        thumbnails, and the file as it came
//
// On the real site these lie on three hosts; here one base address is enough.
//
// # Sources
//
// Each answer's comment names its source. S is the help page of upload.file. D are
// other help pages: D1 encoding, D4 output formats, D5 authorisation of web
// applications, D6 of desktop applications, D7 permissions, D8 upload.checkTickets, D9
// doc.checkMD5, D10 account.getQuota, D11 doc.getList, D12 doc.get, D13 auth.getToken
// and checkToken, D15 upload.replace, D16 doc.search, D18 the album pages, D20
// doc.set, doc.setPerms and doc.tags.edit, D21 user.get, D22 test.echo. C are clients
// that worked with the live service: C1 Photini, C2 rcw-2/python-ipernity, C3
// oneyoung/python-ipernity-api, C4 ipernity-for-lightroom, C6 shell-ipernity. [INF]
// marks what was inferred from them, and [CHOICE] what they leave open; every choice
// that a client could depend on has a switch in [Options].
//
// # Strictness
//
// The emulator is strict where the service might be: parameters are case-sensitive, a
// signature is 32 lower-case digits over exactly what was sent, methods that change
// something want POST. What no page gives an error for is not refused: upload.file
// passes over values that are out of range, and [Server.Received] shows what became of
// them. The service takes the same bytes as often as they are sent; nothing here
// keeps a client from sending twice.
//
// # On disk
//
//	Dir/docs/NAME     the bytes of a document exactly as they came
//	Dir/index.log     append-only: documents, tickets, albums, tokens, and all changes
//	Dir/incoming/     uploads that are still running
//
// index.log is a journal (package journal). What it holds is synced to the disk before
// the answer leaves (Options.NoSync leaves that out); documents are not, so a power cut
// may take one that the index knows, which the next start then treats as deleted.
//
// Invariants, also across SIGKILL at any moment: a document in the index has its whole
// file; a file in docs is in the index; IDs of documents, tickets and albums are used
// once. An upload writes to incoming, then adds the line (with the name in incoming),
// then moves the file into place. [New] finishes that move if it was interrupted, and
// removes what else is in incoming.
//
// Tickets and tokens are as durable as documents. Frobs and the browser's sign-ins live
// in memory: a restart forgets them.
package ipernity
