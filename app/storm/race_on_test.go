//go:build linux && race

package storm

const raceEnabled = true
