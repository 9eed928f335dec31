package render

// Paused is a line about a service that is held.
func Paused(service string) string { return service + " paused" }

// Unpaused is a line about a service that goes on.
func Unpaused(service string) string { return service + " unpaused" }
