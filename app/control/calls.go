package control

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

func (s *server) status(w http.ResponseWriter, r *http.Request) error {
	st := s.engine.Status()
	fill(&st)
	return answer(w, st)
}

// fill replaces nil lists, so that scripts find [] and never null.
func fill(s *Status) {
	s.Accounts = list(s.Accounts)
	s.Folders = list(s.Folders)
	s.Active = list(s.Active)
	s.Recent = list(s.Recent)
	s.Cards = list(s.Cards)
	for i := range s.Folders {
		s.Folders[i].Accounts = list(s.Folders[i].Accounts)
	}
}

func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

func (s *server) changes(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "window")
	if err != nil {
		return err
	}
	window := false
	if v := q.Get("window"); v != "" {
		if window, err = strconv.ParseBool(v); err != nil {
			return &Problem{Message: "window must be true or false", Exit: 2}
		}
	}
	out := newStream(w)
	defer out.close()
	for m := range s.engine.Changes(r.Context(), window) {
		if m.Status != nil {
			fill(m.Status)
		}
		if out.send(m) != nil || out.flush() != nil {
			return nil // the listener has gone
		}
	}
	return nil
}

func (s *server) hello(w http.ResponseWriter, r *http.Request) error {
	var in helloRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	return answer(w, s.engine.Hello(in.Files, in.Page))
}

func (s *server) quit(w http.ResponseWriter, r *http.Request) error {
	if err := decode(r, &empty{}); err != nil {
		return err
	}
	if err := answer(w, empty{}); err != nil {
		return err
	}
	// The answer must be on its way before the engine closes the connection.
	_ = http.NewResponseController(w).Flush()
	s.engine.Quit()
	return nil
}

func (s *server) jobs(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "state", "account", "text", "folder", "session", "group", "after", "limit")
	if err != nil {
		return err
	}
	limit, err1 := number(q, "limit")
	session, err2 := id(q, "session")
	if err := cmp.Or(err1, err2); err != nil {
		return err
	}
	p, err := s.engine.Jobs(JobQuery{
		State: q.Get("state"), Account: q.Get("account"), Text: q.Get("text"), Folder: q.Get("folder"),
		Session: session, Group: q.Get("group"), After: q.Get("after"), Limit: limit,
	})
	if err != nil {
		return err
	}
	p.Jobs = list(p.Jobs)
	return answer(w, p)
}

func (s *server) records(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "account", "text", "session", "outcome", "since", "until", "after", "limit")
	if err != nil {
		return err
	}
	limit, err1 := number(q, "limit")
	session, err2 := id(q, "session")
	since, err3 := moment(q, "since")
	until, err4 := moment(q, "until")
	if err := cmp.Or(err1, err2, err3, err4); err != nil {
		return err
	}
	p, err := s.engine.Records(RecordQuery{
		Account: q.Get("account"), Text: q.Get("text"), Session: session, Outcome: q.Get("outcome"),
		Since: since, Until: until, After: q.Get("after"), Limit: limit,
	})
	if err != nil {
		return err
	}
	p.Records = list(p.Records)
	return answer(w, p)
}

func (s *server) why(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "name")
	if err != nil {
		return err
	}
	if q.Get("name") == "" {
		return &Problem{Message: "name is missing", Hint: "It takes a path or a file name.", Exit: 2}
	}
	stories, err := s.engine.Why(q.Get("name"))
	if err != nil {
		return err
	}
	stories = list(stories)
	for i := range stories {
		stories[i].Accounts = list(stories[i].Accounts)
		stories[i].Events = list(stories[i].Events)
	}
	return answer(w, whyAnswer{stories})
}

// verb serves a method that changes jobs.
func verb(do func(Engine, []uint64) (int, error)) func(*server, http.ResponseWriter, *http.Request) error {
	return func(s *server, w http.ResponseWriter, r *http.Request) error {
		var in IDs
		if err := decode(r, &in); err != nil {
			return err
		}
		n, err := do(s.engine, in.IDs)
		if err != nil {
			return err
		}
		return answer(w, Done{n})
	}
}

func (s *server) add(w http.ResponseWriter, r *http.Request) error {
	var in AddRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	if len(in.Paths) == 0 {
		return &Problem{Message: "paths is empty", Hint: "Name the files or folders to add.", Exit: 2}
	}
	out := newStream(w)
	defer out.close()
	sum, err := s.engine.Add(r.Context(), in, func(res AddResult) { _ = out.send(addLine{Result: &res}) })
	if err != nil {
		if !out.started() {
			return err
		}
		return out.end(r, addLine{Problem: asProblem(err)})
	}
	return out.end(r, addLine{Summary: &sum})
}

func (s *server) pause(w http.ResponseWriter, r *http.Request) error {
	var in PauseRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	return done(w, s.engine.Pause(in))
}

func (s *server) resume(w http.ResponseWriter, r *http.Request) error {
	var in accountRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	return done(w, s.engine.Resume(in.Account))
}

