package api

import (
	"encoding/json"
	"net/http"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/render"
	"dagger/stack/internal/spec"
)

// listed is one stack as a hub lists it.
type listed struct {
	Name     string   `json:"name"`
	Healthy  bool     `json:"healthy"`
	Services []string `json:"services"`
	Shell    bool     `json:"shell"` // commands can be run: exec and terminals
}

// projects lists what is served here: this one stack, in the form that a hub of many has.
func (s *Server) projects(w http.ResponseWriter, r *http.Request) error {
	report, err := s.report()
	if err != nil {
		return err
	}
	one := listed{Name: report.Project, Healthy: report.Healthy, Services: []string{}, Shell: !s.NoShell}
	for _, service := range report.Services {
		one.Services = append(one.Services, service.Name)
	}
	writeJSON(w, http.StatusOK, struct {
		Projects []listed `json:"projects"`
	}{[]listed{one}})
	return nil
}

// report is also one of a stack that has just ended: whoever watches sees that nothing runs.
func (s *Server) report() (report, error) {
	found, err := s.Client.Report("")
	if err != nil && len(found.Services) == 0 {
		return report{}, err
	}
	return viewReport(found), nil
}

// health is 503 when not all is healthy, as an exit code of the CLI is 1, and the report all the same.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	found, err := s.Client.Report("")
	if err != nil {
		return err
	}
	if found.Healthy {
		writeJSON(w, http.StatusOK, viewReport(found))
		return nil
	}
	writeJSON(w, http.StatusServiceUnavailable, struct {
		report
		problem
	}{viewReport(found), problem{failure{Code: protocol.CodeUnhealthy, Message: render.Complaint(found)}}})
	return nil
}

func (s *Server) service(w http.ResponseWriter, r *http.Request) error {
	found, err := s.Client.Report(r.PathValue("service"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, viewService(found.Services[0], found.Time))
	return nil
}

// config is the stack as it was understood.
func (s *Server) config(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusOK, struct {
		Project string          `json:"project"`
		Config  json.RawMessage `json:"config"`
	}{s.Client.Name, s.Resolved})
	return nil
}

// urls are where the services are reached, with their passwords.
func (s *Server) urls(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Client.Addresses(r.Context())
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		Project string             `json:"project"`
		URLs    []protocol.Address `json:"urls"`
	}{s.Client.Name, all})
	return nil
}

// stat is what one service uses of what it may.
type stat struct {
	Name     string      `json:"service"`
	Running  bool        `json:"running"`
	Uptime   float64     `json:"uptime"`
	Restarts int         `json:"restarts"`
	Limits   spec.Limits `json:"limits"`
	Enforced string      `json:"enforced"`
	Usage    *usage      `json:"usage"`
}

func (s *Server) stats(w http.ResponseWriter, r *http.Request) error {
	found, err := s.report()
	if err != nil {
		return err
	}
	answer := struct {
		Project  string    `json:"project"`
		Time     time.Time `json:"time"`
		Services []stat    `json:"services"`
	}{found.Project, found.Time, []stat{}}
	for _, s := range found.Services {
		answer.Services = append(answer.Services, stat{s.Name, s.Running, s.Uptime, s.Restarts, s.Limits, s.Enforced, s.Usage})
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}
