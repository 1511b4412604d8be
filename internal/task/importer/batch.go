package importer

// batch gathers creations up to the limits of one commit.
type batch struct {
	made []Creation
	size int
	end  Cursor
}

func newBatch() *batch { return &batch{made: make([]Creation, 0, batchLen)} }

// add reports whether the batch is full with it.
func (b *batch) add(c Creation) bool {
	b.made = append(b.made, c)
	b.size += c.Size()
	return len(b.made) >= batchLen || b.size >= batchBytes
}

func (b *batch) reset() {
	clear(b.made)
	b.made, b.size = b.made[:0], 0
}
