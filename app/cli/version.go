package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

type versionCmd struct{}

type versionAnswer struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Time    string `json:"time,omitempty"` // of the commit
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Window  bool   `json:"window"` // this build has one
}

// Run prints version and build.
func (versionCmd) Run(s *session) error {
	v := s.build()
	return s.show(v, func(w io.Writer) {
		fmt.Fprintf(w, "photoferry %s (%s, %s/%s", v.Version, v.Go, v.OS, v.Arch)
		if v.Commit != "" {
			fmt.Fprintf(w, ", commit %.12s", v.Commit)
		}
		if !v.Window {
			fmt.Fprint(w, ", without window")
		}
		fmt.Fprintln(w, ")")
	})
}

func (s *session) build() versionAnswer {
	v := versionAnswer{Version: s.version(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Window: s.hooks.Window != nil}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, kv := range info.Settings {
			switch kv.Key {
			case "vcs.revision":
				v.Commit = kv.Value
			case "vcs.time":
				v.Time = kv.Value
			}
		}
	}
	return v
}

// version is what the build was told, or what it knows of itself.
func (s *session) version() string {
	if s.hooks.Version != "" {
		return s.hooks.Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
