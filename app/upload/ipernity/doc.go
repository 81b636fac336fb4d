// Package ipernity uploads to ipernity by its API.
//
// What must not live here: waiting and retrying between attempts (the
// engine's), HTTP below the meaning of a status (package upload's), and
// anything of the emulator.
//
// # Terms
//
// A frob is what a sign-in in the browser is begun with; a token is what it
// ends with, and what every later call carries. A call is signed with the
// application's secret, which never travels. A ticket is what an upload is
// answered with: the site works on the photo, and only a ticket that is done
// names the doc, which is the site's word for a photo or film.
//
// # Marks
//
// An upload writes its state into the job's mark, each time before it goes on:
//
//	sent:SINCE:AT        the last bytes are on their way; no answer is known
//	ticket:SINCE:AT:ID   the site has the photo and works on it
//	doc:ID               the photo is there; its album may be missing
//
// SINCE is when sending began and AT when it ended, in milliseconds by the
// site's clock. Whoever finds a mark asks for its ticket, or looks for the doc
// among the newest, before any byte is sent again.
//
// # Metadata
//
// Title and description are sent as the photo has them, and left out when it
// has none, so that the site takes what stands in the file. Tags become
// keywords, with blanks for commas; the names of persons are not sent, since
// what is a keyword there may be seen by everybody. The time is the one on the
// camera's clock. The place is the photo's own, or is hidden with the option
// geo=no, also when the file itself names one. Who may see the photo is always
// said, and is nobody unless the account's settings say otherwise.
//
// # Invariants
//
//   - Nothing counts as delivered but a ticket that is done and names a doc, or
//     the site's own word that it has a doc with these bytes.
//   - A photo is known again by its MD5. Where the site tells none, name, size
//     and time together count. Where a photo was sent and its answer lost, one
//     of the same name and size is fetched and compared.
//   - A photo whose album is missing is never sent again for it.
//   - Parameters without a value are never sent; what the site makes of them in
//     a signature is not documented.
package ipernity
