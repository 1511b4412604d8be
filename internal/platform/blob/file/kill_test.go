package file_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"headway/internal/platform/blob"
	"headway/internal/platform/blob/file"
)

// writerFolder is the variable that makes this test program a writer.
const writerFolder = "HEADWAY_TEST_BLOB_WRITER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(writerFolder); folder != "" {
		fmt.Fprintln(os.Stderr, write(folder))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// keys are those that a writer puts, over and over.
const keys = 20

// body is the content of one round of a key: its number, again and again.
func body(round int) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%08d", round)), 2000+round%3000)
}

// write puts the keys in rounds and says which put was acknowledged, until it is killed.
func write(folder string) error {
	s, err := file.Open(folder)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		key := fmt.Sprintf("round/%d/key", n%keys)
		if _, err := s.Put(context.Background(), key, bytes.NewReader(body(n/keys)), blob.PutOptions{MaxBytes: 1 << 20}); err != nil {
			return err
		}
		if _, err := fmt.Println(n); err != nil {
			return err
		}
	}
}

// TestWhatAKilledWriterPutIsWhole kills a writer several times: each key holds
// one whole content, no older than the last one acknowledged.
func TestWhatAKilledWriterPutIsWhole(t *testing.T) {
	t.Parallel()
	for kill := range 5 {
		folder := t.TempDir()
		program, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Env = append(os.Environ(), writerFolder+"="+folder)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		last := -1
		for lines.Scan() {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				t.Fatal(err)
			}
			if last = n; last == keys*(kill+1)+kill*3 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
		if last < keys {
			t.Fatalf("the writer ended after %d puts", last+1)
		}
		s := open(t, folder)
		for i := range keys {
			acknowledged := (last - i) / keys // the round
			r, _, err := s.Get(t.Context(), fmt.Sprintf("round/%d/key", i), blob.Range{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Close() // it was only read
			round, err := strconv.Atoi(string(got[:8]))
			if err != nil || round < acknowledged || !bytes.Equal(got, body(round)) {
				t.Errorf("key %d holds %d bytes of round %d; round %d was acknowledged", i, len(got), round, acknowledged)
			}
		}
		if list, err := s.List(t.Context(), "", "", 100); err != nil || len(list) != keys {
			t.Errorf("%d blobs are listed, %v", len(list), err)
		}
	}
}
