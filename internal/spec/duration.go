package spec

import (
	"fmt"
	"time"
)

// Roughly is the duration as people say it, in one unit.
func (d Duration) Roughly() string {
	switch d := time.Duration(d); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(time.Duration(d).Hours()/24))
}
