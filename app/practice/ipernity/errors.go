package ipernity

import (
	"fmt"
	"net/http"
)

// apiError is an answer with status "error". Codes below 100 mean something else with
// each method.
type apiError struct {
	code int
	text string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.code, e.text) }

// The codes that all methods have in common [S].
const (
	keyMissing        = 100
	keyInvalid        = 101
	formatInvalid     = 102
	methodUnknown     = 103
	signatureMissing  = 104
	signatureInvalid  = 105
	tokenMissing      = 106
	tokenInvalid      = 107
	accountClosed     = 108
	permissionMissing = 110
	appQuota          = 112
	ipQuota           = 113
	postRequired      = 120
	serviceError      = 500
)

// commonTexts are the messages of those codes [S].
var commonTexts = map[int]string{
	keyMissing:        "API Key is missing",
	keyInvalid:        "API Key is invalid",
	formatInvalid:     "Invalid format",
	methodUnknown:     "Method not found",
	signatureMissing:  "Signature missing",
	signatureInvalid:  "Signature is invalid",
	tokenMissing:      "Token missing",
	tokenInvalid:      "Token invalid",
	accountClosed:     "Account closed",
	109:               "Action blocked",
	permissionMissing: "Insufficient permissions",
	111:               "IP not allowed",
	appQuota:          "Application Quota Error",
	ipQuota:           "Client IP Quota Error",
	postRequired:      "HTTP POST required",
	121:               "Invalid SOAP envelope",
	122:               "Invalid XML-RPC envelope",
	130:               "OAuth protocol version unsupported",
	131:               "OAuth parameters are missing",
	132:               "OAuth Clock skew",
	133:               "OAuth Nonce is invalid",
	134:               "OAuth Timestamp is invalid",
	135:               "OAuth Signature method unsupported",
	serviceError:      "Service error",
	501:               "Maintenance mode",
	503:               "Service unavailable",
}

// common is the answer with a common code.
func common(code int) error { return &apiError{code, commonTexts[code]} }

// Answers of single methods. Which method has which, its comment says.
var (
	errFileMissing  = &apiError{1, "File is missing or empty"}
	errFileTooLarge = &apiError{2, "File size exceeded limits"}
	errFileRefused  = &apiError{3, "File not accepted"}
	errMonthly      = &apiError{4, "User exceeded upload limits"}

	errTickets = &apiError{1, "Tickets not found"}

	errFrobMissing = &apiError{1, "Frob missing"}
	errFrobInvalid = &apiError{2, "Frob invalid"}

	errDoc       = &apiError{1, "Document not found"}
	errNothing   = &apiError{2, "No parameters were sent"}
	errParam     = &apiError{2, "Parameter missing"}
	errArguments = &apiError{2, "Invalid arguments"}
	errOutOfSet  = &apiError{3, "Invalid arguments"}

	errUser = &apiError{1, "User not found"}
	errEcho = &apiError{1, "Nothing was sent"}

	errAlbum      = &apiError{1, "Album not found"}
	errTitle      = &apiError{1, "Title is missing"}
	errAlbumDocs  = &apiError{2, "Documents not found"}
	errCover      = &apiError{2, "Cover not found"}
	errCoverFull  = &apiError{3, "Can not use this cover"}
	errAlbumFull  = &apiError{3, "Album limit reached"}
	errManyAlbums = &apiError{4, "Can't create any more albums"}
)

// httpError is an answer that the web server in front gives, before there is an API.
type httpError struct{ status int }

func (e *httpError) Error() string { return http.StatusText(e.status) }

var errBadRequest = &httpError{http.StatusBadRequest}
