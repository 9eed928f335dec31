package spec

// Probe asks whether the service works. One of HTTP, TCP, GRPC, URL and Exec is set; the rest are Docker's health
// parameters.
type Probe struct {
	HTTP *HTTPGet   `json:"httpGet,omitempty"`
	TCP  *TCPSocket `json:"tcpSocket,omitempty"`
	GRPC *GRPC      `json:"grpc,omitempty"`
	// URL of a database to log in to, over TCP and with the service's own protocol: postgres://… runs SELECT 1,
	// redis://… runs PING.
	URL  Value    `json:"url,omitempty"`
	Exec []string `json:"exec,omitempty"` // a command in the container, as the service's user: exit code 0 is healthy

	StartInterval Duration `json:"startInterval,omitempty"` // between probes until the first success
	Interval      Duration `json:"interval,omitempty"`      // between probes after it
	Timeout       Duration `json:"timeout,omitempty"`
	StartPeriod   Duration `json:"startPeriod,omitempty"` // failures in it do not count
	Retries       int      `json:"retries,omitempty"`     // failures in a row that make a service unhealthy
}

// Asks tells whether the probe says what is asked, and not only how often.
func (p Probe) Asks() bool {
	return p.HTTP != nil || p.TCP != nil || p.GRPC != nil || len(p.URL) > 0 || len(p.Exec) > 0
}

// Guessed tells whether nobody has said what is asked.
func (p Probe) Guessed() bool {
	return p.HTTP != nil && p.HTTP.Guessed || p.TCP != nil && p.TCP.Guessed
}

// HTTPGet succeeds on a status of 200 to 399. With several paths, the first that the service does not answer with
// 404 counts.
type HTTPGet struct {
	Port  int      `json:"port"`
	TLS   bool     `json:"tls,omitempty"` // whoever has signed the server's certificate
	Paths []string `json:"paths"`
	// Guessed: nobody said which path the service has, so any answer below 500 is a sign of life.
	Guessed bool `json:"guessed,omitempty"`
}

// TCPSocket succeeds when a connection is accepted.
type TCPSocket struct {
	Port int `json:"port"`
	// Guessed: nobody said how the service is asked, and it has a port.
	Guessed bool `json:"guessed,omitempty"`
}

// GRPC succeeds when the service says SERVING by gRPC's protocol of health checks (grpc.health.v1), over HTTP/2 without TLS.
type GRPC struct {
	Port    int    `json:"port"`
	Service string `json:"service,omitempty"` // "": the server as a whole
}
