package servers

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// Disk is a small one in memory.
type Disk struct {
	// Folder is where it is mounted. Everybody may write there.
	Folder string
}

// SmallDisk mounts a disk of so many megabytes for as long as the test runs. It
// answers errors.ErrUnsupported where this user, or this system, mounts none.
func SmallDisk(t T, megabytes int) (*Disk, error) {
	t.Helper()
	// Not t.TempDir: that is below a folder that only this user may enter.
	folder, err := os.MkdirTemp("", "headway-disk-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(folder); err != nil {
			t.Error(err)
		}
	})
	if err := mount(folder, megabytes); err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := unmount(folder); err != nil {
			t.Error(err)
		}
	})
	return &Disk{Folder: folder}, nil
}

func (d *Disk) ballast() string { return filepath.Join(d.Folder, "ballast") }

// Fill leaves no room on it, until Free. Filling it again takes what was let go of meanwhile.
func (d *Disk) Fill() error {
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	for size := 1 << 20; size > 0 && err == nil; {
		if _, err = f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size, err = size/2, nil
		}
	}
	return errors.Join(err, f.Close())
}

// Free makes room again.
func (d *Disk) Free() error { return os.Remove(d.ballast()) }
