package spec

// Once says when a job need not be run.
type Once struct {
	// Digest is of all that the job reads. The same digest, on the same data of the services that it needs, is done. "": never done.
	Digest string `json:"digest,omitempty"`
	// Files are those without which the job has nothing to do: absolute, or below its folder.
	Files []string `json:"files,omitempty"`
}
