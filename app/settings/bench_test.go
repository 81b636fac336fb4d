package settings

import "testing"

func BenchmarkOpenTheEncryptedFile(b *testing.B) {
	o := SecretOptions{Dir: b.TempDir(), NoKeyring: true, Env: env(passphraseVariable, passText)}
	if err := OpenSecrets(o).Set(b.Context(), "a", secretText); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := OpenSecrets(o).Get(b.Context(), "a"); err != nil {
			b.Fatal(err)
		}
	}
}
