package variables

import (
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// part is what a variable says of a database or a cache.
type part string

const (
	partURL      part = "url"
	partHost     part = "host"
	partPort     part = "port"
	partUser     part = "user"
	partPassword part = "password"
	partName     part = "name"
	partAddress  part = "address" // host and port
	partEngine   part = "engine"
	partSSL      part = "ssl"
)

// ends are how names end that say a part.
var partEnds = []struct {
	ends string
	part part
}{
	{`(?:ASYNC_|SYNC_)?(?:URL|URI|DSN)(?:_NON_POOLING|_UNPOOLED|_ASYNC|_SYNC)?|CONNECTION(?:_?(?:STRING|URL|URI))?|CONN(?:_?STR(?:ING)?|_URL)?|DBSTRING|SOURCE`, partURL},
	{`HOST(?:_?NAME)?|SERVER`, partHost},
	{`PORT`, partPort},
	{`USER(?:_?NAME)?|LOGIN`, partUser},
	{`(?:USER_)?(?:PASSWORD|PASSWD|PASS|PWD)`, partPassword},
	{`DB|NAME|DATABASE|DB_?NAME|DATABASE_NAME`, partName},
	{`ADDR(?:ESS)?|ENDPOINT`, partAddress},
	{`ENGINE|DIALECT|CLIENT|TYPE|DRIVER|PROVIDER`, partEngine},
	{`SSL(?:_?MODE|_ENABLED)?|USE_SSL`, partSSL},
}

var (
	anyPrefix    = `^(?P<prefix>(?:[A-Z0-9]+_+)*?)`
	databaseName = ending(anyPrefix + `(?:POSTGRES?(?:QL)?|PSQL|PG|DB|DATABASE|SQL|SQLALCHEMY(?:_DATABASE)?)_*(?:(?:MAIN|PRIMARY|MASTER|DEFAULT|POOL(?:ED)?|PRISMA|DIRECT)_)*`)
	cacheName    = ending(anyPrefix + `(?:REDIS|VALKEY)_*(?:(?:CACHE|QUEUE|BROKER|SESSION|RATE_LIMIT(?:ER)?|PUBSUB|JOBS?|BULL(?:MQ)?|MAIN|DEFAULT)_)*`)
	// alone are names that no table of words makes up.
	databaseAlone = map[string]part{"DSN": partURL, "DIRECT_URL": partURL, "GOOSE_DBSTRING": partURL, "PGHOST": partHost, "PGPORT": partPort, "PGUSER": partUser, "PGPASSWORD": partPassword, "PGDATABASE": partName}
	cacheAlone    = map[string]part{"CELERY_BROKER_URL": partURL, "CELERY_BROKER": partURL, "BROKER_URL": partURL, "CELERY_RESULT_BACKEND": partURL, "RESULT_BACKEND": partURL,
		"CACHE_URL": partURL, "KV_URL": partURL, "CACHE_REDIS_URL": partURL}
	// elsewhere are words of a name that means another database than the stack's.
	elsewhere = lazyregexp.New(`(?:^|_)(?:MONGO(?:DB)?|MYSQL|MARIADB|CLICKHOUSE|NEO4J|INFLUX(?:DB)?|TEST(?:ING)?|SHADOW|CHROMA|QDRANT|WEAVIATE|MILVUS|VECTOR|ELASTIC(?:SEARCH)?|CASSANDRA|DYNAMO(?:DB)?|SQLITE|MSSQL|ORACLE|FIREBASE|TURSO|LIBSQL|UPSTASH|REMOTE|EXTERNAL|LEGACY|PROD(?:UCTION)?|STAGING|REST)(?:_|$)`)
)

// ending are patterns for names that begin in a way, by the part that their end says.
func ending(begin string) (patterns []*lazyregexp.Regexp) {
	for _, e := range partEnds {
		patterns = append(patterns, lazyregexp.New(begin+`(?:`+e.ends+`)$`))
	}
	return patterns
}

// meant is the part that a name says, "" if it says none.
func meant(name string, patterns []*lazyregexp.Regexp, alone map[string]part) part {
	name = strings.ToUpper(name)
	if p := alone[name]; p != "" {
		return p
	}
	if elsewhere.MatchString(name) {
		return ""
	}
	return spelled(name, patterns)
}

// spelled is the part that a name says by how it is made up.
func spelled(name string, patterns []*lazyregexp.Regexp) part {
	for i, pattern := range patterns {
		if pattern.MatchString(name) {
			return partEnds[i].part
		}
	}
	return ""
}

// database is what a variable says of the stack's database; "" if it says nothing of it.
func (v *variable) database() part {
	scheme := schemeOf(v.shown())
	switch {
	case strings.HasPrefix(strings.TrimPrefix(scheme, "db+"), "postgres"):
		if elsewhere.MatchString(v.name) {
			return ""
		}
		return partURL
	case strings.HasPrefix(v.hint.Scheme, "postgres"):
		return partURL
	}
	part := meant(v.bare(), databaseName, databaseAlone)
	switch {
	case part == partURL && strings.HasSuffix(v.shown(), "://"):
		return "" // a scheme alone
	case part == "" && v.chooses(postgresWords):
		return partEngine
	}
	return part
}

// cache is the same of the stack's redis.
func (v *variable) cache() part {
	switch scheme := schemeOf(v.shown()); scheme {
	case "redis", "rediss", "valkey":
		return partURL
	case "":
	default:
		return "" // another broker
	}
	return meant(v.bare(), cacheName, cacheAlone)
}
