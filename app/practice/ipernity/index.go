package ipernity

import (
	"errors"
	"slices"
	"time"
)

// record is one line of the index.
type record struct {
	Op string    `json:"op"`
	ID int64     `json:"id,omitempty"` // of the document, or of the album, that it is about
	At time.Time `json:"at"`

	Doc    *docRecord   `json:"doc,omitempty"`    // add
	Meta   *meta        `json:"meta,omitempty"`   // set
	Album  *albumRecord `json:"album,omitempty"`  // album
	Albums []int64      `json:"albums,omitempty"` // add: those that the document goes into
	Docs   []int64      `json:"docs,omitempty"`   // album, albumAdd, albumDrop
	Token  *token       `json:"token,omitempty"`  // token
}

// What a record does.
const (
	opAdd       = "add"       // a document and its ticket
	opUndo      = "undo"      // an add that failed after all
	opSet       = "set"       // new metadata of a document
	opRemove    = "remove"    // a document
	opAlbum     = "album"     // a new album
	opAlbumAdd  = "albumAdd"  // documents go into an album
	opAlbumDrop = "albumDrop" // documents go out of it; it ends with its last one
	opAlbumEnd  = "albumEnd"  // an album, not its documents
	opToken     = "token"     // a new token
	opRevoke    = "revoke"    // all tokens
)

// docRecord is what never changes about a document.
type docRecord struct {
	ID          int64     `json:"id"`
	Ticket      int64     `json:"ticket"`
	Owner       int64     `json:"owner"`
	Invalid     bool      `json:"invalid,omitempty"` // its processing fails: there is no file
	Sync        bool      `json:"sync,omitempty"`    // processed before the answer left
	Ready       time.Time `json:"ready"`             // when it is processed
	Posted      time.Time `json:"posted"`
	File        string    `json:"file,omitempty"` // in docs
	Temp        string    `json:"temp,omitempty"` // in incoming, until it is moved to File
	Name        string    `json:"name"`           // as it was sent
	Type        string    `json:"type,omitempty"` // content type as it was sent
	Media       string    `json:"media"`
	Ext         string    `json:"ext"`
	Width       int       `json:"width,omitempty"`
	Height      int       `json:"height,omitempty"`
	Orientation int       `json:"orientation"`
	Size        int64     `json:"size"`
	SHA256      string    `json:"sha256"`
	MD5         string    `json:"md5"`
	Secret      string    `json:"secret"` // in the addresses of its pictures
}

// meta is what can be changed about a document.
type meta struct {
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty"`
	Created     string    `json:"created,omitempty"` // YYYY-MM-DD HH:MM:SS
	License     int       `json:"license,omitempty"`
	Public      bool      `json:"public,omitempty"`
	Family      bool      `json:"family,omitempty"`
	Friend      bool      `json:"friend,omitempty"`
	Comment     int       `json:"comment"` // perm_comment, and so on
	Tag         int       `json:"tag"`
	TagMe       int       `json:"tagme"`
	Keywords    []string  `json:"keywords,omitempty"`
	Members     []string  `json:"members,omitempty"` // user IDs
	Place       *place    `json:"place,omitempty"`
	Modified    time.Time `json:"modified"`
}

type place struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

type albumRecord struct {
	ID          int64     `json:"id"`
	Owner       int64     `json:"owner"`
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty"`
	Cover       int64     `json:"cover,omitempty"`
	Comment     int       `json:"comment"`
	Created     time.Time `json:"created"`
}

// token is a right to act for a user.
type token struct {
	Token string `json:"token"`
	User  int64  `json:"user"`
	Perms perms  `json:"perms"`
}

// errNotWhole is a record that lacks what its kind needs.
var errNotWhole = errors.New("record is not whole")

// whole reports whether a record has what its kind needs.
func (r record) whole() bool {
	switch r.Op {
	case opAdd:
		return r.Doc != nil && r.Meta != nil
	case opSet:
		return r.Meta != nil
	case opAlbum:
		return r.Album != nil
	case opToken:
		return r.Token != nil
	}
	return slices.Contains([]string{opUndo, opRemove, opAlbumAdd, opAlbumDrop, opAlbumEnd, opRevoke}, r.Op)
}
