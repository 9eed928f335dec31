package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"dagger/stack/internal/source/compose"
)

func main() {
	var env, prof string
	var full bool
	flag.StringVar(&env, "env", "", "")
	flag.StringVar(&prof, "profiles", "", "")
	flag.BoolVar(&full, "full", false, "")
	flag.Parse()
	opt := compose.Options{}
	if env != "" {
		opt.Env = strings.Split(env, ",")
	}
	if prof != "" {
		opt.Profiles = strings.Split(prof, ",")
	}
	for _, dir := range flag.Args() {
		o := opt
		if strings.Contains(dir, "@") {
			d, f, _ := strings.Cut(dir, "@")
			dir = d
			o.Files = []string{f}
		}
		p, err := compose.Load(os.DirFS(dir), o)
		verdict := "whole"
		if len(p.Notes) > 0 || len(p.LeftOut) > 0 {
			verdict = "notes"
		}
		if err != nil {
			verdict = "refused"
		}
		fmt.Printf("=== %s %s %s code=%v %v\n", verdict, dir, strings.Join(o.Files, ","), compose.HasCode(p), p.Names())
		if err != nil {
			fmt.Println("  E " + strings.ReplaceAll(err.Error(), "\n", "\n  E "))
		}
		for _, n := range p.Notes {
			fmt.Println("  n " + n)
		}
		for _, l := range p.LeftOut {
			fmt.Println("  x", l.Service, l.Reason)
		}
		if full {
			for _, s := range p.Services {
				b, _ := json.MarshalIndent(s, "    ", " ")
				fmt.Println(string(b), s.Build, s.Build.Docker, s.Process.Entrypoint, s.Process.Args)
			}
		}
	}
}
