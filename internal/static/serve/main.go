// Command serve serves the files of a folder on $PORT: see package static.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dagger/stack/internal/static"
)

func main() {
	var o static.Options
	root := flag.String("root", ".", "the folder")
	compress := flag.Bool("compress", false, "put small copies of the folder's texts beside them, and end")
	flag.BoolVar(&o.App, "app", false, "the pages are made in the browser: a path that no file has is answered by index.html")
	flag.StringVar(&o.Base, "base", "/", "the path that the files are below")
	flag.Func("proxy", "PATH=URL: requests of the path go to another server; PATH/-=URL: without the path", func(text string) error {
		proxy, err := static.ParseProxy(text)
		o.Proxies = append(o.Proxies, proxy)
		return err
	})
	flag.Func("else", "URL: another server, for what no file is for and no browser asks for as a page", func(text string) error {
		address, err := static.ParseURL(text)
		o.Else = &static.Proxy{To: address}
		return err
	})
	flag.Parse()
	err := fmt.Errorf("argument %q: there are flags only", flag.Arg(0))
	switch {
	case flag.NArg() > 0:
	case *compress:
		err = static.Compress(*root)
	default:
		err = serve(*root, o)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// serve serves until it is asked to end, and then finishes what it has begun.
func serve(root string, o static.Options) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	address := net.JoinHostPort(os.Getenv("HOST"), cmp.Or(os.Getenv("PORT"), "8080"))
	server := &http.Server{
		Addr: address, Handler: static.Handler(os.DirFS(root), o),
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		within, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		ended <- server.Shutdown(within)
	}()
	log.Printf("%s is served on %s", root, address)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}
