package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dagger/stack/internal/freeport"
)

// stack is one form of a project's services.
type stack struct {
	options
	dir, name string
	flags     []string
	ports     map[string]int
	session   *exec.Cmd
}

// call is a call of the module from the project's folder.
func (s stack) call(ctx context.Context, args ...string) *exec.Cmd {
	args = slices.Concat([]string{"--progress=plain", "-m", s.root, "call", "--name", s.name}, s.flags, args)
	cmd := exec.CommandContext(ctx, "dagger", args...)
	cmd.Dir = s.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

func (s stack) output(ctx context.Context, args ...string) (string, error) {
	cmd := s.call(ctx, args...)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", args[0], err, failed.String())
	}
	return string(out), nil
}

// up starts the stack on ports of its own, and waits until all of it is healthy.
func (s stack) up(ctx context.Context) (stack, error) {
	s.ports = map[string]int{}
	for _, name := range []string{"postgres", "redis", "backend", "frontend", "api"} {
		port, err := freeport.Take()
		if err != nil {
			return s, err
		}
		s.ports[name] = port
		s.flags = append(slices.Clip(s.flags), fmt.Sprintf("--%s-port=%d", name, port))
	}
	s.session = s.call(ctx, "up", "--project-path", ".", "up")
	var printed bytes.Buffer
	s.session.Stdout, s.session.Stderr = &printed, &printed
	if err := s.session.Start(); err != nil {
		return s, err
	}
	const bound = 10 * time.Minute
	for end := time.Now().Add(bound); ; time.Sleep(time.Second) {
		if err := s.ask("/health", &struct{}{}); err == nil {
			return s, nil
		} else if time.Now().After(end) {
			s.end()
			return s, fmt.Errorf("not healthy after %s: %w\n%s", bound, err, printed.String())
		}
	}
}

// end ends the stack.
func (s stack) end() {
	_ = s.session.Process.Signal(os.Interrupt) // it may have ended
	_ = s.session.Wait()
}

// ask reads an answer of the stack's API.
func (s stack) ask(path string, into any) error {
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/api/v1/projects/%s%s", s.ports["api"], s.name, path))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// starts is the median time from the start of a service's process until it is healthy, as the service's agent has seen both.
func (s stack) starts(ctx context.Context, service string) (time.Duration, error) {
	for range s.options.starts {
		if _, err := s.output(ctx, "restart", "--service", service); err != nil {
			return 0, err
		}
	}
	var history struct {
		Events []struct {
			Time   time.Time
			Action string
		}
	}
	if err := s.ask("/history?tail=200&service="+service, &history); err != nil {
		return 0, err
	}
	var took []time.Duration
	var begun time.Time
	for _, event := range history.Events {
		switch {
		case event.Action == "start":
			begun = event.Time
		case event.Action == "health_status: healthy" && !begun.IsZero():
			took, begun = append(took, event.Time.Sub(begun)), time.Time{}
		}
	}
	if len(took) < s.options.starts {
		return 0, fmt.Errorf("%s: only %d starts are told of", service, len(took))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// rate is how many requests a service answers in a second, over connections that are kept, and how much memory it has then, in MiB.
func (s stack) rate(ctx context.Context, service, path string) (rate, memory float64, err error) {
	url := fmt.Sprintf("http://127.0.0.1:%d%s", s.ports[service], path)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: s.clients}}
	count := func(length time.Duration) (float64, error) {
		ctx, cancel := context.WithTimeout(ctx, length)
		defer cancel()
		var answers atomic.Int64
		var failed atomic.Value
		var group sync.WaitGroup
		begun := time.Now()
		for range s.clients {
			group.Go(func() {
				for ctx.Err() == nil {
					if err := get(ctx, client, url); err != nil && ctx.Err() == nil {
						failed.Store(err)
						return
					} else if err == nil {
						answers.Add(1)
					}
				}
			})
		}
		group.Wait()
		err, _ := failed.Load().(error)
		return float64(answers.Load()) / time.Since(begun).Seconds(), err
	}
	if _, err := count(2 * time.Second); err != nil { // warm
		return 0, 0, err
	}
	if rate, err = count(s.options.time); err != nil {
		return 0, 0, err
	}
	var stats struct {
		Services []struct {
			Service string
			Usage   struct{ Memory float64 }
		}
	}
	err = s.ask("/stats", &stats)
	for _, one := range stats.Services {
		if one.Service == service {
			memory = one.Usage.Memory / (1 << 20)
		}
	}
	return rate, memory, err
}

func get(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(url + ": " + response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// image is what a registry says of an image.
type image struct {
	megabytes float64
	user      string
}

// image is that of a service, among the lines of what was published.
func (o options) image(ctx context.Context, published, service string) (found image, err error) {
	for line := range strings.Lines(published) {
		name, reference, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name != service {
			continue
		}
		repository, digest, _ := strings.Cut(strings.TrimPrefix(reference, o.registry+"/"), "@")
		repository, _, _ = strings.Cut(repository, ":")
		at := "http://" + o.registry + "/v2/" + repository
		var manifest struct {
			Config struct{ Digest string }
			Layers []struct{ Size float64 }
		}
		var config struct{ Config struct{ User string } }
		if err := read(ctx, at+"/manifests/"+digest, &manifest); err != nil {
			return found, err
		}
		if err := read(ctx, at+"/blobs/"+manifest.Config.Digest, &config); err != nil {
			return found, err
		}
		for _, layer := range manifest.Layers {
			found.megabytes += layer.Size / 1e6
		}
		found.user = config.Config.User
		return found, nil
	}
	return found, fmt.Errorf("no image of %s among\n%s", service, published)
}

func read(ctx context.Context, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(url + ": " + response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
