package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"headway/test/servers"
)

// inserter speaks to the process that does the bare inserts: it writes a line
// "CLIENTS NANOSECONDS" to it and reads a line of JSON back.
type inserter struct {
	process *process
	in      io.WriteCloser
	out     *bufio.Reader
}

// startBareHTTP starts the bare handlers.
func startBareHTTP(ctx context.Context) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	addr, err := servers.FreeAddr(ctx)
	if err != nil {
		return nil, err
	}
	p := newProcess(addr, self, "bare-http")
	p.cmd.Env = append(os.Environ(), "BENCH_ADDR="+addr)
	if err := p.start(); err != nil {
		return nil, err
	}
	if err := p.ready(ctx, "/two"); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// startInserter starts the bare inserts: rows like those of the newest task
// in the source database go to a database of their own with the same tables.
func startInserter(source, own string) (*inserter, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := newProcess("", self, "bare-insert", source, own)
	p.cmd.Stdout = nil
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := p.start(); err != nil {
		return nil, err
	}
	i := &inserter{process: p, in: in, out: bufio.NewReader(out)}
	if line, err := i.out.ReadString('\n'); err != nil || line != "ready\n" {
		p.stop()
		return nil, fmt.Errorf("the bare inserts did not start: %s", p.log)
	}
	return i, nil
}

// run has so many clients insert for the window.
func (i *inserter) run(clients int, window time.Duration) (figure, error) {
	if _, err := fmt.Fprintf(i.in, "%d %d\n", clients, window); err != nil {
		return figure{}, err
	}
	line, err := i.out.ReadString('\n')
	if err != nil {
		return figure{}, fmt.Errorf("the bare inserts ended: %w: %s", err, i.process.log)
	}
	var f figure
	err = json.Unmarshal([]byte(line), &f)
	return f, err
}

// bareInsert is the process behind inserter.
func bareInsert(ctx context.Context, source, own string) error {
	store, err := openBareStore(source, own)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() && ctx.Err() == nil {
		clients, window, _ := strings.Cut(lines.Text(), " ")
		n, errClients := strconv.Atoi(clients)
		span, errWindow := strconv.ParseInt(window, 10, 64)
		if err := errors.Join(errClients, errWindow); err != nil {
			return err
		}
		f, err := store.run(n, time.Duration(span))
		if err != nil {
			return err
		}
		data, err := json.Marshal(f)
		if err != nil {
			return err
		}
		fmt.Println(string(data))
	}
	return errors.Join(lines.Err(), store.close())
}
