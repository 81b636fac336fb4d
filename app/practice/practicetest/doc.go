// Package practicetest is what the tests of all emulators need: an address, damaged
// files, and child processes that serve an emulator until they are killed in the middle
// of what they do.
//
// An emulator's TestMain calls [Main], its kill test [Crash]. What a service answers, and
// what must be left of it after a kill, must not live here.
package practicetest
