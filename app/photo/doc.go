// Package photo knows one file: which kind it is, its digests, whether it is
// complete, what its camera and its owner wrote into it, a small picture of
// it, and a copy of it that tells less.
//
// Everything here reads bytes that somebody else made. Nothing writes but to a
// writer that it is given, nothing looks at a path (a name is only a hint, see
// [Sniff]), and nothing here knows of queues, accounts or services.
//
// Terms:
//
//   - digest: SHA-256 and MD5 of all bytes of a file; the photo's identity;
//   - ending: the proof at the end of a file that its writer had finished;
//   - block: the TIFF structure inside a file that holds its EXIF;
//   - packet: the XML inside a file, or beside it (the sidecar), that is its XMP;
//   - dataset: one value of IPTC's;
//   - layer: what one of EXIF, IPTC, XMP and the sidecar says;
//   - shot: the files that one press of the shutter left;
//   - fence: what stands between foreign bytes and the libraries.
//
// The fence exists because goexif, fed with 62 hostile bytes, allocates until
// the process dies, which recover cannot stop. So goexif never sees a file.
// [ReadMeta] finds the block itself, by bounded reads through [io.ReaderAt];
// walks its directories once each, in 64-bit arithmetic, with a limit on
// directories, entries and the size of every value; copies the few dozen tags
// that this package asks for, each with a type and a count that fit it, into a
// new and well-formed block of at most a few kilobytes; and hands that to
// goexif. A panic beyond that is recovered and becomes an error. IPTC and XMP
// go to imagemeta in the same way: found by ourselves, the known datasets
// copied, the packet measured by its length and by the number of its tags,
// and each handed over alone, in the smallest file that can hold it.
//
// docs/metadata.md says which layer goes first for which field.
//
// Invariants, for any input whatsoever:
//
//   - no function panics, and none runs or allocates in proportion to a number
//     that it read rather than to bytes that are there;
//   - [ReadMeta] allocates less than [MetaMemory] bytes in all;
//   - [Thumbnail] refuses a picture of more than [MaxPixels] before it decodes
//     a pixel, and all decoding at one time shares one memory budget;
//   - [StripGPS] and [StripAll] write nothing that they have not read back;
//   - no time is ever read in the zone of this machine.
package photo
