//go:build linux && !race

package storm

const raceEnabled = false
