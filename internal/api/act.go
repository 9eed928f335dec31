package api

import (
	"context"
	"net/http"

	"dagger/stack/internal/control"
)

// acted answers what was done to a service.
func (s *Server) acted(w http.ResponseWriter, service, message string) {
	writeJSON(w, http.StatusOK, struct {
		Success bool   `json:"success"`
		Project string `json:"project"`
		Service string `json:"service"`
		Message string `json:"message"`
	}{true, s.Client.Name, service, message})
}

// hold is the handler of pause and of unpause.
func (s *Server) hold(do func(context.Context, control.PauseRequest, func(control.PauseResult)) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		request := control.PauseRequest{Service: r.PathValue("service")}
		return do(r.Context(), request, func(done control.PauseResult) { s.acted(w, done.Service, done.String()) })
	}
}

func (s *Server) kill(w http.ResponseWriter, r *http.Request) error {
	body := struct {
		Signal string `json:"signal"`
	}{"SIGKILL"}
	if err := readBody(r, &body, `{"signal": "SIGHUP"}`); err != nil {
		return err
	}
	killed, err := s.Client.Kill(r.Context(), control.KillRequest{Service: r.PathValue("service"), Signal: body.Signal})
	if err != nil {
		return err
	}
	s.acted(w, killed.Service, killed.String())
	return nil
}

// top lists the processes of a service.
func (s *Server) top(w http.ResponseWriter, r *http.Request) error {
	top, err := s.Client.Top(r.Context(), control.TopRequest{Service: r.PathValue("service")})
	if err != nil {
		return err
	}
	answer := struct {
		Project   string    `json:"project"`
		Service   string    `json:"service"`
		Processes []running `json:"processes"`
	}{s.Client.Name, r.PathValue("service"), []running{}}
	for _, service := range top {
		for _, p := range service.Processes {
			answer.Processes = append(answer.Processes, running{p.PID, p.Parent, p.User, p.CPUTime.Seconds(), p.Memory, p.Threads, p.Command})
		}
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// running is a process of a service.
type running struct {
	PID     int     `json:"pid"`
	Parent  int     `json:"ppid"`
	User    string  `json:"user"`
	CPUTime float64 `json:"cpuTime"`
	Memory  int64   `json:"memory"`
	Threads int     `json:"threads"`
	Command string  `json:"command"`
}
