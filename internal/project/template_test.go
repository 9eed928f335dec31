package project

import "testing"

func TestTemplate(t *testing.T) {
	t.Parallel()
	const want = ": want {SERVICE.FIELD} with host, port, user, password, database, url as FIELD, or {SERVICE.FIELD:url} for a part of an address"
	for _, row := range []struct{ text, value, err string }{
		{text: "", value: ""},
		{text: "plain", value: "plain"},
		{text: "{{a}}", value: "{a}"},
		{text: "postgresql+asyncpg://{postgres.user}:{postgres.password:url}@{postgres.host}:{postgres.port}/{postgres.database}",
			value: "postgresql+asyncpg://<user of postgres>:<password of postgres>@<host of postgres>:<port of postgres>/<database of postgres>"},
		{text: `{{"a":{my.db.port}}}`, value: `{"a":<port of my.db>}`},
		{text: "{postgres}", err: `template "{postgres}": {postgres}` + want},
		{text: "{postgres.colour}", err: `template "{postgres.colour}": {postgres.colour}` + want},
		{text: "{a b.host}", err: `template "{a b.host}": {a b.host}` + want},
		{text: "{postgres.host:hex}", err: `template "{postgres.host:hex}": {postgres.host:hex}` + want},
		{text: "a{", err: `template "a{": a { without a }: write {{ for a brace of the text itself`},
		{text: "a}", err: `template "a}": a } without a {: write }} for a brace of the text itself`},
	} {
		value, err := Template(row.text)
		refused(t, err, row.err)
		if value.String() != row.value {
			t.Errorf("%s: %s, want %s", row.text, value, row.value)
		}
	}
	value, _ := Template("{postgres.password:url}")
	if value[0].Reference.Encoding != "url" || value[0].Reference.Optional {
		t.Errorf("%+v", value[0].Reference)
	}
}
