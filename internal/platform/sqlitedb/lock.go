package sqlitedb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// InUseError says that another process has the folder open.
type InUseError struct{ Folder string }

// Error implements error.
func (e *InUseError) Error() string {
	return fmt.Sprintf("the data folder %s is in use by another headway process; stop that one first or choose another folder", e.Folder)
}

// errLocked is answered by tryLock where another process holds the lock.
var errLocked = errors.New("locked")

// folderLock is held as long as the database is open. The kernel gives it up
// when the process ends, however it ends.
type folderLock struct{ file *os.File }

func lockFolder(folder string) (*folderLock, error) {
	f, err := os.OpenFile(filepath.Join(folder, LockName), os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- the operator's own folder
	if err != nil {
		return nil, fmt.Errorf("sqlitedb: lock the data folder: %w", err)
	}
	if err := tryLock(f); err != nil {
		if errors.Is(err, errLocked) {
			err = &InUseError{Folder: folder}
		} else {
			err = fmt.Errorf("sqlitedb: lock the data folder: %w", err)
		}
		return nil, errors.Join(err, f.Close())
	}
	return &folderLock{file: f}, nil
}

func (l *folderLock) release() error { return l.file.Close() }
