package cli

import (
	"strings"

	"github.com/alecthomas/kong"

	"github.com/photoferry/photoferry/app"
)

// grammar is everything that can be typed.
type grammar struct {
	Home string `help:"Keep settings, queue, log and socket under DIR." env:"PHOTOFERRY_HOME" placeholder:"DIR" type:"path"`
	JSON bool   `name:"json" help:"Print one JSON value on stdout."`

	Open     openCmd     `cmd:"" default:"withargs" hidden:"" help:"Start PhotoFerry if it does not run, and open its window."`
	Run      runCmd      `cmd:"" help:"Run the engine in the foreground."`
	Practice practiceCmd `cmd:"" help:"Run practice servers until SIGTERM; nothing leaves this machine."`
	Account  accountCmd  `cmd:"" help:"Accounts: where photos go."`
	Folder   folderCmd   `cmd:"" help:"Folders: where photos come from."`
	Card     cardCmd     `cmd:"" help:"Memory cards: import, and when they may be formatted."`
	Add      addCmd      `cmd:"" help:"Send files, or what is in folders."`
	Status   statusCmd   `cmd:"" help:"What is going on."`
	List     listCmd     `cmd:"" help:"The photos that are not delivered yet."`
	Why      whyCmd      `cmd:"" help:"Why a photo is, or is not, online."`
	Retry    retryCmd    `cmd:"" help:"Try failed photos again, and waiting ones now."`
	Cancel   cancelCmd   `cmd:"" help:"Take photos out of the queue; the files stay."`
	Pause    pauseCmd    `cmd:"" help:"Pause sending."`
	Resume   resumeCmd   `cmd:"" help:"End the pause."`
	Release  releaseCmd  `cmd:"" help:"Send now what a cooling time holds back."`
	Shoots   shootsCmd   `cmd:"" help:"Photos grouped by when they were taken."`
	Describe describeCmd `cmd:"" help:"Give photos of a span of time title, tags and album before they leave."`
	Event    eventCmd    `cmd:"" help:"Events: words for photos that will be taken in a span of time."`
	History  historyCmd  `cmd:"" help:"What was delivered."`
	Verify   verifyCmd   `cmd:"" help:"Ask the servers whether delivered photos are there."`
	Get      getCmd      `cmd:"" help:"Fetch a picture from a server."`
	Settings settingsCmd `cmd:"" help:"The settings file."`
	Doctor   doctorCmd   `cmd:"" help:"Look for what could keep photos from being delivered."`
	Version  versionCmd  `cmd:"" help:"Version and build."`
}

const description = `PhotoFerry ferries new photos from your folders to your photo servers, each exactly once.

Without a command it starts in the background and opens its window; photoferry FILE... offers files there.
Exit codes: 0 done, 1 error, 2 wrong usage, 3 some photos failed, 4 an account needs you, 5 the app is not running.`

// newParser builds the parser. exit is called when help was printed.
func newParser(g *grammar, exit func(int), opts ...kong.Option) (*kong.Kong, error) {
	var ids []string
	for _, s := range app.Services() {
		ids = append(ids, s.ID)
	}
	return kong.New(g, append([]kong.Option{
		kong.Name("photoferry"),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Vars{"services": strings.Join(ids, ",")},
		kong.Exit(exit),
	}, opts...)...)
}
