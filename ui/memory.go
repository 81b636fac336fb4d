package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// memory is what the window keeps between two runs. Losing it is harmless.
type memory struct {
	file string

	Accounts  []string `json:"accounts,omitempty"`      // of the last add sheet; none: all
	Album     string   `json:"album,omitempty"`         // of the last add sheet
	Tags      []string `json:"tags,omitempty"`          // of the last add sheet
	Quick     bool     `json:"quick,omitempty"`         // a few photos are added without a question
	NowTiles  bool     `json:"now_tiles,omitempty"`     // the Now page shows tiles in place of rows
	PastTiles bool     `json:"history_tiles,omitempty"` // so does the History page
	SaidClose bool     `json:"said_close"`              // that the engine goes on without a window
	Guided    bool     `json:"guided"`                  // the first-run guide was finished or declined

	ShootGap time.Duration `json:"shoot_gap,omitempty"` // that ends a shoot, in nanoseconds; 0: two hours
}

func loadMemory(file string, log *slog.Logger) memory {
	m := memory{file: file}
	if file == "" {
		return m
	}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return m
	}
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		log.Warn("Window state is not readable", "file", file, "err", err)
		return memory{file: file}
	}
	return m
}

// save writes the memory, whole or not at all.
func (m memory) save() error {
	if m.file == "" {
		return nil
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding window state: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(m.file), ".window-*")
	if err != nil {
		return fmt.Errorf("saving window state: %w", err)
	}
	defer os.Remove(f.Name()) // fails, as it should, once it was renamed
	_, err = f.Write(b)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), m.file)
	}
	if err != nil {
		return fmt.Errorf("saving window state: %w", err)
	}
	return nil
}

// remember writes down what the window was told. A failure is no reason to
// bother anybody.
func (w *Window) remember() {
	if err := w.memory.save(); err != nil {
		w.log.Warn("Window state is not kept", "err", err)
	}
}
