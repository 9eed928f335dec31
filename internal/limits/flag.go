package limits

// Optional is nil for what says nothing.
func Optional[T comparable](value T) *T {
	var nothing T
	if value == nothing {
		return nil
	}
	return &value
}

// Value is what a flag says, nothing if it was not given.
func Value[T any](flag *T) (given T) {
	if flag != nil {
		given = *flag
	}
	return given
}
