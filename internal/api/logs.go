package api

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"dagger/stack/internal/control"
	"dagger/stack/internal/render"
	"dagger/stack/internal/state/logstore"
)

// logs answers with the lines of one service or of all: as the text that the CLI prints, or as entries. The answer is
// written as it is made: with several copies of it, a few requests would take all of the gateway's memory.
func (s *Server) logs(w http.ResponseWriter, r *http.Request) error {
	request, err := logsRequest(r)
	if err != nil {
		return err
	}
	select {
	case s.reads <- struct{}{}:
		defer func() { <-s.reads }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	log, err := s.Client.Logs(request)
	if err != nil {
		return err
	}
	answer := newLogsAnswer(w, s.Client.Name, request, log.Services)
	if _, err := log.Each(r.Context(), answer.add); err != nil && answer.lines > 0 {
		panic(http.ErrAbortHandler) // the client knows by that that it has not all
	} else if err != nil {
		return err
	}
	return answer.end()
}

// logsAnswer is an object with the project, the service unless it is of all, the lines as logs or entries, and their number.
type logsAnswer struct {
	out     *bufio.Writer
	header  http.Header
	head    []byte
	asJSON  bool
	text    func([]byte, *logstore.Entry) []byte
	line    []byte
	encoded bytes.Buffer
	lines   int
}

func newLogsAnswer(w http.ResponseWriter, project string, request control.LogsRequest, services []string) *logsAnswer {
	a := &logsAnswer{out: bufio.NewWriterSize(w, 64<<10), header: w.Header(), asJSON: request.Format == "json"}
	a.text = render.Lines(request, services)
	a.head = fmt.Appendf(nil, `{"project":%q,`, project)
	if request.Service != "" {
		a.head = fmt.Appendf(a.head, `"service":%q,`, request.Service)
	}
	if a.asJSON {
		a.head = append(a.head, `"entries":[`...)
	} else {
		a.head = append(a.head, `"logs":"`...)
	}
	return a
}

// begin is late: until then an error can be answered with.
func (a *logsAnswer) begin() {
	if a.head != nil {
		a.header.Set("Content-Type", "application/json")
		a.out.Write(a.head)
		a.head = nil
	}
}

func (a *logsAnswer) add(entry *logstore.Entry) error {
	a.begin()
	a.encoded.Reset()
	encoder := json.NewEncoder(&a.encoded)
	encoder.SetEscapeHTML(false)
	if a.asJSON {
		if a.lines > 0 {
			_ = a.out.WriteByte(',')
		}
		if err := encoder.Encode(entry.Line(len(entry.Text))); err != nil {
			return err
		}
	} else {
		a.line = a.text(a.line[:0], entry)
		if err := encoder.Encode(string(a.line)); err != nil {
			return err
		}
	}
	a.lines++
	encoded := bytes.TrimSuffix(a.encoded.Bytes(), []byte{'\n'})
	if !a.asJSON {
		encoded = encoded[1 : len(encoded)-1] // a part of one string
	}
	_, err := a.out.Write(encoded)
	return err
}

func (a *logsAnswer) end() error {
	a.begin()
	end := byte('"')
	if a.asJSON {
		end = ']'
	}
	fmt.Fprintf(a.out, `%c,"lines":%d}`+"\n", end, a.lines)
	return a.out.Flush()
}

func logsRequest(r *http.Request) (control.LogsRequest, error) {
	v, err := parameters(r, "tail", "since", "until", "grep", "stream", "format", "timestamps")
	if err != nil {
		return control.LogsRequest{}, err
	}
	request := control.LogsRequest{
		Service: r.PathValue("service"), Since: v["since"], Until: v["until"], Grep: v["grep"], Stream: v["stream"], Format: v["format"],
	}
	if request.Tail, err = v.tail(); err != nil {
		return request, err
	}
	request.Timestamps, err = v.bool("timestamps")
	return request, err
}
