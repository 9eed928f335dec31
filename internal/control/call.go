package control

import (
	"encoding/json"
)

// Call is what a Dagger function asks of a stack.
type Call[R any] struct {
	Stack   string
	Folder  string // of the state volume; empty: all of it is the stack's
	Seal    string `json:",omitempty"` // the public key of who asks, where the answer is secret: see package seal
	Request R      // of the verb; struct{} where there is nothing to say
}

// Sealed is a request whose answer is to be sealed.
type Sealed struct {
	Request any
	Seal    string
}

// NewCall is the argument of the agent's commands, with a request or with none.
func NewCall(stack, folder string, request any) (string, error) {
	call := Call[any]{Stack: stack, Folder: folder, Request: request}
	if sealed, ok := request.(Sealed); ok {
		call.Request, call.Seal = sealed.Request, sealed.Seal
	}
	text, err := json.Marshal(call)
	return string(text), err
}

// Answer reads what a command has printed as JSON.
func Answer[T any](text string, err error) (value T, _ error) {
	if err == nil {
		err = json.Unmarshal([]byte(text), &value)
	}
	return value, err
}
