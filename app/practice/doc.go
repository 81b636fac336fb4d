// Package practice runs emulated photo services on this machine, so that everything
// can be tried without an account anywhere, and makes them misbehave on request.
//
// [Start] opens a directory and serves each service on its own port of the loopback
// interface. The emulators are packages below this one; [Faults] is the middleware
// around any of them, for tests too. What a service answers must not live here, and no
// client may be imported.
//
// # Directory
//
//	DIR/accounts.json     user and password of each service (0600), the same over restarts
//	DIR/tls.pem           key and self-signed certificate, with Options.TLS (0600)
//	DIR/lock              held while a server runs
//	DIR/SERVICE/          the emulator's own state; see its package
//
// All of it may be killed at any moment and started again.
//
// # Faults
//
// A fault is written
//
//	SERVICE[/FUNCTION]:FAULT[:key=value]...
//
// for example
//
//	picapport/upload:status:code=500:times=3
//	picapport/upload:reset-after:times=1
//	picapport:slow:bps=20000
//	picapport:redirect:to=http://127.0.0.1:8080/elsewhere
//
// Without a function it applies to all of them. The faults:
//
//	reset-before   the connection is reset before the service sees the request
//	reset-after    the service does its work, then the connection is reset
//	stall          the request is read and never answered, until the client goes
//	slow           request and answer pass at bps=N bytes a second (1000)
//	status         answers with code=N (500), and with retry-after=SECONDS if given
//	html           answers with a page of HTML and code=N (200)
//	empty          answers 200 with nothing
//	cut            the service's answer breaks off in the middle
//	redirect       answers with code=N (302) and the address to=URL
//	endless        answers with a body that does not end
//	expire         the service forgets all sessions, then sees the request
//	quota          answers as the service does when the user has no room left
//	diskfull       answers as the service does when its disk is full
//
// reset-after, cut, slow and expire let the service do its work; the others do not.
// Keys for every fault say when it happens, counted over the requests it applies to:
//
//	skip=N     the first N pass
//	every=N    of the rest, every Nth: the first, the one N later, and so on
//	rate=P     of the rest, each with probability P (0 < P <= 1)
//	seed=N     for rate; the same seed gives the same sequence
//	times=N    N times altogether; 0, or without the key, for ever
//
// All but slow, stall and the resets read the request before they answer; early=true
// makes them answer at once. Of several faults that would happen, the first does.
package practice
