package admission

import "container/list"

// waiter is a request that waits for its turn.
type waiter struct {
	class Class
	told  chan bool // one answer: whether it is taken on
	at    *list.Element
}

// queue holds who waits, by class, the oldest in front.
type queue struct {
	n    int
	rows [classes]list.List
}

func (q *queue) push(c Class) *waiter {
	w := &waiter{class: c, told: make(chan bool, 1)}
	w.at = q.rows[c].PushBack(w)
	q.n++
	return w
}

// remove takes the waiter out and reports whether it was there.
func (q *queue) remove(w *waiter) bool {
	if w.at == nil {
		return false
	}
	q.rows[w.class].Remove(w.at)
	w.at = nil
	q.n--
	return true
}

// before reports whether anybody waits who goes before a newcomer of the class.
// Sign-ins are waited for by sign-ins alone.
func (q *queue) before(c Class) bool {
	last := Writes
	if c == SignIns {
		last = SignIns
	}
	for class := c; class <= last; class++ {
		if q.rows[class].Len() > 0 {
			return true
		}
	}
	return false
}

// pop takes out who is next, the highest class first that may run; nil where
// there is none. newest has the last of a class go first.
func (q *queue) pop(newest bool, may func(Class) bool) *waiter {
	for class := classes - 1; class >= 0; class-- {
		row := &q.rows[class]
		if row.Len() == 0 || !may(Class(class)) {
			continue
		}
		at := row.Front()
		if newest {
			at = row.Back()
		}
		w := at.Value.(*waiter)
		q.remove(w)
		return w
	}
	return nil
}

// evict sheds the oldest waiter of the lowest class below c and reports whether there was one.
func (q *queue) evict(c Class) bool {
	for class := range int(c) {
		if at := q.rows[class].Front(); at != nil {
			w := at.Value.(*waiter)
			q.remove(w)
			w.told <- false
			return true
		}
	}
	return false
}
