package cli

import "time"

// LowerSecretsWork makes secrets files cheap to open: the scripts start a
// hundred processes that do, and under the race detector each would take a
// second.
func LowerSecretsWork() { secretsWork = 8 }

// LookForCardsBelow gives the program a machine of the test's own to look for
// memory cards on; "" is this one.
func LookForCardsBelow(top string) { cardsBelow = top }

// HurryPractice makes the window's practice server end soon after the engine.
func HurryPractice() { practiceGrace = 2 * time.Second }
