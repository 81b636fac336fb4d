package universal

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	now := time.Unix(2_000_000_000, 0)
	var k clock
	if got := now.Unix() - k.earliest(now); got != 15*60 {
		t.Errorf("%d seconds of slack without a date", got)
	}
	k.set("no date", now)
	if !k.date.IsZero() {
		t.Error("learned from nothing")
	}
	site := now.Add(-90 * time.Minute)
	k.set(site.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), now)
	later := now.Add(10 * time.Second)
	if got := k.earliest(later); got != site.Unix()+10-60 {
		t.Errorf("earliest is %d, want %d", got, site.Unix()+10-60)
	}
	if got := k.latest(later); got != site.Unix()+10+60 {
		t.Errorf("latest is %d, want %d", got, site.Unix()+10+60)
	}
}
