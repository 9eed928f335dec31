package state

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Request asks a running agent to do something. It is addressed to one instance and has a deadline: what nobody
// took up in time is never done later.
type Request struct {
	ID       string          `json:"id"`
	Instance string          `json:"instance"`
	Verb     string          `json:"verb"`
	Args     json.RawMessage `json:"args,omitempty"`
	Sent     time.Time       `json:"sent"`
	Deadline time.Time       `json:"deadline"`
}

// Answer is what the agent did about a request.
type Answer struct {
	Code  string          `json:"code,omitempty"` // of the error
	Error string          `json:"error,omitempty"`
	Value json.RawMessage `json:"value,omitempty"`
}

// Error is why an agent did not do what was asked. The codes are those of package protocol.
type Error struct {
	Code    string // for programs; empty: none
	Message string // for people
}

func (e Error) Error() string { return e.Message }

const (
	requestSuffix = ".request.json"
	answerSuffix  = ".answer.json"
	// answerPoll is how often a waiting client looks; the agent itself is woken by the file system.
	answerPoll = 5 * time.Millisecond
	// answerGrace is how long after the deadline an answer may come: that of an agent which gives up at it, and looks
	// at every Heartbeat.
	answerGrace = 2 * Heartbeat
)

// ErrNoAnswer: the agent did not answer before the deadline. ErrEnded is one: it never will.
var (
	ErrNoAnswer = errors.New("no answer")
	ErrEnded    = fmt.Errorf("%w: the agent has ended", ErrNoAnswer)
)

// Control is the folder that an agent watches for requests.
func (s Service) Control() string { return s.control() }

// ClearControl removes what was left for an agent before this one.
func (s Service) ClearControl() error {
	return errors.Join(os.RemoveAll(s.control()), os.MkdirAll(s.control(), 0o700))
}

// Ask sends a request to the agent and waits for its answer. args and answer are anything that JSON can hold; a
// nil answer is thrown away. Giving up, by the context or the timeout, takes the request back.
func (s Service) Ask(ctx context.Context, verb string, args, answer any, timeout time.Duration) error {
	status, err := s.Status()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(args)
	if err != nil {
		return err
	}
	now := time.Now()
	request := Request{
		// The time first, so that requests are served in the order in which they were sent.
		ID:       fmt.Sprintf("%020d-%s", now.UnixNano(), rand.Text()[:8]),
		Instance: status.Instance, Verb: verb, Args: raw, Sent: now, Deadline: now.Add(timeout),
	}
	path := filepath.Join(s.control(), request.ID)
	if err := writeJSON(path+requestSuffix, request); err != nil {
		return err
	}
	defer os.Remove(path + answerSuffix)
	defer os.Remove(path + requestSuffix)
	got, err := s.await(ctx, path+answerSuffix, request.Deadline)
	if err != nil {
		return err
	}
	if got.Error != "" {
		return Error{got.Code, got.Error}
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(got.Value, answer)
}

func (s Service) await(ctx context.Context, path string, deadline time.Time) (Answer, error) {
	for {
		// Before the answer is looked for: what an agent says last, it says before it ends.
		alive, late := s.Alive(), time.Now().After(deadline.Add(answerGrace))
		answer, err := readJSON[Answer](path)
		switch {
		case !errors.Is(err, fs.ErrNotExist):
			return answer, err
		case late:
			return answer, ErrNoAnswer
		case !alive:
			return answer, ErrEnded
		}
		select {
		case <-ctx.Done():
			return answer, ctx.Err()
		case <-time.After(answerPoll):
		}
	}
}

// Requests are those that wait for the agent of that instance, oldest first. Whatever else is in the folder, also
// a request that cannot be read or is past its deadline, is removed.
func (s Service) Requests(instance string) ([]Request, error) {
	entries, err := os.ReadDir(s.control())
	if err != nil {
		return nil, ignoreMissing(err)
	}
	var requests []Request
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), requestSuffix) {
			continue
		}
		path := filepath.Join(s.control(), entry.Name())
		request, err := readJSON[Request](path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // taken back
		}
		if err != nil || request.Instance != instance || request.ID+requestSuffix != entry.Name() || time.Now().After(request.Deadline) {
			os.Remove(path)
			continue
		}
		requests = append(requests, request)
	}
	slices.SortFunc(requests, func(a, b Request) int { return cmp.Compare(a.ID, b.ID) })
	return requests, nil
}

// Take removes a request before it is served: whatever happens then, it is not served twice.
func (s Service) Take(request Request) error {
	return os.Remove(filepath.Join(s.control(), request.ID+requestSuffix))
}

// Reply answers a request.
func (s Service) Reply(request Request, value any, failure error) error {
	var answer Answer
	if failure != nil {
		var coded Error
		errors.As(failure, &coded)
		answer.Code, answer.Error = coded.Code, failure.Error()
	} else if value != nil {
		raw, err := json.Marshal(value)
		if err != nil {
			return err
		}
		answer.Value = raw
	}
	return writeJSON(filepath.Join(s.control(), request.ID+answerSuffix), answer)
}
