package variables

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

var (
	public      = lazyregexp.New(`^(?:NEXT_PUBLIC|VITE|REACT_APP|NUXT_PUBLIC|NUXT|PUBLIC|VUE_APP|GATSBY|EXPO_PUBLIC)_`)
	addressEnds = `(?:URLS?|URI|BASE|ENDPOINT|HOST|ORIGINS?|ADDRESS|DOMAIN|ROOT|PATH)`
	ofBackend   = lazyregexp.New(`^(?:\w+_)?(?:API|BACKEND|SERVER|GRAPHQL|WS|WEBSOCKET|SOCKET|REST)(?:_\w+)?_?` + addressEnds + `$|^(?:API|BACKEND|SERVER|BACKEND_API|WS)$`)
	ofFrontend  = lazyregexp.New(`^(?:\w+_)?(?:FRONTEND|FRONT_END|CLIENT|WEB|UI|WEBSITE|WEBAPP|DASHBOARD)_(?:\w+_)?` + addressEnds + `$`)
	ofItself    = lazyregexp.New(`^(?:APP|SITE|BASE|PUBLIC|HOST|NEXTAUTH|AUTH|BETTER_AUTH|ROOT|SERVICE|NEXT|WEB|APPLICATION)_(?:BASE_|PUBLIC_)?(?:URL|URI|ORIGIN)$`)
	crossOrigin = lazyregexp.New(`^(?:\w+_)?(?:CORS(?:_\w+)?|ALLOWED_ORIGINS?|ALLOW_ORIGINS?|TRUSTED_ORIGINS)$`)
	hostNames   = lazyregexp.New(`^(?:\w+_)?ALLOWED_HOSTS$`)
	ownPort     = lazyregexp.New(`^(?:APP|HTTP|SERVER|API|BACKEND|WEB|NODE|SERVICE|LISTEN|UVICORN|FASTAPI|DJANGO|GIN|FIBER|NEST|FLASK_RUN|GUNICORN|REST|EXPRESS)_(?:HTTP_|SERVER_)?PORT$`)
	frontPort   = lazyregexp.New(`^(?:VITE|FRONTEND|CLIENT|WEB|APP|NEXT)_PORT$`)
	ownHost     = lazyregexp.New(`^(?:APP|HTTP|SERVER|API|BACKEND|WEB|UVICORN|FASTAPI|LISTEN|BIND|FLASK_RUN|SERVICE|NODE|GIN|FIBER)_(?:HOST|BIND|IP)$`)
	ownAddress  = lazyregexp.New(`^(?:(?:HTTP|SERVER|APP|API|LISTEN|BIND|WEB|SERVICE)_)?(?:HTTP_|SERVER_|LISTEN_|BIND_)?(?:ADDR|ADDRESS|LISTEN|BIND)$`)
	portOnly    = lazyregexp.New(`^[\w.]*:\d+$`)
)

// places are rules for variables that say where services are reached, in their order.
var places = []struct {
	is    *lazyregexp.Regexp
	value func(l look) (spec.Value, string)
}{
	{hostNames, (look).allowedHosts},
	{crossOrigin, (look).origins},
	{ownPort, (look).listenPort},
	{frontPort, (look).listenPort},
	{ownHost, (look).listenHost},
	{ownAddress, (look).listenAddress},
	{ofFrontend, func(l look) (spec.Value, string) { return l.address(l.stack.Frontend) }},
	{ofItself, func(l look) (spec.Value, string) { return l.address(l.service.Name) }},
	{ofBackend, func(l look) (spec.Value, string) { return l.address(l.stack.Backend) }},
}

// byAddress is a variable that says where a service of the stack is reached. One whose default is no address on the developer's own
// machine is left alone.
func byAddress(l look) (answer, bool) {
	if l.optional && l.value == "" && l.example == "" && l.given == "" || slices.Contains(l.service.Has, l.name) {
		return answer{}, false
	}
	name := public.ReplaceAllString(l.name, "")
	for _, place := range places {
		if place.is.MatchString(name) {
			if value, why := place.value(l); value != nil {
				return answer{value: value, why: why}, true
			}
		}
	}
	return answer{}, false
}

