package cli

// LowerSecretsWork makes secrets files cheap to open: the scripts start a
// hundred processes that do, and under the race detector each would take a
// second.
func LowerSecretsWork() { secretsWork = 8 }
