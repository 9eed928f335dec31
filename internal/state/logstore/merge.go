package logstore

import "slices"

// TailAll is Tail over several services: their entries in order of time, with the name of the service, and of all of
// them together the last q.Tail.
func TailAll(sources []Source, q Query) ([]Entry, error) {
	lists := make([][]Entry, len(sources))
	for i, s := range sources {
		es, err := Tail(s.Dir, s.query(q))
		if err != nil {
			return nil, err
		}
		lists[i] = named(es, s.Service)
	}
	return lastOf(Merge(lists...), q.Tail), nil
}

func named(es []Entry, service string) []Entry {
	for i := range es {
		es[i].Service = service
	}
	return es
}

// lastOf returns the last n entries, all for 0 and none for less.
func lastOf(es []Entry, n int) []Entry {
	switch {
	case n < 0:
		return nil
	case n > 0 && n < len(es):
		return es[len(es)-n:]
	}
	return es
}

// Merge puts lists that are each in order of time into one. It is stable: the order within a list stays, and of entries
// of the same time those of the earlier list come first.
func Merge(lists ...[]Entry) []Entry {
	total := 0
	for _, l := range lists {
		total += len(l)
	}
	lists = slices.DeleteFunc(slices.Clone(lists), func(l []Entry) bool { return len(l) == 0 })
	merged := make([]Entry, 0, total)
	for len(lists) > 0 {
		// A stack has few services: looking at all heads is as good as a heap.
		first := 0
		for i := range lists {
			if lists[i][0].Time.Before(lists[first][0].Time) {
				first = i
			}
		}
		merged = append(merged, lists[first][0])
		if lists[first] = lists[first][1:]; len(lists[first]) == 0 {
			lists = slices.Delete(lists, first, first+1)
		}
	}
	return merged
}
