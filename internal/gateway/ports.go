package gateway

import "dagger/stack/internal/state"

// Ports tells how each port is.
func (h *Hub) Ports() []state.PublishedPort {
	ports := make([]state.PublishedPort, 0, len(h.ports))
	for _, p := range h.ports {
		ports = append(ports, state.PublishedPort{
			Port: p.Listen, Service: p.Service, Lines: int(p.lines.Load()), Max: h.limits.Port, Full: p.full.Load(),
			Began: int(p.began.Load()), Failed: int(p.refused.Load()), Ended: int(p.ends.Load()), InVain: int(p.vains.Load()),
		})
	}
	return ports
}
