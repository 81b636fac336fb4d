// Package uploadtest is the conformance suite that every [upload.Uploader]
// passes. What must hold for all services is tested here, once; what is
// peculiar to a service lies in that service's own tests.
//
// A service describes itself with a [Harness], whose Start gives a fresh
// [Site] for each case: an emulator, or a real server, where the cases that
// need faults or counters are skipped.
//
// All that the uploaders return and all that is logged during a run is
// searched for secrets at its end.
package uploadtest
