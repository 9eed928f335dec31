package docker

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// API is the little of Docker's HTTP API that an observer needs.
type API struct {
	socket string
	client *http.Client
}

func newAPI(socket string) *API {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	return &API{socket, &http.Client{Transport: &http.Transport{DialContext: dial}}}
}

// Host is what DOCKER_HOST says.
func (a *API) Host() string { return "unix://" + a.socket }

// Container is what Docker says about one: the part that is compared, and the part that is only recorded.
type Container struct {
	ID    string
	Name  string
	State struct {
		Status   string
		ExitCode int
		Health   *struct{ Status string }
	}
	RestartCount int
	Config       struct {
		Labels      map[string]string
		Tty         bool
		StopSignal  string
		StopTimeout *int
	}
	HostConfig struct {
		LogConfig struct {
			Type   string
			Config map[string]string
		}
		RestartPolicy struct {
			Name              string
			MaximumRetryCount int
		}
		PortBindings map[string][]struct{ HostIP, HostPort string }
	}
}

// Line is one line that a container printed.
type Line struct {
	Stderr bool
	Text   string
}

// Version is the daemon's.
func (a *API) Version(ctx context.Context) (string, error) {
	var v struct{ Version string }
	err := a.call(ctx, http.MethodGet, "/version", &v)
	return v.Version, err
}

// Containers are all whose labels are wanted, also those that ended.
func (a *API) Containers(ctx context.Context, wanted func(labels map[string]string) bool) ([]Container, error) {
	var list []struct {
		ID     string
		Labels map[string]string
	}
	if err := a.call(ctx, http.MethodGet, "/containers/json?all=1", &list); err != nil {
		return nil, err
	}
	var all []Container
	for _, c := range list {
		if !wanted(c.Labels) {
			continue
		}
		var full Container
		if err := a.call(ctx, http.MethodGet, "/containers/"+c.ID+"/json", &full); err != nil {
			return nil, err
		}
		all = append(all, full)
	}
	return all, nil
}

// clear removes what an earlier run has left that was killed: every container, volume and network.
func (a *API) clear(ctx context.Context) error {
	var list []struct{ ID string }
	if err := a.call(ctx, http.MethodGet, "/containers/json?all=1", &list); err != nil {
		return err
	}
	for _, c := range list {
		if err := a.call(ctx, http.MethodDelete, "/containers/"+c.ID+"?force=1&v=1", nil); err != nil {
			return err
		}
	}
	return errors.Join(
		a.call(ctx, http.MethodPost, "/volumes/prune?filters="+url.QueryEscape(`{"all":["true"]}`), nil),
		a.call(ctx, http.MethodPost, "/networks/prune", nil))
}

// HasImage tells whether an image is here.
func (a *API) HasImage(ctx context.Context, image string) bool {
	return a.call(ctx, http.MethodGet, "/images/"+image+"/json", nil) == nil
}

// RemoveImages removes the images whose names are wanted.
func (a *API) RemoveImages(ctx context.Context, wanted func(name string) bool) error {
	var list []struct{ RepoTags []string }
	if err := a.call(ctx, http.MethodGet, "/images/json", &list); err != nil {
		return err
	}
	for _, image := range list {
		for _, name := range image.RepoTags {
			if !wanted(name) {
				continue
			}
			if err := a.call(ctx, http.MethodDelete, "/images/"+name, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// load takes the images of an archive.
func (a *API) load(ctx context.Context, archive io.Reader) error {
	_, err := a.do(ctx, http.MethodPost, "/images/load?quiet=1", "application/x-tar", archive)
	return err
}

// CreateVolume makes a volume that is no project's.
func (a *API) CreateVolume(ctx context.Context, name string) error {
	return a.post(ctx, "/volumes/create", map[string]string{"Name": name})
}

// CreateNetwork makes a network that is no project's.
func (a *API) CreateNetwork(ctx context.Context, name string) error {
	return a.post(ctx, "/networks/create", map[string]string{"Name": name})
}

// HasNetwork tells whether a network is here.
func (a *API) HasNetwork(ctx context.Context, name string) bool {
	return a.call(ctx, http.MethodGet, "/networks/"+name, nil) == nil
}

// RemoveVolume removes a volume.
func (a *API) RemoveVolume(ctx context.Context, name string) error {
	return a.call(ctx, http.MethodDelete, "/volumes/"+name, nil)
}

// RemoveNetwork removes a network.
func (a *API) RemoveNetwork(ctx context.Context, name string) error {
	return a.call(ctx, http.MethodDelete, "/networks/"+name, nil)
}

// Log is all that a container printed.
func (a *API) Log(ctx context.Context, c Container) ([]Line, error) {
	body, err := a.do(ctx, http.MethodGet, "/containers/"+c.ID+"/logs?stdout=1&stderr=1", "", nil)
	if err != nil {
		return nil, err
	}
	if c.Config.Tty {
		var lines []Line
		for line := range strings.Lines(string(body)) {
			lines = append(lines, Line{false, strings.TrimSuffix(line, "\n")})
		}
		return lines, nil
	}
	return demultiplex(body)
}

// demultiplex reads the frames of Docker's log stream: one byte for the stream, three of nothing, four for the length. A long line comes in
// several frames.
func demultiplex(body []byte) ([]Line, error) {
	var lines []Line
	open := map[bool]int{} // by stream: the line that had no end yet
	for len(body) > 0 {
		if len(body) < 8 {
			return nil, io.ErrUnexpectedEOF
		}
		n := 8 + int(binary.BigEndian.Uint32(body[4:8]))
		if len(body) < n {
			return nil, io.ErrUnexpectedEOF
		}
		stderr := body[0] == 2
		for text := range strings.Lines(string(body[8:n])) {
			line := strings.TrimSuffix(text, "\n")
			at, begun := open[stderr]
			if begun {
				lines[at].Text += line
			} else {
				at, lines = len(lines), append(lines, Line{stderr, line})
			}
			delete(open, stderr)
			if line == text {
				open[stderr] = at
			}
		}
		body = body[n:]
	}
	return lines, nil
}

func (a *API) post(ctx context.Context, path string, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = a.do(ctx, http.MethodPost, path, "application/json", bytes.NewReader(body))
	return err
}

func (a *API) call(ctx context.Context, method, path string, into any) error {
	body, err := a.do(ctx, method, path, "", nil)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func (a *API) do(ctx context.Context, method, path, kind string, body io.Reader) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://docker/v1.44"+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", kind)
	response, err := a.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 400 {
		err = fmt.Errorf("docker: %s %s: %s: %s", method, path, response.Status, bytes.TrimSpace(answer))
	}
	return answer, err
}
