package sqlite

import (
	"context"
	"sync"
	"sync/atomic"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

// cache holds the workspaces in memory, the least recently used of them up
// to a bound. A workspace that the writer has under way is pinned.
type cache struct {
	mu  sync.RWMutex
	all map[ids.ID]*workspace
	max int
	// evictions tells a reader that loads a workspace whether one was dropped
	// meanwhile: what it loaded may be older than what was dropped.
	evictions uint64
	ticks     atomic.Uint64
}

func (k *cache) open(limit int) {
	k.max = limit
	k.all = map[ids.ID]*workspace{}
}

func (k *cache) get(id ids.ID) *workspace {
	k.mu.RLock()
	ws := k.all[id]
	k.mu.RUnlock()
	if ws != nil {
		ws.used.Store(k.ticks.Load())
	}
	return ws
}

// put adds a workspace, or answers the one that is there.
func (k *cache) put(ws *workspace) *workspace {
	if there := k.all[ws.id]; there != nil {
		return there
	}
	if len(k.all) >= k.max {
		k.evict()
	}
	ws.used.Store(k.ticks.Add(1))
	k.all[ws.id] = ws
	return ws
}

// evict drops the longest unused of some.
func (k *cache) evict() {
	var oldest *workspace
	seen := 0
	for _, ws := range k.all {
		if ws.pins > 0 {
			continue
		}
		if oldest == nil || ws.used.Load() < oldest.used.Load() {
			oldest = ws
		}
		if seen++; seen == 16 {
			break
		}
	}
	if oldest != nil {
		delete(k.all, oldest.id)
		k.evictions++
	}
}

// pin answers the workspace for the writer, nil where it is not in memory.
func (k *cache) pin(id ids.ID) *workspace {
	k.mu.Lock()
	defer k.mu.Unlock()
	ws := k.all[id]
	if ws != nil {
		ws.pins++
	}
	return ws
}

// pinNew adds the writer's workspace and pins it.
func (k *cache) pinNew(ws *workspace) *workspace {
	k.mu.Lock()
	defer k.mu.Unlock()
	ws = k.put(ws)
	ws.pins++
	return ws
}

func (k *cache) unpin(ws *workspace) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ws.pins--
	if ws.pub.Load() == nil && ws.pins == 0 {
		delete(k.all, ws.id) // its creation was rolled back
	}
}

func (k *cache) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = map[ids.ID]*workspace{}
	k.evictions++
}

// find answers a workspace with its durable state for a reader, from memory
// where it is there. nil, nil, nil says that there is no such workspace.
func (s *Store) find(ctx context.Context, id ids.ID) (*workspace, *published, error) {
	for {
		if ws := s.cache.get(id); ws != nil {
			return ws, ws.pub.Load(), nil
		}
		s.cache.mu.RLock()
		before := s.cache.evictions
		s.cache.mu.RUnlock()
		var im *image
		err := s.db.View(ctx, func(c *sqlitedb.Conn) (err error) {
			im, err = s.read(c, id)
			return err
		})
		if err != nil || im == nil {
			return nil, nil, wrap(err, "load a workspace")
		}
		ws := &workspace{id: id}
		ws.show(im)
		s.cache.mu.Lock()
		if s.cache.evictions == before {
			ws = s.cache.put(ws)
			s.cache.mu.Unlock()
			return ws, ws.pub.Load(), nil
		}
		s.cache.mu.Unlock()
	}
}

// visible is find for a workspace that has to be there.
func (s *Store) visible(ctx context.Context, id ids.ID) (*workspace, *published, error) {
	if s.rebuilding.Load() {
		return nil, nil, errRebuilding()
	}
	ws, pub, err := s.find(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if pub == nil {
		return nil, nil, errNotFound("workspace")
	}
	return ws, pub, nil
}
