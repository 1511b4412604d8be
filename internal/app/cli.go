package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"headway/internal/app/config"
	"headway/internal/apperr"
)

// Program is one run of the binary.
type Program struct {
	// Args are the arguments after the program's name.
	Args           []string
	Version        string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	LookupEnv      func(string) (string, bool)
}

// subcommand is one thing that the binary does.
type subcommand struct {
	name, arguments, summary string
	run                      func(context.Context, *Program, []string) error
}

// subcommands is the table of contents of the command line.
func subcommands() []subcommand {
	return []subcommand{
		{"serve", "", "Serve the web app and the API", serve},
		{"import", "trello FILE", "Import a board from another system", importFile},
		{"rebuild", "", "Build the read model anew from the event log", rebuild},
		{"replay", "notification", "Have a consumer make what it keeps anew from the event log", replay},
		{"store", "check|init|migrate", "Look after the store: compare it, prepare it, move it", storeCommand},
		{"health", "", "Ask a running server whether it is ready", health},
		{"config", "reference", "Print the reference of all settings", reference},
		{"front", "nginx|alb", "Print the configuration of nginx, or of an AWS load balancer, in front of the services", frontCommand},
		{"openapi", "", "Print the API's OpenAPI document", openapi},
		{"version", "", "Print the version", version},
	}
}

// errUsage is answered where the message was printed already.
var errUsage = errors.New("usage")

// Main runs the program until it is done or told to stop (SIGINT, SIGTERM),
// and answers its exit code: 0, 1 where it failed, 2 where it was called wrongly.
func Main(p *Program) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := p.run(ctx)
	switch {
	case err == nil, errors.Is(err, pflag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	}
	_, _ = fmt.Fprintln(p.Stderr, "headway: "+sentence(err)) // there is nowhere else to tell
	return 1
}

// sentence is an error as a person should read it.
func sentence(err error) string {
	var coded *apperr.Error
	if errors.As(err, &coded) {
		if coded.Cause != nil {
			return coded.Message + " (" + coded.Cause.Error() + ")"
		}
		return coded.Message
	}
	return err.Error()
}

func (p *Program) run(ctx context.Context) error {
	if len(p.Args) == 0 || p.Args[0] == "help" || p.Args[0] == "--help" || p.Args[0] == "-h" {
		p.usage(p.Stdout)
		if len(p.Args) == 0 {
			return errUsage
		}
		return nil
	}
	for _, c := range subcommands() {
		if c.name == p.Args[0] {
			return c.run(ctx, p, p.Args[1:])
		}
	}
	p.say(p.Stderr, "headway: there is no command %q.", p.Args[0])
	p.usage(p.Stderr)
	return errUsage
}

func (p *Program) usage(w io.Writer) {
	p.say(w, "Headway, a task board that keeps every change.\n\nUsage:")
	for _, c := range subcommands() {
		p.say(w, "  headway %-25s %s", strings.TrimSpace(c.name+" "+c.arguments), c.summary)
	}
	p.say(w, "\n`headway COMMAND --help` lists a command's flags.")
}

// say prints a line; a terminal that is gone is no reason to fail.
func (p *Program) say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format+"\n", args...)
}

// flags makes a command's flag set.
func (p *Program) flags(name string) *pflag.FlagSet {
	fs := pflag.NewFlagSet("headway "+name, pflag.ContinueOnError)
	fs.SetOutput(p.Stdout)
	fs.SortFlags = false
	return fs
}

// parse reads a command's arguments, of which so many must be left.
func (p *Program) parse(fs *pflag.FlagSet, args []string, left int, wanted string) error {
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return err
		}
		p.say(p.Stderr, "headway: %s\nSee %s --help.", err, fs.Name())
		return errUsage
	}
	if fs.NArg() != left {
		p.say(p.Stderr, "headway: %s takes %s. See %s --help.", fs.Name(), wanted, fs.Name())
		return errUsage
	}
	return nil
}

// settings parses the arguments and answers the settings, checked.
func (p *Program) settings(fs *pflag.FlagSet, args []string, left int, wanted string) (config.Config, error) {
	loader := config.NewLoader(fs)
	if err := p.parse(fs, args, left, wanted); err != nil {
		return config.Config{}, err
	}
	cfg, err := loader.Load(p.LookupEnv)
	if fs.Name() != "headway serve" {
		cfg.Target = config.Targets{config.All} // what else the binary does is about the whole installation
	}
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return cfg, fmt.Errorf("these settings cannot work:\n  %s", strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	return cfg, nil
}
