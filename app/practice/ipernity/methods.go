package ipernity

import (
	"maps"
	"slices"
)

// method is what api.methods.getList says of a method [C2].
type method struct {
	post   bool   // 120 without
	signed bool   // 104 and 105 without, also when there is no token
	token  bool   // 106 without
	needs  string // permission on docs that the token must have; empty means none
	file   bool   // takes a file
	serve  func(*call) (object, error)
}

// methods are those of the API that an uploader needs [C2, S, D8-D22].
var methods map[string]method

func init() { // methods are listed by one of them
	read := method{signed: true, token: true}
	readWith := func(needs string, serve func(*call) (object, error)) method {
		m := read
		m.needs, m.serve = needs, serve
		return m
	}
	change := func(needs string, serve func(*call) (object, error)) method {
		return method{post: true, signed: true, token: true, needs: needs, serve: serve}
	}
	file := change("write", (*call).uploadFile)
	file.file = true
	methods = map[string]method{
		"auth.getFrob":        {signed: true, serve: (*call).getFrob},
		"auth.getToken":       {signed: true, serve: (*call).getToken},
		"auth.checkToken":     readWith("", (*call).checkToken),
		"account.getQuota":    readWith("write", (*call).getQuota),
		"upload.file":         file,
		"upload.replace":      file, // behaves like a second upload.file [C2]
		"upload.checkTickets": readWith("write", (*call).checkTickets),
		"doc.checkMD5":        readWith("read", (*call).checkMD5),
		"doc.get":             {serve: (*call).docGet},
		"doc.getList":         {serve: (*call).docGetList},
		"doc.search":          {serve: (*call).docSearch},
		"doc.set":             change("write", (*call).docSet),
		"doc.setPerms":        change("write", (*call).docSetPerms),
		"doc.setLicense":      change("write", (*call).docSetLicense),
		"doc.setGeo":          change("write", (*call).docSetGeo),
		"doc.tags.add":        change("write", (*call).docTagsAdd),
		"doc.tags.edit":       change("write", (*call).docTagsEdit),
		"doc.delete":          change("delete", (*call).docDelete),
		"album.getList":       {serve: (*call).albumGetList},
		"album.get":           {serve: (*call).albumGet},
		"album.create":        change("write", (*call).albumCreate),
		"album.docs.add":      change("write", (*call).albumDocsAdd),
		"album.docs.remove":   change("write", (*call).albumDocsRemove),
		"album.docs.getList":  {serve: (*call).albumDocsGetList},
		"album.delete":        change("delete", (*call).albumDelete),
		"user.get":            {signed: true, serve: (*call).userGet},
		"test.hello":          {serve: (*call).testHello},
		"test.echo":           {serve: (*call).testEcho},
		"api.methods.getList": {serve: (*call).methodsGetList},
	}
}

// testHello is test.hello, whose answer is not known [CHOICE].
func (c *call) testHello() (object, error) {
	return object{{"hello", text("world")}}, nil
}

// testEcho is test.echo: it gives any parameter back, and wants echo [D22]. That those
// of the signature stay out is a [CHOICE].
func (c *call) testEcho() (object, error) {
	if c.p["echo"] == "" {
		return nil, errEcho
	}
	var out object
	for _, name := range slices.Sorted(maps.Keys(c.p)) {
		if wordShape.MatchString(name) && !slices.Contains([]string{"api", "api_key", "api_sig", "auth_token"}, name) {
			out = append(out, member{name, text(c.plain(name))})
		}
	}
	return out, nil
}

// methodsGetList is api.methods.getList. The names of the members are a [CHOICE].
func (c *call) methodsGetList() (object, error) {
	all := list{}
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		m := methods[name]
		all = append(all, object{{"name", name}, {"post", m.post}, {"signed", m.signed}, {"authenticated", m.token}})
	}
	return object{{"methods", object{{"count", len(all)}, {"method", all}}}}, nil
}
