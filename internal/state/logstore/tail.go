package logstore

// Tail returns the entries of a store that match, the oldest first. A folder that does not exist holds none.
//
// It reads from the end: a window as large as the tail may be, and a larger one when that held too few. So the cost
// grows with the tail and not with the log, unless Grep finds little or Tail is 0. Since and Until are found by halving.
//
// Lines that go on are joined, also across the lines of the other stream; one whose end is not written yet is there as
// far as it is, with Partial set.
func Tail(dir string, q Query) ([]Entry, error) {
	if q.Tail < 0 {
		return nil, nil
	}
	v, err := openView(dir)
	if v == nil || err != nil {
		return nil, err
	}
	defer v.close()
	p, err := v.collect(q, true)
	if err != nil {
		return nil, err
	}
	return p.found.entries(), nil
}

// pass is one reading of the end of a store.
type pass struct {
	join  joiner
	found collector
}

// firstWindow is a guess at how many bytes of log a tail takes.
func firstWindow(tail int) int64 {
	const line, least, most = 160, 16 << 10, 4 << 20
	return min(most, max(least, line*int64(min(tail, most))))
}

// collect reads as little as is needed for a query. With all, lines that go on count as entries; without, they are
// left in the joiner for a follower.
func (v *view) collect(q Query, all bool) (*pass, error) {
	floor, ceiling, late := int64(farBack), v.end(), v.end()
	var err error
	if !q.Since.IsZero() {
		if floor, _, err = v.seek(q.Since); err != nil {
			return nil, err
		}
	}
	if !q.Until.IsZero() {
		if late, ceiling, err = v.seek(q.Until.Add(1)); err != nil {
			return nil, err
		}
	}
	start, window := floor, firstWindow(q.Tail)
	if q.Tail != 0 {
		start = max(floor, ceiling-window)
	}
	// Beyond start, so that the first entries get the pieces that stand before them.
	slack := int64(0)
	for {
		p, err := v.read(q, start-slack, late, all)
		if err != nil {
			return nil, err
		}
		switch {
		case p.join.atStart:
			return p, nil
		case start > floor && !p.found.full():
			window *= 4
			start = max(floor, ceiling-window)
		case p.found.sure() && (all || p.join.settled()) || slack >= joinLimit:
			return p, nil
		default:
			slack = max(blockSize, 4*slack)
		}
	}
}

// read makes entries of everything from a position on, and ends at the first line that is later than q.Until, which is
// behind the position late.
func (v *view) read(q Query, from, late int64, all bool) (*pass, error) {
	start, first, err := v.lineStart(from)
	if err != nil {
		return nil, err
	}
	p := &pass{found: collector{query: q}}
	p.join = newJoiner(start, first, p.found.add)
	err = v.scan(start, func(at int64, line []byte, cut bool) bool {
		if at >= late && !q.Until.IsZero() {
			if r, ok := parse(line); ok && r.time.After(q.Until) {
				return false
			}
		}
		p.join.add(at, line, cut)
		return true
	})
	if all {
		p.join.out = p.found.addWaiting
		p.join.showAll()
	}
	return p, err
}
