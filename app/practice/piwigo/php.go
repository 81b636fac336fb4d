package piwigo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// encodeJSON is json_encode: slashes and everything beyond ASCII are escaped.
func encodeJSON(v any) ([]byte, error) {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding the answer: %w", err)
	}
	out := make([]byte, 0, raw.Len())
	for _, r := range strings.TrimSuffix(raw.String(), "\n") {
		switch {
		case r == '/':
			out = append(out, `\/`...)
		case r < 0x80:
			out = append(out, byte(r))
		default:
			for _, u := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, `\u%04x`, u)
			}
		}
	}
	return out, nil
}

// orArray is how PHP encodes a map: an empty one is [] [R1].
func orArray[V any](m map[string]V) any {
	if len(m) == 0 {
		return []any{}
	}
	return m
}

// orNull is a column that is NULL when it is empty, as single_update leaves it [S].
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

var (
	specialChars = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "'", "&#039;", "<", "&lt;", ">", "&gt;")
	slashes      = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "'", `\'`, "\x00", `\0`)
	tagPattern   = regexp.MustCompile(`<[^<>]*>?`)
	softTag      = regexp.MustCompile(`(?i)^</?(b|strong|em|i)\b`)
)

// htmlSpecialChars and addSlashes are PHP's functions of those names.
func htmlSpecialChars(s string) string { return specialChars.Replace(s) }
func addSlashes(s string) string       { return slashes.Replace(s) }

// stripTags is strip_tags, with b, strong, em and i left in if soft is set.
func stripTags(s string, soft bool) string {
	return tagPattern.ReplaceAllStringFunc(s, func(tag string) string {
		if len(tag) > 1 && (tag[1] == ' ' || tag[1] == '\t' || tag[1] == '\n') {
			return tag // not a tag to PHP
		}
		if soft && softTag.MatchString(tag) {
			return tag
		}
		return ""
	})
}

var (
	integerPattern = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)$`)
	listSeparators = regexp.MustCompile(`[\s,;|]+`)
)

// splitList splits ids and MD5s: "whitespace , ; |" [R1].
func splitList(s string) []string {
	var out []string
	for _, x := range listSeparators.Split(s, -1) {
		if x != "" {
			out = append(out, x)
		}
	}
	return out
}

// toInt is FILTER_VALIDATE_INT.
func toInt(s string) (int, bool) {
	s = strings.Trim(s, " \t\n\r\v\x00")
	if !integerPattern.MatchString(s) {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s, "+"))
	return n, err == nil
}

// intval is PHP's: the digits in front, or 0.
func intval(s string) int {
	s = strings.TrimLeft(s, " \t\n\r\v")
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, _ := strconv.Atoi(strings.TrimPrefix(s[:end], "+")) // 0 is what PHP says too
	return n
}

// toBool is FILTER_VALIDATE_BOOLEAN with FILTER_NULL_ON_FAILURE.
func toBool(s string) (on, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "true", "on", "yes":
		return true, true
	case "0", "false", "off", "no", "":
		return false, true
	}
	return false, false
}

const sqlTime = "2006-01-02 15:04:05"

var datePattern = regexp.MustCompile(`^\s*(\d{4})[^\d](\d{1,2})[^\d](\d{1,2})(?:(?:\s+|T)(\d{1,2})(?:[^\d](\d{1,2})(?:[^\d](\d{1,2}))?)?)?`)

// sqlDate reads a date as MariaDB does: any signs between the numbers, and no more than
// is there [R8].
func sqlDate(s string) (string, bool) {
	m := datePattern.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	var n [6]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // absent parts are 0
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	if int(t.Month()) != n[1] || t.Day() != n[2] || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return "", false
	}
	return t.Format(sqlTime), true
}

// beyondBMP returns the first rune that utf8mb3 cannot hold, and what is behind it.
func beyondBMP(s string) (rest string, found bool) {
	at := strings.IndexFunc(s, func(r rune) bool { return r > 0xffff })
	if at < 0 {
		return "", false
	}
	return s[at:], true
}

var urlNamePattern = regexp.MustCompile(`[\s':/\[\],-]+`)

// urlName is str2url, without its table of accents [S].
func urlName(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.Map(func(r rune) rune {
		if r >= 0x80 || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("_ \t':/[],-", r) {
			return r
		}
		return -1
	}, s)
	return strings.ReplaceAll(urlNamePattern.ReplaceAllString(s, " "), " ", "_")
}

// nameFromFile is get_name_from_file: "IMG 0001" for IMG_0001.JPG [R3].
func nameFromFile(file string) string {
	if at := strings.LastIndexByte(file, '.'); at >= 0 {
		file = file[:at]
	}
	return strings.ReplaceAll(file, "_", " ")
}

// extension is get_extension in lower case.
func extension(file string) string {
	return strings.ToLower(file[strings.LastIndexByte(file, '.')+1:])
}

// errorPage is what PHP prints into the answer: kind is Warning, Deprecated or Fatal error.
func errorPage(kind, text, script string, line int) string {
	return fmt.Sprintf("<br />\n<b>%s</b>:  %s in <b>/var/www/piwigo/%s</b> on line <b>%d</b><br />\n", kind, text, script, line)
}

// nginxPage is a page of nginx itself.
func nginxPage(title string) string {
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
}
