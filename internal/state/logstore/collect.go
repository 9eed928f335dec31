package logstore

import "slices"

// collector keeps the last entries that match.
type collector struct {
	query Query
	kept  []keptEntry // a ring when the query has a tail
	next  int         // in the ring: the oldest
	// waiting are lines that go on, at most one of each stream. Their place is where the log has got to with them,
	// which may be before entries that are complete.
	waiting []keptEntry
	// doubt: an entry was left out, and the pieces of its line that come before it, which are still to be read, could make the
	// line match the query. behind counts the entries after that entry.
	doubt  bool
	behind int
}

type keptEntry struct {
	Entry
	sure bool
}

func (c *collector) add(e *Entry, sure bool) {
	if !c.query.match(e) {
		// A line that is not in the format has no time as long as none before it was seen.
		if !sure && (e.Time.IsZero() || c.query.covers(e)) {
			c.doubt, c.behind = true, 0
		}
		return
	}
	c.behind++
	if n := c.query.Tail; n == 0 || len(c.kept) < n {
		if c.kept == nil {
			c.kept = make([]keptEntry, 0, max(10, min(n, 1000)))
		}
		c.kept = append(c.kept, keptEntry{})
		c.set(&c.kept[len(c.kept)-1], e, sure)
	} else if n > 0 {
		c.set(&c.kept[c.next], e, sure)
		c.next = (c.next + 1) % n
	}
}

func (c *collector) addWaiting(e *Entry, sure bool) {
	if c.query.match(e) {
		c.waiting = append(c.waiting, keptEntry{})
		c.set(&c.waiting[len(c.waiting)-1], e, sure)
	}
}

// set reuses the memory of the entry that was there.
func (c *collector) set(k *keptEntry, e *Entry, sure bool) {
	text := append(k.Text[:0], e.Text...)
	*k = keptEntry{*e, sure}
	k.Text = text
}

// full: no earlier entry is wanted.
func (c *collector) full() bool {
	return c.query.Tail < 0 || c.query.Tail > 0 && len(c.kept) == c.query.Tail
}

// sure: reading from further back would not change an entry.
func (c *collector) sure() bool {
	if c.doubt && !(c.query.Tail != 0 && c.behind >= c.query.Tail) {
		return false
	}
	unsure := func(k keptEntry) bool { return !k.sure }
	return !slices.ContainsFunc(c.kept, unsure) && !slices.ContainsFunc(c.waiting, unsure)
}

func (c *collector) entries() []Entry {
	if len(c.kept)+len(c.waiting) == 0 {
		return nil
	}
	es := make([]Entry, 0, len(c.kept)+len(c.waiting))
	for i := range c.kept {
		es = append(es, c.kept[(c.next+i)%len(c.kept)].Entry)
	}
	for _, w := range c.waiting {
		i := len(es)
		for i > 0 && es[i-1].Time.After(w.Time) {
			i--
		}
		es = slices.Insert(es, i, w.Entry)
	}
	return lastOf(es, c.query.Tail)
}
