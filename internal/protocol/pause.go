package protocol

// PauseRequest asks for a service to be paused, or to go on.
type PauseRequest struct {
	Service string // empty: all
}
