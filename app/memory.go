package app

import "fmt"

// memory keeps what the client of one account learns, as notes in the queue
// file: it implements [upload.Memory].
type memory struct {
	app *App
	id  string // of the account
}

func memoryKey(account string) string { return "account/" + account + "/" }

// Load implements [upload.Memory]. What cannot be read was never known.
func (m memory) Load(key string) string {
	v, err := m.app.queue.Note(memoryKey(m.id) + key)
	m.app.recordError(err)
	return v
}

// Store implements [upload.Memory].
func (m memory) Store(key, value string) error {
	if err := m.app.queue.SetNote(memoryKey(m.id)+key, value); err != nil {
		return fmt.Errorf("remember %s: %w", key, err)
	}
	return nil
}