func (s *server) release(w http.ResponseWriter, r *http.Request) error {
	var in folderRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	n, err := s.engine.Release(in.Folder)
	if err != nil {
		return err
	}
	return answer(w, Done{n})
}

func (s *server) services(w http.ResponseWriter, _ *http.Request) error {
	all := list(s.engine.Services())
	for i := range all {
		all[i].Options = list(all[i].Options)
	}
	return answer(w, servicesAnswer{all})
}

func (s *server) addAccount(w http.ResponseWriter, r *http.Request) error {
	var in AccountSpec
	if err := decode(r, &in); err != nil {
		return err
	}
	rep, err := s.engine.AddAccount(r.Context(), in)
	return report(w, rep, err)
}

func (s *server) checkAccount(w http.ResponseWriter, r *http.Request) error {
	var in accountRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	rep, err := s.engine.CheckAccount(r.Context(), in.Account)
	return report(w, rep, err)
}

func (s *server) login(w http.ResponseWriter, r *http.Request) error {
	var in loginRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	rep, err := s.engine.Login(r.Context(), in.Account, in.Secret)
	return report(w, rep, err)
}

func (s *server) beginLogin(w http.ResponseWriter, r *http.Request) error {
	var in accountRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	page, err := s.engine.BeginLogin(r.Context(), in.Account)
	if err != nil {
		return err
	}
	return answer(w, page)
}

func (s *server) finishLogin(w http.ResponseWriter, r *http.Request) error {
	var in accountRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	rep, err := s.engine.FinishLogin(r.Context(), in.Account)
	return report(w, rep, err)
}

func report(w http.ResponseWriter, rep CheckReport, err error) error {
	if err != nil {
		return err
	}
	rep.Ticks = list(rep.Ticks)
	return answer(w, rep)
}

func (s *server) trust(w http.ResponseWriter, r *http.Request) error {
	var in trustRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	return done(w, s.engine.Trust(in.Account, in.Fingerprint))
}

func (s *server) albums(w http.ResponseWriter, r *http.Request) error {
	var in accountRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	albums, err := s.engine.Albums(r.Context(), in.Account)
	if err != nil {
		return err
	}
	return answer(w, albumsAnswer{list(albums)})
}

func (s *server) removeAccount(w http.ResponseWriter, r *http.Request) error {
	var in accountRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	return done(w, s.engine.RemoveAccount(in.Account))
}

func (s *server) addFolder(w http.ResponseWriter, r *http.Request) error {
	var in FolderSpec
	if err := decode(r, &in); err != nil {
		return err
	}
	added, err := s.engine.AddFolder(r.Context(), in)
	if err != nil {
		return err
	}
	added.Folder.Accounts = list(added.Folder.Accounts)
	return answer(w, added)
}

func (s *server) scanFolder(w http.ResponseWriter, r *http.Request) error {
	var in folderRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	return done(w, s.engine.ScanFolder(r.Context(), in.Folder))
}

func (s *server) removeFolder(w http.ResponseWriter, r *http.Request) error {
	var in folderRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	return done(w, s.engine.RemoveFolder(in.Folder))
}

func (s *server) verify(w http.ResponseWriter, r *http.Request) error {
	var in accountRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	out := newStream(w)
	defer out.close()
	sum, err := s.engine.Verify(r.Context(), in.Account, func(res VerifyResult) { _ = out.send(verifyLine{Result: &res}) })
	if err != nil {
		if !out.started() {
			return err
		}
		return out.end(r, verifyLine{Problem: asProblem(err)})
	}
	return out.end(r, verifyLine{Summary: &sum})
}

// picture streams an image. When the server fails in the middle, the answer is
// cut, so that the client cannot take it for whole.
func (s *server) picture(w http.ResponseWriter, r *http.Request) error {
	var in PictureRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	body, contentType, err := s.engine.Picture(r.Context(), in)
	if err != nil {
		return err
	}
	defer body.Close()
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(http.StatusOK)
	if _, err := io.Copy(w, body); err != nil {
		if r.Context().Err() == nil {
			s.log.Warn("Picture cut", "account", in.Account, "err", err)
		}
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (s *server) doctor(w http.ResponseWriter, r *http.Request) error {
	return answer(w, doctorAnswer{list(s.engine.Doctor(r.Context()))})
}

// done answers a call that has nothing to say but whether it worked.
func done(w http.ResponseWriter, err error) error {
	if err != nil {
		return err
	}
	return answer(w, empty{})
}

// query parses the URL's query and refuses names that the call does not know.
func query(r *http.Request, names ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &Problem{Message: "The query cannot be read", Exit: 2}
	}
next:
	for name := range q {
		for _, n := range names {
			if n == name {
				continue next
			}
		}
		return nil, &Problem{Message: fmt.Sprintf("%s does not know %s", r.URL.Path, printable(name)), Exit: 2}
	}
	return q, nil
}

func number(q url.Values, name string) (int, error) {
	v := q.Get(name)
	if v == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return 0, &Problem{Message: name + " must be a number", Exit: 2}
	}
	return n, nil
}
