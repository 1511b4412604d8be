package command

import "headway/internal/platform/ids"

// commitID gives the id of a commit's nth event, from 0: the base with its
// last two bytes counting. So the events of one command can be told from the
// log alone (sameCommit), which undo needs.
func commitID(base ids.ID, n int) ids.ID {
	base[14], base[15] = byte(n>>8), byte(n) // #nosec G115 -- the count's two bytes; maxCommit bounds it
	return base
}

// sameCommit reports whether two events were recorded by one command.
func sameCommit(a, b ids.ID) bool { return [14]byte(a[:14]) == [14]byte(b[:14]) }

// maxCommit is how many events one command may record.
const maxCommit = 1 << 16
