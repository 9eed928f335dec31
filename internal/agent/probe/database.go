package probe

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5/pgconn"

	"dagger/stack/internal/spec"
)

// database logs in and asks for something, over TCP: a postgres that still initialises answers on its socket
// only, and one that starts or stops accepts the connection and refuses the login.
func database(render func(spec.Value) (string, error), address spec.Value) (Func, error) {
	target, err := render(address)
	if err != nil {
		return nil, err
	}
	parsed, err := url.Parse(target)
	if err != nil {
		return nil, errors.New("the probe's URL is not one") // the error of url.Parse quotes the password
	}
	switch parsed.Scheme {
	case "postgres", "postgresql":
		return postgres(target), nil
	case "redis":
		return redisPing(target), nil
	}
	return nil, fmt.Errorf("a probe of %s:// is not known: want postgres:// or redis://", parsed.Scheme)
}

// tooManyConnections is what a server says that works and has all the clients that it may have. To take it for one that does not
// work would restart it, under --on-unhealthy, and with it the sessions of all. Reserved connections
// would keep a place for the probe only if no client had the rights of the image's user, and most do.
const tooManyConnections = "53300"

func postgres(target string) Func {
	return func(ctx context.Context) (string, error) {
		conn, err := pgconn.Connect(ctx, target)
		var said *pgconn.PgError
		if errors.As(err, &said) && said.Code == tooManyConnections {
			return "it works, and takes no more clients: " + said.Message, nil
		}
		if err != nil {
			return "", refused(err)
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "SELECT 1").ReadAll()
		return "SELECT 1", err
	}
}

// refusals are what postgres (postgresql.org/docs/current/errcodes-appendix.html) and redis say to a login that is wrong, or to one for
// a database that is not there.
var refusals = []string{"28P01", "28000", "3D000", "WRONGPASS", "NOAUTH"}

// refused tells apart a server that is there and does not know the login, and one that is not there yet.
func refused(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) && slices.Contains(refusals, said.Code) || slices.ContainsFunc(refusals, func(r string) bool { return strings.HasPrefix(err.Error(), r+" ") }) {
		return lastingError{refusedError{err}, ShortTimeout}
	}
	return err
}

// refusedError is a login that is wrong, or one for a database that is not there.
type refusedError struct{ error }

func redisPing(target string) Func {
	return func(ctx context.Context) (string, error) {
		conn, err := redis.DialURLContext(ctx, target)
		if err != nil {
			return "", refused(err)
		}
		defer conn.Close()
		return redis.String(redis.DoContext(conn, ctx, "PING"))
	}
}
