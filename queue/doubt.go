package queue

import "encoding/hex"

// A mark is a doubt about bytes, not about one job: the bytes may be on the server. It is kept beside the job until they
// are known to be delivered or not, so that it outlives a job that is removed because its file was renamed or is away,
// and so that a second file with the same bytes is not sent while the first one waits for an answer to be found.

func doubtKey(account string, digest [32]byte) []byte {
	return noteKey("doubt/" + account + "/" + hex.EncodeToString(digest[:]))
}

// setDoubt keeps a mark for the bytes of a job; "" ends the doubt.
func (t *txn) setDoubt(account string, digest [32]byte, mark string) error {
	switch {
	case digest == [32]byte{}:
		return nil
	case mark == "":
		return t.del(t.meta, doubtKey(account, digest))
	}
	return t.put(t.meta, doubtKey(account, digest), []byte(mark))
}

// doubt returns the mark that is kept for some bytes, "" if there is none.
func (t *txn) doubt(account string, digest [32]byte) (string, error) {
	k := doubtKey(account, digest)
	v := t.meta.Get(k)
	if v == nil {
		return "", nil
	}
	body, err := unseal(k, v)
	if err != nil {
		return "", damagedRow("note", k, err)
	}
	return string(body), nil
}
