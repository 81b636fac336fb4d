// Package convert makes a JPEG of a photo in another format, or of another
// size. It knows one file at a time, and nothing of queues, accounts or
// services.
//
// Decoding pictures takes memory, and decoders of some formats are written in
// languages in which a broken file can do anything. So the program starts
// itself once more for each picture ([Main]): the child gets the original as
// its standard input, opened for reading only, writes the JPEG to its standard
// output, a file that the parent opened, and ends. It has bounds on memory,
// time and the size of what it writes, and its death is an error like any
// other.
//
// Terms:
//
//   - wish: what the copy is to be like ([Wish]);
//   - maker: what decodes HEIC and AVIF: the system's heif-convert (heif-dec)
//     where there is one, otherwise a decoder that is built in, for HEIC only;
//   - copy: the JPEG. Its metadata is the original's, as far as the wish lets
//     it, and its pixels lie upright, or as in the original with the
//     original's orientation: never both.
//
// The same original, the same wish and the same maker give the same bytes.
package convert
