package spec

// Restart is what happens when the process ends or turns unhealthy.
type Restart struct {
	Policy      RestartPolicy `json:"policy"`
	OnUnhealthy bool          `json:"onUnhealthy,omitempty"`
	// MaxRetries bounds on-failure; 0: no bound.
	MaxRetries int `json:"maxRetries,omitempty"`
	// FirstStart: the policy counts from the first start on, as Docker's does. Without it a first start that fails is not
	// repeated: it fails up.
	FirstStart bool `json:"firstStart,omitempty"`
	// Unsaid: the source says nothing, and Policy is its default. The agent does not read it.
	Unsaid bool `json:"-"`
}

// RestartPolicy has Docker's words. "unless-stopped" is RestartAlways: the two
// differ only where a daemon ends and begins again, which no stack outlives.
type RestartPolicy string

const (
	RestartNo        RestartPolicy = "no"
	RestartOnFailure RestartPolicy = "on-failure"
	RestartAlways    RestartPolicy = "always"
)
