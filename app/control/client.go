package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrNotRunning says that no engine answers, or that it ended.
var ErrNotRunning = errors.New("no engine is running")

// Client calls an engine. Its methods mirror [Engine] and may be called from
// several goroutines. What the engine refuses is returned as a [*Problem];
// every call can also fail with [ErrNotRunning].
type Client struct {
	http *http.Client
}

// Dial connects to the engine that listens on socket. It returns
// [ErrNotRunning] when there is none. ctx bounds only Dial itself.
func Dial(ctx context.Context, socket string) (*Client, error) {
	addr, err := socketAddress(socket)
	if err != nil {
		return nil, err
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return dialSocket(ctx, addr) }
	conn, err := dial(ctx, "", "")
	if err != nil {
		return nil, err
	}
	_ = conn.Close()
	return &Client{http: &http.Client{Transport: &http.Transport{
		DialContext:        dial,
		DisableCompression: true,
		IdleConnTimeout:    time.Minute,
	}}}, nil
}

func dialSocket(ctx context.Context, addr string) (net.Conn, error) {
	if dir := filepath.Dir(addr); dir == shortFolder() {
		if err := ownedAlone(dir); errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNotRunning
		} else if err != nil {
			return nil, err
		}
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	c, err := d.DialContext(ctx, "unix", addr)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOTSOCK) {
			return nil, ErrNotRunning
		}
		return nil, fmt.Errorf("reach the engine: %w", err)
	}
	if err := checkPeer(c); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("reach the engine: %w", err)
	}
	return c, nil
}

// InProcess returns a client that calls h in this process, without a socket:
// the same way through the same code.
func InProcess(h http.Handler) *Client {
	return &Client{http: &http.Client{Transport: inProcess{h}}}
}

// Close releases connections that wait for the next call.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// call makes one call and decodes its answer.
func call[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	body, err := c.open(ctx, method, path, in)
	if err != nil {
		return out, err
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(&out); err != nil {
		return out, broken(ctx, err)
	}
	return out, nil
}

// open makes one call and returns the body of its answer.
func (c *Client) open(ctx context.Context, method, path string, in any) (io.ReadCloser, error) {
	resp, err := c.do(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

func (c *Client) do(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := encode(in)
		if err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+host+path, body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, broken(ctx, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	var p Problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, smallBody)).Decode(&p); err != nil || p.Message == "" {
		return nil, &Problem{Message: "The engine answered " + strings.ToLower(resp.Status), Hint: "Engine and client may be of different versions: end the engine and start it again.", Exit: 1}
	}
	return nil, &p
}

// broken explains a call that got no whole answer. An engine that ends closes
// its connections.
func broken(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrNotRunning):
		return ErrNotRunning
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("%w: it ended before it had answered", ErrNotRunning)
	}
	return fmt.Errorf("talk to the engine: %w", err)
}
