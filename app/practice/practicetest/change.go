package practicetest

import "os"

// Change replaces the content of a file, to damage it.
func Change(path string, f func([]byte) []byte) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, f(b), 0o600)
}
