package variables

import (
	"strings"

	"dagger/stack/internal/source/detect/text"
)

// note says what is set to what, and where that is read.
func note(service, why string, names []string) string {
	return service + ": " + why + ": " + text.And(names)
}

func file(place string) string {
	name, _, _ := strings.Cut(place, ":")
	return name
}

// servers are what addresses mean that the stack does not have by itself, by their schemes.
var servers = map[string]string{
	"mysql": "a MySQL", "mariadb": "a MariaDB", "mongodb": "a MongoDB", "amqp": "a RabbitMQ", "amqps": "a RabbitMQ", "nats": "a NATS",
	"kafka": "a Kafka", "memcached": "a memcached", "bolt": "a Neo4j", "neo4j": "a Neo4j", "smtp": "a mail server",
	"postgres": "a postgres", "postgresql": "a postgres", "redis": "a redis",
}

// lacking says what the stack would have to have; "" if that is not known.
func (l look) lacking() string {
	scheme := schemeOf(l.shown())
	if scheme == "" {
		scheme = l.hint.Scheme
	}
	scheme, _, _ = strings.Cut(scheme, "+") // mysql+pymysql
	server := servers[scheme]
	if server == "" {
		return ""
	}
	return "it means " + server + ", which the stack does not have: add one with with-service"
}
