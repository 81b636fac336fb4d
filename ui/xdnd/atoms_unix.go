//go:build linux || freebsd || openbsd || netbsd

package xdnd

import (
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// atoms are the numbers that the display has for names.
type atoms struct {
	aware, proxy, typeList, selection, copy        xproto.Atom
	enter, position, status, leave, drop, finished xproto.Atom
	uriList, incr, list                            xproto.Atom
}

func (a *atoms) intern(x *xgb.Conn) error {
	names := []struct {
		name string
		to   *xproto.Atom
	}{
		{"XdndAware", &a.aware}, {"XdndProxy", &a.proxy}, {"XdndTypeList", &a.typeList},
		{"XdndSelection", &a.selection}, {"XdndActionCopy", &a.copy},
		{"XdndEnter", &a.enter}, {"XdndPosition", &a.position}, {"XdndStatus", &a.status},
		{"XdndLeave", &a.leave}, {"XdndDrop", &a.drop}, {"XdndFinished", &a.finished},
		{"text/uri-list", &a.uriList}, {"INCR", &a.incr},
		{"PHOTOFERRY_DROP", &a.list}, // where a source writes its list to
	}
	asked := make([]xproto.InternAtomCookie, len(names))
	for i, n := range names {
		asked[i] = xproto.InternAtom(x, false, uint16(len(n.name)), n.name)
	}
	for i, n := range names {
		got, err := asked[i].Reply()
		if err != nil {
			return fmt.Errorf("naming %s: %w", n.name, err)
		}
		*n.to = got.Atom
	}
	return nil
}
