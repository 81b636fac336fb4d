package control

import (
	"net/http"
	"slices"
)

// host is the name that every request must carry in its Host header. There is
// nothing to resolve: the socket is the address.
const host = "photoferry"

// Bounds of request bodies in bytes. Lists of files and jobs may be long.
const (
	smallBody = 1 << 20
	listBody  = 64 << 20
)

// route is one call of the API. Every path has one method.
type route struct {
	method string
	path   string
	body   int64 // largest request body
	serve  func(s *server, w http.ResponseWriter, r *http.Request) error
}

// The paths, in the order of docs/control-api.md.
const (
	pathStatus        = "/v1/status"
	pathChanges       = "/v1/changes"
	pathHello         = "/v1/hello"
	pathQuit          = "/v1/quit"
	pathJobs          = "/v1/jobs"
	pathRetry         = "/v1/jobs/retry"
	pathCancel        = "/v1/jobs/cancel"
	pathFirst         = "/v1/jobs/first"
	pathAgain         = "/v1/jobs/again"
	pathSent          = "/v1/jobs/sent"
	pathRecords       = "/v1/records"
	pathWhy           = "/v1/why"
	pathAdd           = "/v1/add"
	pathPause         = "/v1/pause"
	pathResume        = "/v1/resume"
	pathRelease       = "/v1/release"
	pathServices      = "/v1/services"
	pathAccounts      = "/v1/accounts"
	pathAccountCheck  = "/v1/accounts/check"
	pathAccountLogin  = "/v1/accounts/login"
	pathLoginBegin    = "/v1/accounts/login/begin"
	pathLoginFinish   = "/v1/accounts/login/finish"
	pathAccountTrust  = "/v1/accounts/trust"
	pathAccountAlbums = "/v1/accounts/albums"
	pathAccountRemove = "/v1/accounts/remove"
	pathFolders       = "/v1/folders"
	pathFolderScan    = "/v1/folders/scan"
	pathFolderRemove  = "/v1/folders/remove"
	pathVerify        = "/v1/verify"
	pathPicture       = "/v1/picture"
	pathDoctor        = "/v1/doctor"
)

// routes is the whole API.
var routes = slices.Concat(coreRoutes, deskRoutes)

var coreRoutes = []route{
	{http.MethodGet, pathStatus, 0, (*server).status},
	{http.MethodGet, pathChanges, 0, (*server).changes},
	{http.MethodPost, pathHello, listBody, (*server).hello},
	{http.MethodPost, pathQuit, smallBody, (*server).quit},
	{http.MethodGet, pathJobs, 0, (*server).jobs},
	{http.MethodPost, pathRetry, listBody, verb(Engine.Retry)},
	{http.MethodPost, pathCancel, listBody, verb(Engine.Cancel)},
	{http.MethodPost, pathFirst, listBody, verb(Engine.First)},
	{http.MethodPost, pathAgain, listBody, verb(Engine.Again)},
	{http.MethodPost, pathSent, listBody, verb(Engine.Sent)},
	{http.MethodGet, pathRecords, 0, (*server).records},
	{http.MethodGet, pathWhy, 0, (*server).why},
	{http.MethodPost, pathAdd, listBody, (*server).add},
	{http.MethodPost, pathPause, smallBody, (*server).pause},
	{http.MethodPost, pathResume, smallBody, (*server).resume},
	{http.MethodPost, pathRelease, smallBody, (*server).release},
	{http.MethodGet, pathServices, 0, (*server).services},
	{http.MethodPost, pathAccounts, smallBody, (*server).addAccount},
	{http.MethodPost, pathAccountCheck, smallBody, (*server).checkAccount},
	{http.MethodPost, pathAccountLogin, smallBody, (*server).login},
	{http.MethodPost, pathLoginBegin, smallBody, (*server).beginLogin},
	{http.MethodPost, pathLoginFinish, smallBody, (*server).finishLogin},
	{http.MethodPost, pathAccountTrust, smallBody, (*server).trust},
	{http.MethodPost, pathAccountAlbums, smallBody, (*server).albums},
	{http.MethodPost, pathAccountRemove, smallBody, (*server).removeAccount},
	{http.MethodPost, pathFolders, smallBody, (*server).addFolder},
	{http.MethodPost, pathFolderScan, smallBody, (*server).scanFolder},
	{http.MethodPost, pathFolderRemove, smallBody, (*server).removeFolder},
	{http.MethodPost, pathVerify, smallBody, (*server).verify},
	{http.MethodPost, pathPicture, smallBody, (*server).picture},
	{http.MethodGet, pathDoctor, 0, (*server).doctor},
}

// Bodies that no method of Engine has as a type.
type (
	helloRequest struct {
		Files []string `json:"files,omitempty"`
		Page  Page     `json:"page,omitempty"`
	}
	accountRequest struct {
		Account string `json:"account,omitempty"` // name
	}
	loginRequest struct {
		Account string `json:"account"`
		Secret  string `json:"secret,omitempty"`
	}
	trustRequest struct {
		Account     string `json:"account"`
		Fingerprint string `json:"fingerprint"`
	}
	folderRequest struct {
		Folder string `json:"folder,omitempty"` // absolute path
	}
	whyAnswer struct {
		Stories []Story `json:"stories"`
	}
	albumsAnswer struct {
		Albums []string `json:"albums"`
	}
	servicesAnswer struct {
		Services []Service `json:"services"`
	}
	doctorAnswer struct {
		Findings []Finding `json:"findings"`
	}
	empty struct{}

	// addLine and verifyLine are lines of streams; exactly one field is set.
	// The last line has a summary or a problem.
	addLine struct {
		Result  *AddResult  `json:"result,omitempty"`
		Summary *AddSummary `json:"summary,omitempty"`
		Problem *Problem    `json:"problem,omitempty"`
	}
	verifyLine struct {
		Result  *VerifyResult  `json:"result,omitempty"`
		Summary *VerifySummary `json:"summary,omitempty"`
		Problem *Problem       `json:"problem,omitempty"`
	}
)
