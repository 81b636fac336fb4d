package control

import (
	"context"
	"io"
	"iter"
)

// Engine is what the control API serves; package app implements it. All
// methods may be called from several goroutines. Errors that a person or a
// script must tell apart are [*Problem]; any other error is answered as an
// internal one, exit code 1.
type Engine interface {
	GeneralEngine
	PastEngine
	ShootEngine
	CardEngine

	Status() Status
	// Changes yields a status at once and after every change, at most ten a
	// second, until ctx ends. With window set, the caller is a window: it gets
	// Raise, Files and Quit as well, and counts as the window while it listens.
	Changes(ctx context.Context, window bool) iter.Seq[Message]
	// Hello raises the window if one listens, hands files to it and opens a page.
	Hello(files []string, page Page) Hello

	Jobs(q JobQuery) (JobPage, error)
	Records(q RecordQuery) (RecordPage, error)
	Why(name string) ([]Story, error) // a path, or a file name

	// Add yields results as they come.
	Add(ctx context.Context, r AddRequest, result func(AddResult)) (AddSummary, error)
	// Forecast says what Add would do. progress gets partial forecasts.
	Forecast(ctx context.Context, r AddRequest, progress func(Forecast)) (Forecast, error)
	Retry(ids []uint64) (int, error)  // none: all failed, and waiting ones become due
	Cancel(ids []uint64) (int, error) // removes jobs; the photos stay where they are
	First(ids []uint64) (int, error)  // sent before all others
	Again(ids []uint64) (int, error)  // failed or skipped jobs: send although it may be there
	Sent(ids []uint64) (int, error)   // failed or skipped jobs: the person has seen that they are there
	Pause(r PauseRequest) error
	Resume(account string) error // name; "" is everything
	Release(folder string) (int, error)

	Services() []Service
	AddAccount(ctx context.Context, s AccountSpec) (CheckReport, error)
	CheckAccount(ctx context.Context, name string) (CheckReport, error)
	Login(ctx context.Context, name, secret string) (CheckReport, error) // a new secret; "" keeps the old one
	// BeginLogin starts a sign-in in the browser; FinishLogin ends it when the
	// person says that it is confirmed there. A restart in between does no harm.
	BeginLogin(ctx context.Context, name string) (LoginPage, error)
	FinishLogin(ctx context.Context, name string) (CheckReport, error)
	Trust(name, fingerprint string) error
	Albums(ctx context.Context, name string) ([]string, error)
	RemoveAccount(name string) error
	// AccountSpec returns how an account is configured, without what is secret.
	AccountSpec(name string) (AccountSpec, error)
	// ChangeAccount changes an account after a live check. Its jobs, records
	// and secret stay.
	ChangeAccount(ctx context.Context, c AccountChange) (CheckReport, error)

	AddFolder(ctx context.Context, s FolderSpec) (FolderAdded, error)
	ScanFolder(ctx context.Context, path string) error // "" is all; without an engine it waits for files that are still being written
	RemoveFolder(path string) error
	// ChangeFolder replaces the rules of a watched folder. Photos that are in
	// the queue get the new album, title and tags.
	ChangeFolder(ctx context.Context, s FolderSpec) (Folder, error)
	// PreviewFolder says what rules would make of a folder that need not be
	// watched yet; with example, of that photo. A template that cannot be
	// understood is a problem that names the place.
	PreviewFolder(ctx context.Context, s FolderSpec, example string) (FolderPreview, error)

	Verify(ctx context.Context, account string, result func(VerifyResult)) (VerifySummary, error)
	Picture(ctx context.Context, r PictureRequest) (io.ReadCloser, string, error) // body and content type
	Doctor(ctx context.Context) []Finding
	Quit()
}
