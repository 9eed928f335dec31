package node

import (
	"slices"

	"dagger/stack/internal/lazyregexp"
)

// proxying are the files in which development servers are told where requests go on to, and whether a text of one is about that.
var (
	proxying = []string{"package.json", "vite.config.ts", "vite.config.js", "vite.config.mts", "vite.config.mjs", "next.config.ts", "next.config.js", "next.config.mjs",
		"vue.config.js", "webpack.config.js", "webpack.dev.js", "rsbuild.config.ts", "rspack.config.js", "nuxt.config.ts", "astro.config.mjs", "svelte.config.js",
		"src/setupProxy.js", "src/setupProxy.ts", "proxy.conf.json", "proxy.conf.js", "src/proxy.conf.json"}
	proxies = lazyregexp.New(`(?i)"?proxy"?\s*[:(]|createProxyMiddleware|"?target"?\s*:|"?destination"?\s*:`)
	onLocal = lazyregexp.New(`https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d{2,5})\b`)
	itsOwn  = lazyregexp.New(`\bport\s*:\s*(\d{2,5})\b`)
)

// proxied are the ports of localhost to which the development server hands requests on, and the file that says so.
func (l look) proxied(own int) (ports []int, file string) {
	for _, name := range proxying {
		text := l.Read(name)
		if !proxies.MatchString(text) {
			continue
		}
		not := []int{own}
		for _, match := range itsOwn.FindAllStringSubmatch(text, -1) {
			not = append(not, number(match[1]))
		}
		for _, match := range onLocal.FindAllStringSubmatch(text, -1) {
			if port := number(match[1]); !slices.Contains(not, port) && !slices.Contains(ports, port) {
				ports, file = append(ports, port), l.Path(name)
			}
		}
	}
	return ports, file
}
