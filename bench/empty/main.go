// Does nothing: what any call of a Dagger function costs, measured beside this project's
package main

// A module with nothing in it
type Empty struct{}

// Does nothing, and answers so
//
// +cache="never"
func (m *Empty) Nothing() string { return "nothing\n" }
