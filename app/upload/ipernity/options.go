package ipernity

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// Keys of [upload.Account.Options].
const (
	optionAPIKey  = "api_key"
	optionLicense = "license"
	optionVisible = "visibility"
	optionComment = "perm_comment"
	optionTag     = "perm_tag"
	optionTagMe   = "perm_tagme"
	optionAlbum   = "album"
	optionGeo     = "geo"
	optionLanes   = "lanes"
)

var optionHelp = map[string]string{
	optionAPIKey:  "the API key of your application, from https://www.ipernity.com/apps/key; its secret is the account's secret",
	optionVisible: "who may see the photos: private (without this option), family, friends, friends+family, public",
	optionLicense: "all-rights-reserved, cc-by, cc-by-nc, cc-by-nd, cc-by-nc-nd, cc-by-sa, cc-by-nc-sa, copyleft, or the site's code; without it the site's setting counts",
	optionComment: "who may comment: nobody, family, friends, friends+family, contacts, everybody; without it the site's setting counts",
	optionTag:     "who may add keywords, in the same words",
	optionTagMe:   "who may mark himself on a photo, in the same words",
	optionAlbum:   "the album of photos that no folder names one for; without it they are in none",
	optionGeo:     `"no" hides where a photo was taken, also when the file says it`,
	optionLanes:   "uploads at once: 1 (without this option), 2 or 3",
}

// licences are the site's codes, by name.
var licences = map[string]string{
	"all-rights-reserved": "0", "cc-by": "1", "cc-by-nc": "3", "cc-by-nd": "5",
	"cc-by-nc-nd": "7", "cc-by-sa": "9", "cc-by-nc-sa": "11", "copyleft": "255",
}

// groups are the site's codes for who may do something, by name.
var groups = map[string]string{
	"nobody": "0", "family": "1", "friends": "2", "friends+family": "3", "contacts": "4", "everybody": "5",
}

// visibilities are the flags that go with each upload: public, family, friend.
var visibilities = map[string][3]string{
	"private":        {"0", "0", "0"},
	"family":         {"0", "1", "0"},
	"friends":        {"0", "0", "1"},
	"friends+family": {"0", "1", "1"},
	"public":         {"1", "0", "0"},
}

const maxLanes = 3

// options are an account's own settings.
type options struct {
	apiKey   string
	album    string // title; "" for none
	hideGeo  bool
	settings params // what goes with each upload: visibility, licence, permissions
}

// readOptions reads an account's settings. Its errors are for people.
func readOptions(o map[string]string) (options, error) {
	r := options{
		apiKey:   strings.TrimSpace(o[optionAPIKey]),
		album:    clean(o[optionAlbum]),
		settings: params{},
	}
	visible := o[optionVisible]
	if visible == "" {
		visible = "private"
	}
	flags, ok := visibilities[visible]
	if !ok {
		return r, errors.New(`the option "visibility" is none of private, family, friends, friends+family and public`)
	}
	r.settings["is_public"], r.settings["is_family"], r.settings["is_friend"] = flags[0], flags[1], flags[2]
	for key, codes := range map[string]map[string]string{
		optionLicense: licences, optionComment: groups, optionTag: groups, optionTagMe: groups,
	} {
		code, ok := lookUp(codes, o[key])
		if !ok {
			return r, fmt.Errorf("the option %q has a value that the site does not know", key)
		}
		r.settings.set(key, code)
	}
	switch o[optionGeo] {
	case "", "yes":
	case "no":
		r.hideGeo = true
	default:
		return r, errors.New(`the option "geo" is neither "yes" nor "no"`)
	}
	if n, err := strconv.Atoi(o[optionLanes]); o[optionLanes] != "" && (err != nil || n < 1 || n > maxLanes) {
		return r, fmt.Errorf(`the option "lanes" is not a number from 1 to %d`, maxLanes)
	}
	return r, nil
}

// lookUp returns the code for a name, or for the code itself; "" stays "".
func lookUp(codes map[string]string, v string) (string, bool) {
	if v == "" {
		return "", true
	}
	if code, ok := codes[v]; ok {
		return code, true
	}
	for _, code := range codes {
		if code == v {
			return code, true
		}
	}
	return "", false
}

// lanes is how many uploads at once the account sends.
func lanes(a upload.Account) int {
	n, err := strconv.Atoi(a.Options[optionLanes])
	if err != nil {
		return 1
	}
	return min(max(n, 1), maxLanes)
}

// clean makes a text of ours fit for the site: valid UTF-8 without blanks
// around, which the site may drop before it checks the signature.
func clean(s string) string {
	return strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD"))
}
