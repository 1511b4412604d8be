//go:build !linux

package servers

import "syscall"

// attributes run a process as user.
func attributes(user *syscall.Credential, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: user}
}
