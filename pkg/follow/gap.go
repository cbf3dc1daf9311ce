package follow

import "time"

// Limits between two good looks. Together they make sure that a failure does not appear and expire
// unseen, and that a restart of the server makes a look fail.
const (
	// maxBetween is the longest time from an answer to the next question, maxAround from the first
	// question to the second answer.
	maxBetween = 8 * time.Second
	maxAround  = 30 * time.Second
	// briefFor is how long a gap may last for other evidence to bridge it: in a longer one, the failure
	// of our entry may have expired. Servers keep failures for an hour.
	briefFor = 15 * time.Minute
)

// gap reports whether something may have happened unseen between the last good look and this one: a
// look failed, the request ended, as it does when the server is restarted, or the process paused.
// There is no gap if an entry was queued all the time, because a restart empties the queue. Brief is
// true if the time between the looks is short enough for such evidence.
func (s *estate) gap(l *look) (gap, brief bool) {
	brief = s.last.asked.to(l.answered) <= briefFor
	if brief && survives(s.last, l) {
		return false, brief
	}
	return s.missed != nil || s.endedBefore(l) || paused(s.last, l), brief
}

// endedBefore reports whether the request ended after the last look was asked and before this one was
// answered.
func (s *estate) endedBefore(l *look) bool {
	return s.ended != nil && s.ended.at.mono.After(s.last.asked.mono) && !s.ended.at.mono.After(l.answered.mono)
}

// paused reports whether too much time lies between two looks.
func paused(a, b *look) bool {
	return a.answered.to(b.asked) > maxBetween || a.asked.to(b.answered) > maxAround
}

// survives reports whether an entry of the first look's queue is in the second look's.
func survives(a, b *look) bool {
	for name, r := range a.environments {
		for _, waiting := range r.waiting {
			if waiting.in(b.of(name).waiting) != nil {
				return true
			}
		}
	}
	return false
}
