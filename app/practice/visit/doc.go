// Package visit is a person with a browser, for the pages on which practice
// services ask whether a program may come in: demonstrations and tests confirm
// a sign-in with it.
//
// It knows no service: it reads the forms that a page shows, fills in user and
// password where a form wants them, and presses the button that goes on. What
// belongs to one service's pages must not live here.
package visit
