package app

import (
	"strings"

	"github.com/photoferry/photoferry/app/photo"
)

// kindWord is a kind as people write it.
func kindWord(k photo.Kind) string {
	switch k {
	case photo.WebP:
		return "WebP"
	case photo.Unknown:
		return "unknown"
	default:
		return strings.ToUpper(k.String())
	}
}
