package ipernity

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// page is what a browser is shown.
type page struct {
	Title    string
	Text     string
	Question *question
	Docs     []docView
}

// question is the consent page's form.
type question struct {
	Action    string
	Form      string // visitor.form
	App       string
	User      string // who is signed in; empty for nobody
	Wants     []string
	Complaint string
}

// docView is a document on its page.
type docView struct {
	Link, Name, Title, Description string
	Picture                        string // address; empty if there is none to show
	Created, Keywords, Albums      string
}

var pages = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} - ipernity (practice)</title>
<style>
body { font: 16px/1.5 sans-serif; max-width: 34em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff; }
label { display: block; margin: .5em 0; }
input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4em; }
button { font: inherit; padding: .4em 1.2em; margin: 1em .5em 0 0; }
img { max-width: 100%; height: auto; }
.complaint { color: #a00; }
.note { color: #666; }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
{{with .Text}}<p id="text">{{.}}</p>{{end}}
{{with .Question}}
<p>{{.App}} would like to</p>
<ul>{{range .Wants}}<li>{{.}}</li>{{end}}</ul>
{{with .Complaint}}<p class="complaint" id="complaint">{{.}}</p>{{end}}
<form method="post" action="{{.Action}}">
<input type="hidden" name="form" value="{{.Form}}">
{{if .User}}<p>You are signed in as <b id="signedin">{{.User}}</b>.</p>
{{else}}<label>User <input name="user" id="user" autocomplete="username"></label>
<label>Password <input name="password" id="password" type="password" autocomplete="current-password"></label>
{{end}}<button name="answer" value="allow" id="allow">Allow</button>
<button name="answer" value="deny" id="deny" formnovalidate>Deny</button>
{{if .User}}<button name="answer" value="signout" id="signout">Sign out</button>{{end}}
</form>
{{end}}
{{range .Docs}}
<article>
<h2><a href="{{.Link}}">{{.Title}}</a></h2>
{{with .Picture}}<p><img src="{{.}}" alt=""></p>{{end}}
{{with .Description}}<p>{{.}}</p>{{end}}
<p class="note">{{.Name}}{{with .Created}} &middot; {{.}}{{end}}{{with .Keywords}} &middot; {{.}}{{end}}{{with .Albums}} &middot; in {{.}}{{end}}</p>
</article>
{{end}}
<p class="note">This is an ipernity for practice, on your own computer. Nothing leaves it.</p>
</body>
</html>
`))

// show answers with a page that nobody can put into a frame or add a script to.
func show(w http.ResponseWriter, status int, p page) {
	var b bytes.Buffer
	if err := pages.Execute(&b, p); err != nil {
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser may have gone
}

// docPage shows a document, several that were just uploaded [D8], or those of an album
// [D18], to everybody if they are public and otherwise to their owner's browser.
func (s *Server) docPage(w http.ResponseWriter, r *http.Request) {
	owner, which, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/doc/"), "/")
	ids, title := []string{which}, ""
	if which == "uploaded" {
		ids, title = split(r.URL.RawQuery), "Just uploaded"
	} else if id, ok := strings.CutPrefix(which, "album/"); ok {
		a, _ := s.store.album(parseID(id)) // empty for none
		ids, title = nil, a.Title
		for _, doc := range a.docs {
			ids = append(ids, decimal(doc))
		}
	}
	o := *s.options.Load()
	v := s.visitor(w, r)
	p := page{Title: title}
	for _, id := range ids {
		d, ok := s.store.doc(parseID(id))
		u, _ := o.user(d.Owner) // empty for nobody
		if ok && slices.Contains([]string{decimal(u.ID), u.Name}, owner) && (d.Public || d.Owner == v.user) {
			p.Docs = append(p.Docs, s.view(d))
		}
	}
	if len(p.Docs) == 0 {
		show(w, http.StatusNotFound, page{Title: "Not found", Text: "There is no such document, or it is private and you are not signed in as its owner."})
		return
	}
	if title == "" {
		p.Title = p.Docs[0].Title
	}
	show(w, http.StatusOK, p)
}

func (s *Server) view(d document) docView {
	v := docView{
		Link: "/doc/" + decimal(d.Owner) + "/" + decimal(d.ID), Name: d.Name,
		Title: d.Title, Description: d.Description, Created: d.Created, Keywords: strings.Join(d.Keywords, ", "),
	}
	if v.Title == "" {
		v.Title = d.Name
	}
	for _, label := range slices.Backward([]string{"100", "240", "500", "800"}) {
		if _, _, _, ok := thumbSize(d.Width, d.Height, label); ok {
			v.Picture = picturePath(d, label)
			break
		}
	}
	in := s.store.someAlbums(func(a *album) bool { return slices.Contains(a.docs, d.ID) })
	var names []string
	for _, a := range in {
		names = append(names, a.Title)
	}
	v.Albums = strings.Join(names, ", ")
	return v
}
