package universal

import "time"

// op says what a line of the index records.
type op string

const (
	opToken   op = "token"   // createToken: Token, Community, Minutes
	opApprove op = "approve" // somebody allowed a token: Token, UID
	opDeny    op = "deny"    // somebody refused it: Token
	opSession op = "session" // Session, Secret, UID, Community, Expires; Token is used up
	opExpire  op = "expire"  // all sessions are over
	opCall    op = "call"    // Session, CallID
	opAlbum   op = "album"   // AID, UID, Community, Title, Description, Default
	opDrop    op = "drop"    // an album and its photos are gone: AID
	opAdd     op = "add"     // a photo: the rest
	opUndo    op = "undo"    // an add that failed after all: PID
	opPublish op = "publish" // photos are no longer pending: PIDs
	opRemove  op = "remove"  // PID
)

// record is one line of the index.
type record struct {
	Op op        `json:"op"`
	At time.Time `json:"at"`

	UID       string `json:"uid,omitempty"`
	Community string `json:"community,omitempty"`

	Token   string  `json:"token,omitempty"`
	Minutes int64   `json:"minutes,omitempty"` // of the session to come; 0 means for ever
	Session string  `json:"session,omitempty"`
	Secret  string  `json:"secret,omitempty"`
	Expires int64   `json:"expires,omitempty"` // Unix time; 0 means never
	CallID  float64 `json:"callId,omitempty"`

	AID         string `json:"aid,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Default     bool   `json:"default,omitempty"` // the application's default album

	PID     string   `json:"pid,omitempty"`
	PIDs    []string `json:"pids,omitempty"`
	Name    string   `json:"name,omitempty"` // file name that was sent
	Temp    string   `json:"temp,omitempty"` // in incoming, until it is moved into place
	Type    string   `json:"type,omitempty"` // content type, by its bytes
	Caption string   `json:"caption,omitempty"`
	Size    int64    `json:"size,omitempty"`
	SHA256  string   `json:"sha256,omitempty"`
	MD5     string   `json:"md5,omitempty"`
	Nonce   string   `json:"nonce,omitempty"` // the part of src that cannot be guessed
	Pending bool     `json:"pending,omitempty"`
}
