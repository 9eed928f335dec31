package protocol

// DefaultStack is the name of a stack that nobody names, where the folder of its project is not known.
const DefaultStack = "default"

// CLI is the command by which a user calls a function of a stack, as messages say it: one to copy, and never about another stack. stack may be
// "", where nobody knows its name.
func CLI(stack, call string) string {
	if stack == "" {
		return "dagger call " + call
	}
	return "dagger call --name " + stack + " " + call
}
