package services

import "dagger/stack/internal/spec"

// Options are what a user may choose about the built-in services.
type Options struct {
	Stack                                              string // the stack's name
	PostgresPort, RedisPort, BackendPort, FrontendPort int    // published
	PostgresImage, RedisImage                          string
	HealthPaths                                        map[string]string // what to ask over HTTP instead of what was detected, by service
	Limits                                             map[string]spec.Limits
	Restart                                            spec.Restart
	Ephemeral                                          bool // data ends with the session
	WritableSource                                     bool // the project's services may change their source
}
