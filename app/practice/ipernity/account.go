package ipernity

// getQuota is account.getQuota [D10], in the order that C6 depends on. An account
// without a limit shows an inner ceiling of 10 GiB that grows by itself.
func (c *call) getQuota() (object, error) {
	u := c.user
	used := u.Used + c.store.used(u.ID, c.o.Now())
	ceiling := u.monthly()
	unlimited := ceiling == 0
	if unlimited {
		ceiling = (used/(10*gib) + 1) * 10 * gib
	}
	kinds := object{}
	for _, media := range []string{mediaPhoto, mediaAudio, mediaVideo, mediaOther} {
		kinds = append(kinds, member{media, amount(u.maxBytes(media))})
	}
	mine := c.store.someAlbums(func(a *album) bool { return a.Owner == u.ID })
	percent := min(100, (used*100+ceiling-1)/ceiling) // rounded up, as in the page's example
	return object{{"quota", object{
		{"user_id", u.ID},
		{"is_pro", u.Pro},
		{"upload", object{
			{"unlimited", unlimited},
			{"max", append(amount(ceiling), member{"percent", 100})},
			{"used", append(amount(used), member{"percent", percent})},
			{"left", append(amount(max(0, ceiling-used)), member{"percent", 100 - percent})},
		}},
		{"maxfilesize", kinds},
		{"albums", object{{"max", u.maxAlbums()}, {"created", len(mine)}, {"left", max(0, u.maxAlbums()-len(mine))}}},
	}}}, nil
}

func amount(n int64) object {
	return object{{"bytes", n}, {"kb", n / 1024}, {"mb", n / mib}}
}

// userGet is user.get [D21]: user_id is an ID or an alias, which here is the name. The
// page wants it; that the calling user is meant without it is a [CHOICE].
func (c *call) userGet() (object, error) {
	who := c.p["user_id"]
	if who == "" && c.user.ID != 0 {
		who = decimal(c.user.ID)
	}
	u, ok := find(c.o.Users, func(u User) bool { return who == decimal(u.ID) || who == u.Name })
	if !ok || u.Closed {
		return nil, errUser
	}
	n := len(c.store.some(func(d *document) bool { return d.Owner == u.ID && c.sees(d) }))
	return object{{"user", object{
		{"user_id", u.ID}, {"is_pro", u.Pro}, {"is_online", false}, {"is_closed", u.Closed},
		{"username", u.Name}, {"realname", u.Realname}, {"alias", u.Name},
		{"link", c.base() + "/home/" + u.Name},
		{"count", object{{"docs", n}, {"posts", 0}, {"network", 0}}},
	}}}, nil
}
