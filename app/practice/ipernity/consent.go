package ipernity

import (
	"crypto/subtle"
	"net/http"
	"net/url"
)

// authorizePath is where a person lets an application in [D6].
const authorizePath = "/apps/authorize"

// maxForm bounds what a browser may post.
const maxForm = 64 << 10

// link is what the address of the consent page says.
type link struct {
	frob  string
	perms perms
}

// readLink checks an address: the key, the signature, which is over all parameters
// without a method [D1], the permissions and the frob. complaint is for the person in
// front of the page. Addresses without a frob are those of web applications [D5], which
// this one is not.
func (s *Server) readLink(r *http.Request, o Options) (l link, complaint string) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return l, "The address of this page is damaged."
	}
	params := map[string]string{}
	for name, all := range query {
		params[name] = all[len(all)-1]
	}
	switch {
	case params["api_key"] != o.Key:
		return l, "No application has this API key."
	case params["api_sig"] == "":
		return l, "The address of this page is not signed."
	case !signed(params, "", o.Secret):
		return l, "The signature of this page's address is wrong."
	}
	p, ok := permsOf(params)
	if !ok {
		return l, "The application asks for a permission that does not exist."
	}
	if !s.frobs.waiting(params["frob"], o.Now()) {
		return l, "This request has been answered already, or it is too old. Start again from the application."
	}
	return link{params["frob"], p}, ""
}

// authorize is the consent page [D6]: whoever is signed in, or signs in on it, allows or
// denies what the application asks for, and goes back to it.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost {
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	o := *s.options.Load()
	l, complaint := s.readLink(r, o)
	if complaint != "" {
		show(w, http.StatusBadRequest, page{Title: "This does not work", Text: complaint})
		return
	}
	if r.Method == http.MethodPost {
		s.decide(w, r, o, l)
		return
	}
	s.ask(w, r, o, l, s.visitor(w, r), "")
}

// ask shows the question. complaint is empty the first time.
func (s *Server) ask(w http.ResponseWriter, r *http.Request, o Options, l link, v visitor, complaint string) {
	q := &question{
		Action: authorizePath + "?" + r.URL.RawQuery, Form: v.form, App: o.AppName, Complaint: complaint,
	}
	if u, ok := o.user(v.user); ok {
		q.User = u.Name
	}
	for _, area := range areas {
		if level := l.perms[area]; level != "" {
			q.Wants = append(q.Wants, wishes[area][level])
		}
	}
	if len(q.Wants) == 0 {
		q.Wants = []string{"see what everybody sees"}
	}
	status := http.StatusOK
	if complaint != "" {
		status = http.StatusForbidden
	}
	show(w, status, page{Title: "Allow " + o.AppName + "?", Question: q})
}

// wishes are the permissions in words [D7].
var wishes = map[string]map[string]string{
	"doc":     {"read": "see your private photos", "write": "see your private photos, add new ones and change them", "delete": "see, add, change and delete your photos"},
	"blog":    {"read": "read your private posts", "write": "read and write your posts", "delete": "read, write and delete your posts"},
	"post":    {"read": "read your comments", "write": "read and write your comments", "delete": "read, write and delete your comments"},
	"network": {"read": "see your contacts", "write": "see and add contacts", "delete": "see, add and remove contacts"},
	"profile": {"read": "see your profile", "write": "see and change your profile"},
}

// decide acts on the form.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, o Options, l link) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		show(w, http.StatusBadRequest, page{Title: "This does not work", Text: "The form is damaged."})
		return
	}
	v, ok := s.visitors.known(r, o.Now())
	if !ok || !v.sent(r.PostForm.Get("form")) {
		s.ask(w, r, o, l, s.visitor(w, r), "This page was too old. Please answer again.")
		return
	}
	switch r.PostForm.Get("answer") {
	case "signout":
		s.ask(w, r, o, l, s.visitors.welcome(w, r, 0, o.Now()), "")
	case "deny":
		s.frobs.answer(l.frob, o.Now(), false, 0, nil)
		show(w, http.StatusOK, page{Title: "Denied", Text: o.AppName + " may not use your account. You can close this page."})
	case "allow":
		s.allow(w, r, o, l, v)
	default:
		s.ask(w, r, o, l, v, "Please use one of the buttons.")
	}
}

func (s *Server) allow(w http.ResponseWriter, r *http.Request, o Options, l link, v visitor) {
	u, ok := o.user(v.user)
	if !ok {
		u, ok = o.userNamed(r.PostForm.Get("user"))
		if subtle.ConstantTimeCompare([]byte(u.Password), []byte(r.PostForm.Get("password"))) != 1 || !ok {
			s.ask(w, r, o, l, v, "User or password is wrong.")
			return
		}
		s.visitors.welcome(w, r, u.ID, o.Now())
	}
	if u.Closed {
		show(w, http.StatusForbidden, page{Title: "Account closed", Text: "This account is closed or suspended."})
		return
	}
	if !s.frobs.answer(l.frob, o.Now(), true, u.ID, l.perms) {
		show(w, http.StatusBadRequest, page{Title: "This does not work", Text: "This request has been answered already. Start again from the application."})
		return
	}
	show(w, http.StatusOK, page{Title: "Allowed", Text: o.AppName + " may now use your account. You can close this page and go back to the program."})
}
