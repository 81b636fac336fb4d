package picapport

// checkPhotoID is checkPhotoId [S8]: an ID that nobody knows is no error; alreadySynced
// is there since 9.1.04.
func (c *call) checkPhotoID() error {
	if _, err := c.callerWith(AccessUploads); err != nil {
		return err
	}
	id, err := c.need("photoid")
	if err != nil {
		return err
	}
	exists, synced := c.store.check(id)
	out := map[string]any{"photoID": id, "exists": exists}
	if c.o.Profile >= V91 {
		out["alreadySynced"] = synced
	}
	return c.answer(out)
}