// wanted is what the value should look like: what is given, shown or the default.
func (l look) wanted() string {
	if l.given != "" {
		return l.given
	}
	return l.shown()
}

// address is where a service is reached: by the browser and by people at its published port, and by a server at its name.
func (l look) address(service string) (spec.Value, string) {
	shown := l.wanted()
	u, err := url.Parse(shown)
	switch {
	case service == "", err != nil, shown != "" && (u.Host == "" || !local(shown)), shown == "" && !l.required && public.FindString(l.name) == "":
		return nil, ""
	}
	scheme := "http"
	if strings.HasPrefix(u.Scheme, "ws") {
		scheme = "ws"
	}
	path := strings.TrimSuffix(u.Path, "/")
	if strings.HasSuffix(shown, "/") {
		path += "/"
	}
	if l.service.Frontend && service == l.stack.Backend && public.FindString(l.name) == "" {
		return spec.Value{spec.Text(scheme + "://"), optional(service, spec.HostField, spec.Plain), spec.Text(":"), optional(service, spec.PortField, spec.Plain), spec.Text(path)},
			"where the stack's services are"
	}
	value := spec.Value{spec.Text(scheme + "://"), {Published: service}}
	if path != "" {
		value = append(value, spec.Text(path))
	}
	return value, "where the stack's services are"
}

// origins are the addresses of pages that may ask: the frontend's.
func (l look) origins() (spec.Value, string) {
	shown := l.wanted()
	if l.stack.Frontend == "" || l.service.Frontend || strings.Contains(shown, "*") || shown != "" && !strings.Contains(shown, "localhost") && !strings.Contains(shown, "127.0.0.1") ||
		shown == "" && !l.required {
		return nil, ""
	}
	value := spec.Value{spec.Text("http://"), {Published: l.stack.Frontend}}
	if strings.HasPrefix(shown, "[") || l.hint.Split == "json" {
		value = slices.Concat(spec.Value{spec.Text(`["`)}, value, spec.Value{spec.Text(`"]`)})
	}
	return value, "where the stack's services are"
}

// allowedHosts are the names that the service is reached by.
func (l look) allowedHosts() (spec.Value, string) {
	shown := l.wanted()
	if strings.Contains(shown, "*") || l.optional && shown == "" {
		return nil, ""
	}
	names := []string{"localhost", "127.0.0.1", "[::1]", l.service.Name}
	text := strings.Join(names, ",")
	switch {
	case l.hint.Split == "json" || strings.HasPrefix(shown, "["):
		data, _ := json.Marshal(names)
		text = string(data)
	case l.hint.Split != "":
		text = strings.Join(names, l.hint.Split)
	case strings.Contains(shown, " ") && !strings.Contains(shown, ","):
		text = strings.Join(names, " ")
	}
	return spec.Value{spec.Text(text)}, "where the stack's services are"
}

func (l look) listenPort() (spec.Value, string) {
	if l.service.Frontend != frontPort.MatchString(l.name) && l.name != "APP_PORT" && l.name != "WEB_PORT" {
		return nil, ""
	}
	return spec.Value{spec.Text(strconv.Itoa(l.service.Port))}, "where the service has to listen"
}

func (l look) listenHost() (spec.Value, string) {
	shown := l.wanted()
	if l.service.Frontend || schemeOf(shown) != "" || shown != "" && !local(shown) || shown == "" && !l.required {
		return nil, ""
	}
	return spec.Value{spec.Text("0.0.0.0")}, "where the service has to listen"
}

func (l look) listenAddress() (spec.Value, string) {
	shown := l.wanted()
	if l.service.Frontend || !portOnly.MatchString(shown) && !(shown == "" && l.required) {
		return nil, ""
	}
	host := "0.0.0.0"
	if strings.HasPrefix(shown, ":") {
		host = ""
	}
	return spec.Value{spec.Text(host + ":" + strconv.Itoa(l.service.Port))}, "where the service has to listen"
}
