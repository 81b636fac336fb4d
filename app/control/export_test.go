package control

// Route is a call of the API, for tests.
type Route struct{ Method, Path string }

// Routes lists all calls.
func Routes() []Route {
	var rs []Route
	for _, r := range routes {
		rs = append(rs, Route{r.method, r.path})
	}
	return rs
}

// SocketAddress is socketAddress.
var SocketAddress = socketAddress

// ShortFolder is shortFolder.
var ShortFolder = shortFolder
