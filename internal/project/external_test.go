package project

import "testing"

func TestExternalSecrets(t *testing.T) {
	t.Parallel()
	p := Project{Secrets: []string{"external-token", "external-key"}}
	refused(t, p.CheckExternal("token"), "")
	refused(t, p.CheckExternal("other"), `external secret "other" is not one of the stack's: want one of token, key`)
	refused(t, Project{}.CheckExternal("token"), `external secret "token": the stack has no external secrets`)
	refused(t, p.CheckSecrets(func(string) bool { return true }), "")
	refused(t, Project{}.CheckSecrets(func(string) bool { return false }), "")
	refused(t, p.CheckSecrets(func(name string) bool { return name == "external-token" }),
		"external secrets of the compose file are not given: give each with with-external-secret (--name key), with a --secret such as file://PATH or env://NAME")
}
