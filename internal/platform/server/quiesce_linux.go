package server

import (
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// quiesce has the kernel drop attempts to connect to the listener, while
// connections that are made already are still accepted. Closing a listener
// resets those that wait to be accepted, and a request that was sent on one of
// them is lost to a proxy that may not send it twice; after this there are
// none. Whoever tries meanwhile tries again within a second, is refused once
// the listener is closed, and goes elsewhere.
func quiesce(l net.Listener) error {
	c, ok := l.(syscall.Conn)
	if !ok {
		return fmt.Errorf("quiesce: a %T has no socket", l)
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	// Classic BPF over the TCP segment: drop it where SYN is set (RFC 9293, section 3.1).
	program := [4]unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: 13},
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: 0x02, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffff_ffff},
	}
	filter := unix.SockFprog{Len: 4, Filter: &program[0]}
	var set error
	if err := raw.Control(func(fd uintptr) {
		set = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &filter)
	}); err != nil {
		return err
	}
	return set
}
