package queue

import "testing"

func TestSendAgainForgetsTheMarkOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	enqueue(t, q, photo("a", "/photos/1.jpg", "one"))
	id := lease(t, q, "a").ID
	if err := q.Mark(id, "sent"); err != nil {
		t.Fatal(err)
	}
	if err := q.Fail(id, Cause{Error: "the answer was lost", Kind: "unsure"}); err != nil {
		t.Fatal(err)
	}
	if err := q.SendAgain(id); err != nil {
		t.Fatal(err)
	}
	if j := lease(t, q, "a"); j.Mark != "" || !j.Again {
		t.Errorf("mark %q, again %v", j.Mark, j.Again)
	}
}
