package api

import (
	"cmp"
	"context"
	"net/http"
	"strconv"

	"dagger/stack/internal/control"
)

// snapshots lists them.
func (s *Server) snapshots(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Client.Snapshots(r.Context(), control.SnapshotsRequest{})
	if err != nil {
		return err
	}
	for i := range all {
		all[i].Services = list(all[i].Services)
		for j := range all[i].Services {
			all[i].Services[j].Clones = list(all[i].Services[j].Clones)
		}
	}
	writeJSON(w, http.StatusOK, struct {
		Project   string             `json:"project"`
		Snapshots []control.Snapshot `json:"snapshots"`
	}{s.Client.Name, all})
	return nil
}

func (s *Server) snapshot(w http.ResponseWriter, r *http.Request) error {
	return s.results(w, func(done func(control.SnapshotResult)) error {
		return s.Client.Snapshot(unhurried(r), control.SnapshotRequest{Name: r.PathValue("snapshot")}, done)
	})
}

func (s *Server) rollback(w http.ResponseWriter, r *http.Request) error {
	return s.results(w, func(done func(control.SnapshotResult)) error {
		return s.Client.Rollback(unhurried(r), control.SnapshotRequest{Name: r.PathValue("snapshot")}, done)
	})
}

// unhurried goes on when the client leaves: the databases of a stack are not left in between.
func unhurried(r *http.Request) context.Context { return context.WithoutCancel(r.Context()) }

func (s *Server) dropSnapshot(w http.ResponseWriter, r *http.Request) error {
	v, err := parameters(r, "clones")
	if err != nil {
		return err
	}
	clones, err := v.bool("clones")
	if err != nil {
		return err
	}
	return s.results(w, func(done func(control.SnapshotResult)) error {
		return s.Client.DropSnapshot(unhurried(r), control.DropSnapshotRequest{Name: r.PathValue("snapshot"), Clones: clones}, done)
	})
}

// results answers with what has become of each service.
func (s *Server) results(w http.ResponseWriter, do func(func(control.SnapshotResult)) error) error {
	if err := takesLonger(w); err != nil {
		return err
	}
	services := []control.SnapshotResult{}
	err := do(func(result control.SnapshotResult) {
		result.Notes, result.Dropped = list(result.Notes), list(result.Dropped)
		services = append(services, result)
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		Project  string                   `json:"project"`
		Services []control.SnapshotResult `json:"services"`
	}{s.Client.Name, services})
	return nil
}

// clones answers with addresses that have passwords: who may ask has the token, and may run any command.
func (s *Server) clones(w http.ResponseWriter, r *http.Request) error {
	request, err := cloneRequest(r)
	if err == nil {
		err = takesLonger(w)
	}
	if err != nil {
		return err
	}
	clones, err := s.Client.Clones(r.Context(), request)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		Project string          `json:"project"`
		Clones  []control.Clone `json:"clones"`
	}{s.Client.Name, clones})
	return nil
}

func cloneRequest(r *http.Request) (request control.CloneRequest, err error) {
	v, err := parameters(r, "count", "service", "database")
	if err != nil {
		return request, err
	}
	request = control.CloneRequest{Name: r.PathValue("snapshot"), Service: v["service"], Database: v["database"]}
	if request.Count, err = strconv.Atoi(cmp.Or(v["count"], "1")); err != nil {
		return request, badRequest("count %q: want 1 to %d databases", v["count"], control.ClonesMax)
	}
	return request, nil
}
