package protocol

// CopyRequest asks for files of a running service, or for files to be brought there.
type CopyRequest struct {
	Service string
	Path    string // in the service's container; relative to the service's folder unless it begins with a slash
	From    string // in the helper: what is brought
	To      string // in the helper: where the files come
	Single  bool   // From has one file, and Path is that file's or the folder's that it comes into
}

// CopyResult is what was brought to a service.
type CopyResult struct {
	Service string
	Path    string
	Files   int
	Bytes   int64
}
