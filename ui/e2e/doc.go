// Package e2e has no code, only tests: of the real program, in a real window, on
// a desktop made for the test, driven by mouse and keyboard like a person does.
//
// A test begins with newDesk: a screen with a window manager, a session bus with
// a panel and notifications, a home, and nothing of the machine it runs on. Then
//
//	d.site("piwigo")            runs a practice server and adds an account on it
//	d.open(files...)            starts the program as a click on its icon does
//	d.sees("Add photos")        waits until that is written on the screen
//	d.click("Add photos")       waits for it, and clicks it
//	d.keys("ctrl+3")            presses keys
//	d.until("...", func() bool) waits for anything else
//	d.status()                  is what the engine says of itself
//	d.drags                     drags files, without a mouse
//	d.panel, d.bubbles          are the tray and the notifications
//
// Texts are found by their looks, see eye, so no test knows where a button is:
// only its words. When a test fails, what was on the screen and what the
// programs said is in build/e2e.
//
// Every test also fails when a program of it said that the toolkit was called
// from a wrong goroutine, panicked, had a data race, or did not end when it was
// told to.
//
// Waits have deadlines far beyond what is needed, and nothing is decided by how
// long it took.
package e2e
