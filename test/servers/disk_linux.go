package servers

import (
	"errors"
	"fmt"
	"syscall"
)

func mount(folder string, megabytes int) error {
	err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=1777", megabytes))
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	}
	return err
}

func unmount(folder string) error { return syscall.Unmount(folder, 0) }
