package spec

import (
	"fmt"
	"strings"
)

// String is the value for people: a secret is its name, a number how it is computed.
func (v Value) String() string {
	var text strings.Builder
	for _, part := range v {
		switch {
		case part.Secret != nil:
			fmt.Fprintf(&text, "<secret %s>", part.Secret.Name)
		case part.Number != nil:
			text.WriteString("<" + part.Number.String() + ">")
		case part.Address:
			text.WriteString("<own address>")
		case part.Published != "":
			fmt.Fprintf(&text, "<published address of %s>", part.Published)
		case part.Reference != nil:
			fmt.Fprintf(&text, "<%s of %s>", part.Reference.Field, part.Reference.Service)
		default:
			text.WriteString(part.Text)
		}
	}
	return text.String()
}

func (n Number) String() string {
	var measures []string
	for _, m := range n.Of {
		text := string(m.Limit)
		if m.Percent != 0 {
			text = fmt.Sprintf("%d%% of %s", m.Percent, text)
		}
		if m.Less != 0 {
			text += fmt.Sprintf(" less %d", m.Less)
		}
		if m.Per != 0 {
			text += fmt.Sprintf(" in units of %d", m.Per)
		}
		measures = append(measures, text)
	}
	text := strings.Join(measures, " or ")
	if n.AtLeast != 0 {
		text += fmt.Sprintf(", at least %d", n.AtLeast)
	}
	if n.AtMost != 0 {
		text += fmt.Sprintf(", at most %d", n.AtMost)
	}
	return text
}
