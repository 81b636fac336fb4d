package ui

// speakIn makes the window speak a language, as in control.Status; "" is that of an
// engine which does not say, and changes nothing.
func (w *Window) speakIn(language string) {
	if language == "" || language == w.language {
		return
	}
	w.language = language
	speak(language)
	w.rebuild()
}

// rebuild makes everything in the window again, since words are chosen when a
// widget is made. The same page, or step of the guide, stays in front.
func (w *Window) rebuild() {
	page := w.current
	w.build()
	w.show(page)
	if w.guide != nil {
		w.guide.retell()
	}
}
