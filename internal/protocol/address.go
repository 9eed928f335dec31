package protocol

// Address is where clients reach a service, with what they need to log in.
type Address struct {
	Service string `json:"service"` // the agent leaves it to who has asked
	URL     string `json:"url"`     // for the stack's services; of an agent empty where nobody logs in
	HostURL string `json:"hostUrl"` // at the published port; empty: none is published
}
