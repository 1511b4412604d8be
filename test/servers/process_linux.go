package servers

import "syscall"

// attributes run a process as user, and end it when the test process dies,
// so that a test that panics leaves no server behind.
func attributes(user *syscall.Credential, stop syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: user, Pdeathsig: stop}
}
