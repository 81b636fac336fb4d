// Package hours reads quiet hours as a person writes them, and tells when they
// begin and end.
//
//	22:00-07:00                          every night
//	12:30-13:15, 22:00-07:00             several, with commas between them
//	Mon-Fri 08:00-17:00, Sat 10:00-12:00 on some days only
//	Sun 00:00-24:00                      a whole day
//
// Hours that end before they begin run across midnight; their day is the one on
// which they begin: "Fri 22:00-07:00" ends on Saturday.
//
// What counts is the clock on the wall: it is quiet while it shows a time in the
// hours. When clocks are changed, hours that the clock leaves out are left out,
// and what it shows twice is quiet twice.
package hours
