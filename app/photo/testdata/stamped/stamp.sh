#!/usr/bin/env bash
# stamp.sh: makes the files of this folder anew with exiftool, out of small
# pictures in it (base.*) and of ../corpus, and writes what exiftool then reads
# from each into expected.json. raw.* are only read: they are cut off.
set -euo pipefail
cd "$(dirname "$0")"
et() { exiftool -q -q -overwrite_original -charset iptc=UTF8 "$@"; }
n=0
# stamp BASE ARGS...: a copy of BASE with those tags.
stamp() {
  local base=$1 out
  shift
  n=$((n + 1))
  out=$(printf '%02d.%s' "$n" "${base##*.}")
  cp "$base" "$out"
  et "$@" "$out"
}

webp='../corpus/webp/Alpha Lossy (2).webp'
avif='../corpus/avif/32Bit-72dpi-sRGB-800x600.avif'
heic='../corpus/heic/cheers_1440x960.heic'
rm -f [0-9][0-9].*

camera=(-Make=ACME '-Model=Box 1' -Orientation#=6 '-DateTimeOriginal=2026:07:14 18:30:05' -SubSecTimeOriginal=25 -OffsetTimeOriginal=+02:00 '-ExifIFD:LensModel=ACME 35mm F1.8')
place=(-GPSLatitude=48.858 -GPSLatitudeRef=N -GPSLongitude=2.2945 -GPSLongitudeRef=E -GPSAltitude=35 -GPSAltitudeRef=0)
words=(-XMP-dc:Title='Abend am Fluss' -XMP-dc:Description='Ein Abend, ganz ohne Wolken — ΩЖ' -XMP-dc:Subject=Fluß -XMP-dc:Subject=Abend -XMP-dc:Creator='Ann Lee' -XMP-xmp:Rating=4)
news=(-IPTC:CodedCharacterSet=UTF8 -IPTC:ObjectName='Été à Paris' -IPTC:Caption-Abstract='La Tour Eiffel' -IPTC:Keywords=été -IPTC:Keywords=Paris -IPTC:By-line='Jean Noël' -IPTC:City=Paris -IPTC:Province-State='Île-de-France' -IPTC:Country-PrimaryLocationName=France -IPTC:Country-PrimaryLocationCode=FRA -IPTC:Sub-location='Champ de Mars')
spot=(-XMP-photoshop:City=Lyon -XMP-photoshop:State=Rhône -XMP-photoshop:Country=France -XMP-iptcCore:CountryCode=FR -XMP-iptcCore:Location='Vieux Lyon')

stamp base.jpg "${camera[@]}" "${place[@]}" "${words[@]}" "${news[@]}" "${spot[@]}"
stamp base.jpg "${camera[@]}" "${words[@]}"
stamp base.jpg "${camera[@]}" "${place[@]}" "${news[@]}"
stamp base.jpg "${words[@]}" "${spot[@]}" -XMP-lr:HierarchicalSubject='Places|France|Lyon' -XMP-lr:HierarchicalSubject='People|Ann'
stamp base.jpg "${news[@]}"
stamp base.jpg -IPTC:CodedCharacterSet= -charset iptc=Latin1 -IPTC:ObjectName='Grüße' -IPTC:Keywords=Straße -IPTC:Caption-Abstract='Ein “Zitat”' -charset iptc=Latin
stamp base.jpg "${camera[@]}" -XMP-xmp:Rating=0 -XMP-microsoft:RatingPercent=75
stamp base.jpg "${camera[@]}" -XMP-xmp:Rating=5 -XMP-microsoft:RatingPercent=99 -IFD0:Rating=3
stamp base.jpg -XMP-xmp:Rating=1 -XMP-dc:Title-de-DE=Hafen -XMP-dc:Title=Harbour -XMP-dc:Description-fr=Port -XMP-dc:Description='The harbour'
stamp base.jpg -XMP-exif:DateTimeOriginal='2019:03:02 01:02:03.5+09:00' -XMP-exif:GPSLatitude=-33.86 -XMP-exif:GPSLongitude=151.21 -XMP-exif:GPSAltitude=12.5 -XMP-exif:GPSAltitudeRef=0 -XMP-tiff:Make=ACME -XMP-tiff:Model='Box 2' -XMP-tiff:Orientation#=8 -XMP-aux:Lens='35mm'
stamp base.jpg '-RegionInfo={AppliedToDimensions={W=48,H=32,Unit=pixel},RegionList=[{Area={X=0.5,Y=0.5,W=0.2,H=0.2,Unit=normalized},Name=Ann Lee,Type=Face},{Area={X=0.2,Y=0.5,W=0.1,H=0.1,Unit=normalized},Name=Rex,Type=Pet},{Area={X=0.7,Y=0.5,W=0.1,H=0.1,Unit=normalized},Name=Böb,Type=Face}]}'
stamp base.jpg -XMP-iptcExt:PersonInImage='Ann Lee' -XMP-iptcExt:PersonInImage='Çem'
stamp base.jpg '-RegionInfoMP={Regions=[{PersonDisplayName=Ann Lee,Rectangle=0.1|, 0.2|, 0.3|, 0.4},{PersonDisplayName=Zoë,Rectangle=0.5|, 0.2|, 0.3|, 0.4}]}'
stamp base.jpg '-PersonInImageWDetails=[{PersonName=Dr. Who,PersonId=1}]' -XMP-digiKam:TagsList='Places/France/Nice' -XMP-microsoft:LastKeywordXMP='Places/Spain'
stamp base.jpg "${camera[@]}" -IFD0:XPTitle='Ünder Windows' -IFD0:XPKeywords='eins;zwei' -IFD0:XPAuthor='Ann' -IFD0:XPComment='Kommentar' -IFD0:Rating=2
stamp base.jpg -Make=ACME -Model='Box 1' -IFD0:Artist='Jörg' -IFD0:ImageDescription='Straße im März' '-DateTimeOriginal=2026:07:14 18:30:05' '-GPSDateStamp=2026:07:14' '-GPSTimeStamp=16:30:04'
stamp base.png "${camera[@]}" "${place[@]}" "${words[@]}" "${spot[@]}"
stamp base.png -XMP-dc:Title='Nur XMP' -XMP-dc:Subject=allein -XMP-xmp:Rating=3
et -z 17.png -XMP-dc:Subject+=deflated
stamp base.gif "${words[@]}" "${spot[@]}"
stamp base.tif "${camera[@]}" "${place[@]}" "${words[@]}" "${news[@]}" "${spot[@]}"
stamp base.tif "${camera[@]}" "${place[@]}" "${news[@]}"
stamp "$webp" "${camera[@]}" "${place[@]}" "${words[@]}" "${spot[@]}"
stamp "$avif" "${camera[@]}" "${place[@]}" "${words[@]}" "${spot[@]}"
stamp "$heic" "${camera[@]}" "${place[@]}" "${words[@]}" "${spot[@]}"
exiftool -charset iptc=Latin -n -json -G1 -a -struct \
  -DateTimeOriginal -SubSecTimeOriginal -OffsetTimeOriginal -Orientation -Make -Model -LensModel -Lens -Rating \
  -GPSLatitude -GPSLongitude -GPSAltitude -Composite:GPSLatitude -Composite:GPSLongitude -ImageWidth -ImageHeight -FileType \
  -XMP-dc:All -XMP-photoshop:All -XMP-iptcCore:All -XMP-iptcExt:All -XMP-lr:All -XMP-digiKam:All -XMP-microsoft:All -XMP-MP:All \
  -XMP-mwg-rs:All -IPTC:All -IFD0:All [0-9][0-9].* raw.* >expected.json
