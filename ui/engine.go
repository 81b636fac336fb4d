package ui

import "github.com/photoferry/photoferry/ui/say"

// engine says a sentence of the engine, which writes English, in the language
// of the window.
func engine(text string) string { return say.Engine(text) }
