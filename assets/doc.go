// Package assets holds what PhotoFerry shows: the icons of the window, the
// program's own icon, and the tray's icon in each of its states.
//
// It is bytes only and imports nothing but the standard library, so that the
// engine, which runs without a window, can carry the tray icons without the
// toolkit; package ui turns the drawings into resources.
//
// The drawings are SVG. Those of the window name no colour but "currentColor",
// which whoever shows them replaces. PNG files are made from the drawings by
// render.go; run "go generate ./assets" after changing one.
package assets
