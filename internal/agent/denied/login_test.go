package denied

import (
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// What clients of all languages print when a server refuses their login, and what they print when something else fails.
func TestLogin(t *testing.T) {
	t.Parallel()
	needs := []spec.Dependency{{Service: "db"}}
	given := spec.Service{DependsOn: needs, Process: spec.Process{Env: []spec.Variable{spec.Env("DATABASE_URL", "x"), spec.Env("REDIS_URL", "x")}}}
	described := spec.Service{DependsOn: needs}
	for output, want := range map[string][2]string{ // what is repeated of it, and the variable that has the right login
		`psycopg.OperationalError: connection failed: FATAL:  password authentication failed for user "app"`:    {`(password authentication failed for user "app")`, "DATABASE_URL"},
		`asyncpg.exceptions.InvalidPasswordError: password authentication failed for user "app"`:                {`(password authentication failed for user "app")`, "DATABASE_URL"},
		`failed SASL auth (FATAL: password authentication failed for user "p" (SQLSTATE 28P01))`:                {`password authentication failed for user "p" (SQLSTATE 28P01)`, "DATABASE_URL"},
		`django.db.utils.OperationalError: fe_sendauth: no password supplied`:                                   {"(fe_sendauth: no password supplied)", "DATABASE_URL"},
		`Error: SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string`:                             {"client password must be a string", "DATABASE_URL"},
		`FATAL:  database "shop" does not exist`:                                                                {`(database "shop" does not exist)`, "DATABASE_URL"},
		`FATAL:  role "ghost" does not exist`:                                                                   {`(role "ghost" does not exist)`, "DATABASE_URL"},
		"P1000: Authentication failed against database server at `db`, the provided credentials are not valid.": {"Authentication failed against database server at `db`", "DATABASE_URL"},
		"P1003: Database `shop` does not exist on the database server at `db:5432`.":                            {"Database `shop` does not exist", "DATABASE_URL"},
		`redis.exceptions.AuthenticationError: invalid username-password pair or user is disabled.`:             {"invalid username-password pair", "REDIS_URL"},
		`ReplyError: WRONGPASS invalid username-password pair or user is disabled.`:                             {"(WRONGPASS invalid", "REDIS_URL"},
		`[ErrorReply: NOAUTH Authentication required.]`:                                                         {"(NOAUTH Authentication required.", "REDIS_URL"},
		`consumer: Cannot connect to redis://cache:6379/0: Authentication required..`:                           {"Authentication required", "REDIS_URL"},
		`ERR AUTH <password> called without any password configured for the default user.`:                      {"without any password configured", "REDIS_URL"},
		`(1045, "Access denied for user 'app'@'10.0.0.2' (using password: YES)")`:                               {"(Access denied for user 'app'@'10.0.0.2' (using password: YES)", ""},
		`Error: ER_ACCESS_DENIED_ERROR: Access denied for user 'app'@'web' (using password: YES)`:               {"Access denied for user 'app'", ""},
		`(1049, "Unknown database 'shop'")`:                                                                     {"Unknown database 'shop'", ""},
		`amqp: (403) ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.`:                  {"ACCESS_REFUSED - Login was refused", ""},
		`MongoServerError: Authentication failed.`:                                                              {"MongoServerError: Authentication failed.", ""},
		`connection to server at "db" failed: Connection refused`:                                               {"", ""},
		`FATAL:  the database system is starting up`:                                                            {"", ""},
		`ERROR:  relation "users" does not exist`:                                                               {"", ""},
		`401 Unauthorized: Authentication required`:                                                             {"", ""},
		`LOADING Redis is loading the dataset in memory`:                                                        {"", ""},
	} {
		lines := []byte("first\n" + output + "\nlast")
		for _, s := range []*spec.Service{&given, &described} {
			got := Login(s, lines)
			advice := "a volume keeps those that it was made with"
			if s == &given && want[1] != "" {
				advice = "of its variable " + want[1]
			}
			if want[0] == "" && got != "" || want[0] != "" && !(strings.Contains(got, want[0]) && strings.HasSuffix(got, advice)) || strings.Contains(got, "\n") {
				t.Errorf("%s: %q, want %q and %q", output, got, want[0], advice)
			}
		}
	}
	if got := Login(&described, []byte("WRONGPASS "+strings.Repeat("ä", 1000))); len(got) > 400 {
		t.Errorf("%d bytes of one line: %s", len(got), got)
	}
	for name, s := range map[string]spec.Service{"a database": {DependsOn: needs, Backup: &spec.Backup{}}, "a server that needs none": {}} {
		if got := Login(&s, []byte(`FATAL:  password authentication failed for user "app"`)); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
