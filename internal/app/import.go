package app

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"headway/internal/apperr"
	"headway/internal/auth/domain"
	"headway/internal/auth/store"
	"headway/internal/platform/ids"
	"headway/internal/task/importer/importercli"
)

// importFile is `headway import`.
func importFile(ctx context.Context, p *Program, args []string) (err error) {
	fs := p.flags("import")
	o := importercli.Options{Out: p.Stdout, Progress: p.Stderr}
	fs.StringVar(&o.Email, "email", "", "The account that imports: its `address`")
	fs.StringVar(&o.Workspace, "workspace", "", "The workspace to import into, its `name` or id; not needed where there is one")
	fs.BoolVar(&o.Preview, "preview", false, "Check the file, print what would come over, and change nothing")
	server := fs.String("server", "", "Import through the running server at this `address` instead of into the data folder; the password is read from HEADWAY_PASSWORD or the first line of the input")
	cfg, err := p.settings(fs, args, 2, "a format and a file: trello FILE")
	if err != nil {
		return err
	}
	if o.Email == "" {
		p.say(p.Stderr, "headway: say whose import this is, with --email ADDRESS.")
		return errUsage
	}
	o.Format, o.File = fs.Arg(0), fs.Arg(1)
	if *server != "" {
		return importercli.Remote(ctx, http.DefaultClient, *server, p.password, o)
	}
	a, err := Open(ctx, cfg, p.Version, slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return importercli.Local(ctx, importercli.Folder{
		Imports: a.services.imports, User: a.user, Workspaces: a.platform.tasks.WorkspacesOf,
	}, o)
}

// user answers the id of an account by its address.
func (a *App) user(ctx context.Context, email string) (ids.ID, error) {
	normal, err := domain.Email("email", email)
	if err != nil {
		return ids.Nil, err
	}
	account, _, err := a.platform.accounts.Credentials(ctx, normal)
	if errors.Is(err, store.ErrNotFound) {
		return ids.Nil, apperr.New(apperr.NotFound, "There is no such account.")
	}
	return account.ID, err
}

// password answers the password for a server.
func (p *Program) password() (string, error) {
	if secret, ok := p.LookupEnv("HEADWAY_PASSWORD"); ok {
		return secret, nil
	}
	line, err := bufio.NewReader(io.LimitReader(p.Stdin, 4096)).ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", apperr.New(apperr.Invalid, "A password is needed: set HEADWAY_PASSWORD, or give it as the first line of the input.")
	}
	return strings.TrimRight(line, "\r\n"), nil
}
