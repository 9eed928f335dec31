package detect

import (
	"fmt"
	"testing"
)

// site is a frontend with one manifest.
func site(manifest string, more ...files) files {
	return files{"frontend/package.json": manifest}.with(more...)
}

// server is a backend with one manifest.
func server(manifest string, more ...files) files {
	return files{"backend/package.json": manifest}.with(more...)
}

// scripts is a manifest with a script and a dependency.
func scripts(name, line, dependency string) string {
	return fmt.Sprintf(`{"scripts":{%q:%q},"dependencies":{%q:"*"}}`, name, line, dependency)
}

func TestFrontends(t *testing.T) {
	t.Parallel()
	check(t, []detection{
		{name: "Vite", files: web,
			want: `frontend run vite --host 0.0.0.0 --port 3000 --strictPort
				frontend in /app
				frontend build node:22-alpine of frontend to /app
				frontend scratch true **/tsconfig.json
				frontend env PATH=/app/node_modules/.bin:/opt/tools/bin:${PATH}
				frontend env __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS=frontend
				frontend env BROWSER=none
				frontend env npm_config_cache=/cache/npm
				frontend cache npm /cache/npm
				frontend folders /home/app /opt/tools
				frontend step 0 [package.json .npmrc package-lock.json npm-shrinkwrap.json] sh -c npm ci || npm install`,
			not: "frontend step 1\nnote frontend"},
		{name: "a package for GNU's C library", files: site(`{"scripts":{"dev":"vite"},"devDependencies":{"vite":"*","wrangler":"*"}}`),
			want: "frontend build node:22-slim of frontend\nnote frontend/package.json has wrangler, which needs GNU's C library: the image is Debian's"},
		{name: "a browser for tests", files: site(`{"scripts":{"dev":"vite"},"devDependencies":{"vite":"*","cypress":"*"}}`), want: "frontend env CYPRESS_INSTALL_BINARY=0"},
		{name: "a file for Bun, without scripts", files: files{"package.json": `{"dependencies":{"hono":"*"}}`, "bun.lock": "", "src/index.ts": ""}, want: "backend run bun run src/index.ts\nbackend build oven/bun:1-alpine"},
		{name: "Nitro", files: files{"package.json": `{"scripts":{"dev":"nitro dev","build":"nitro build"},"devDependencies":{"nitropack":"*"}}`}, want: "backend run nitro dev --host 0.0.0.0 --port 8000"},
		{name: "VitePress", files: files{"package.json": `{"scripts":{"dev":"vitepress dev docs"},"devDependencies":{"vitepress":"*"}}`}, want: "frontend run vitepress dev docs --host 0.0.0.0 --port 3000 --strictPort"},
		{name: "Eleventy", files: files{"package.json": `{"scripts":{"build":"eleventy","start":"eleventy --serve"},"devDependencies":{"@11ty/eleventy":"*"}}`}, want: "frontend run eleventy --serve --port=3000"},
		{name: "Strapi", files: files{"package.json": `{"scripts":{"develop":"strapi develop","start":"strapi start"},"dependencies":{"@strapi/strapi":"5"}}`}, want: "backend kind Strapi (npm)\nbackend run strapi develop"},
		{name: "Wrangler without a framework", files: files{"package.json": `{"scripts":{"dev":"wrangler dev src/index.ts"},"devDependencies":{"wrangler":"*"}}`}, want: "backend run wrangler dev src/index.ts --ip 0.0.0.0 --port 8000"},
		{name: "a tool in front of another program", files: server(scripts("dev", "wrangler pages dev -- npm run ui", "hono")), want: "backend run wrangler pages dev --ip 0.0.0.0 --port 8000 -- npm run ui"},
		{name: "a tool behind another program", files: site(scripts("dev", "dotenv -e .env -- next dev", "next")), want: "frontend run dotenv -e .env -- next dev -H 0.0.0.0 -p 3000"},
		{name: "Wrangler", files: server(scripts("dev", "wrangler dev src/index.ts", "hono"), files{"backend/src/index.ts": ""}), want: "backend run wrangler dev src/index.ts --ip 0.0.0.0 --port 8000\nbackend env WRANGLER_SEND_METRICS=false"},
		{name: "Vite on a port of its own", files: site(scripts("dev", "vite --port 5173 --open", "vite")), want: "frontend run vite --port 5173 --open --host 0.0.0.0 --port 3000 --strictPort"},
		{name: "Vite by its file", files: site(scripts("dev", "node --inspect node_modules/vite/bin/vite.js", "vite")), want: "frontend run node --inspect node_modules/vite/bin/vite.js --host 0.0.0.0"},
		{name: "Vite 5", files: site(`{"scripts":{"dev":"vite"},"devDependencies":{"vite":"^5.4.0"}}`), want: "note frontend/package.json: Vite 5 answers to localhost alone"},
		{name: "SvelteKit", files: site(scripts("dev", "vite dev", "@sveltejs/kit")), want: "frontend kind SvelteKit (npm)\nfrontend run vite dev --host 0.0.0.0 --port 3000 --strictPort"},
		{name: "Next.js", files: site(scripts("dev", "next dev --turbopack", "next")), want: "frontend kind Next.js (npm)\nfrontend run next dev --turbopack -H 0.0.0.0 -p 3000\nfrontend env NEXT_TELEMETRY_DISABLED=1"},
		{name: "Nuxt", files: site(scripts("dev", "nuxt dev", "nuxt")), want: "frontend run nuxt dev --host 0.0.0.0 --port 3000"},
		{name: "Astro", files: site(scripts("start", "astro dev", "astro")), want: "frontend run astro dev --host 0.0.0.0 --port 3000\nfrontend env ASTRO_TELEMETRY_DISABLED=1"},
		{name: "Angular", files: site(`{"scripts":{"start":"ng serve","watch":"ng build --watch"},"dependencies":{"@angular/core":"22"},"packageManager":"npm@11.19.1"}`),
			want: "frontend kind Angular (npm)\nfrontend run ng serve --host 0.0.0.0 --port 3000\nfrontend env NG_CLI_ANALYTICS=false"},
		{name: "React Router", files: site(scripts("dev", "react-router dev", "@react-router/dev")), want: "frontend run react-router dev --host 0.0.0.0 --port 3000 --strictPort"},
		{name: "Remix", files: site(scripts("dev", "remix vite:dev", "@remix-run/dev")), want: "frontend run remix vite:dev --host 0.0.0.0 --port 3000 --strictPort"},
		{name: "Create React App", files: site(scripts("start", "react-scripts start", "react-scripts")), want: "frontend kind Create React App (npm)\nfrontend run react-scripts start\nfrontend env HOST=0.0.0.0\nfrontend env PORT=3000"},
		{name: "Vue CLI", files: site(scripts("serve", "vue-cli-service serve", "@vue/cli-service")), want: "frontend run vue-cli-service serve --host 0.0.0.0 --port 3000"},
		{name: "webpack", files: site(scripts("dev", "webpack serve --mode development", "webpack-dev-server")), want: "frontend run webpack serve --mode development --host 0.0.0.0 --port 3000 --allowed-hosts frontend"},
		{name: "Gatsby", files: site(scripts("develop", "gatsby develop", "gatsby")), want: "frontend run gatsby develop -H 0.0.0.0 -p 3000"},
		{name: "a framework without a script", files: site(`{"scripts":{"build":"next build"},"dependencies":{"next":"16"}}`), want: "frontend run next dev -H 0.0.0.0 -p 3000"},
		{name: "an unknown tool", files: site(scripts("dev", "node ./scripts/dev.mjs", "preact")), want: "frontend kind Node (npm)\nfrontend run node ./scripts/dev.mjs\nfrontend scratch true"},

		{name: "assignments and wrappers", files: site(scripts("dev", `A=1 cross-env B="x y" npx vite --mode dev`, "vite")), want: "frontend run env A=1 B=x y vite --mode dev --host 0.0.0.0"},
		{name: "another wrapper", files: site(scripts("dev", "dotenv -e .env -- vite", "vite")), want: "frontend run dotenv -e .env -- vite --host 0.0.0.0"},
		{name: "a script of a script", files: site(`{"scripts":{"dev":"yarn start:web","start:web":"pnpm exec vite"},"dependencies":{"vite":"8"}}`), want: "frontend run vite --host 0.0.0.0"},
		{name: "a chain is npm's", files: site(scripts("dev", "npm run codegen && vite", "vite")), want: "frontend run npm run dev -- --host 0.0.0.0 --port 3000 --strictPort"},
		{name: "a variable is npm's", files: site(scripts("dev", "vite --mode $MODE", "vite")), want: "frontend run npm run dev -- --host 0.0.0.0"},
		{name: "a script before it is npm's", files: site(`{"scripts":{"predev":"x","dev":"vite"},"dependencies":{"vite":"8"}}`), want: "frontend run npm run dev -- --host 0.0.0.0"},
		{name: "npm's, after a script of a script", files: site(`{"scripts":{"dev":"npm run web","preweb":"x","web":"vite"},"dependencies":{"vite":"8"}}`), want: "frontend run npm run web -- --host 0.0.0.0"},
		{name: "several at once", files: site(scripts("dev", "tsc -w & vite", "vite")), want: "frontend run npm run dev\nnote frontend/package.json: the script dev starts more than one command",
			not: "frontend run npm run dev -- "},
		{name: "several at once, another last", files: site(scripts("dev", "vite & tsc -w", "vite")), want: "frontend run npm run dev\nnote frontend/package.json: the script dev starts more than one command, so Vite could not be told"},
		{name: "with a redirection", files: site(scripts("dev", "vite > log", "vite")), want: "frontend run npm run dev\nnote frontend/package.json: the script dev starts more than one command"},
		{name: "with a redirection before it", files: site(scripts("dev", "node gen.js > x.ts && vite", "vite")), want: "frontend kind Vite (npm)\nfrontend run npm run dev\nnote frontend/package.json: the script dev starts more than one command, so Vite could not be told"},
		{name: "in parentheses", files: site(scripts("dev", "(cd lib && tsc -w) & vite", "vite")), want: "frontend run npm run dev\nnote frontend/package.json: the script dev starts more than one command, so Vite could not be told"},
		{name: "with a comment", files: site(scripts("dev", "vite # for development", "vite")), want: "frontend run npm run dev\nnote frontend/package.json: the script dev starts more than one command", not: "frontend run npm run dev --"},
		{name: "of two lines", files: site(scripts("dev", "tsc\nvite", "vite")), want: "frontend run npm run dev\nnote frontend/package.json: the script dev starts more than one command", not: "frontend run npm run dev --"},
		{name: "a condition before it is npm's", files: site(scripts("dev", "[[ -f .env ]] && export A=1 && vite", "vite")), want: "frontend run npm run dev -- --host 0.0.0.0"},
		{name: "a pattern beside quotes is npm's", files: site(scripts("dev", `vite --x 'a b' *.ts`, "vite")), want: "frontend run npm run dev -- --host 0.0.0.0"},
		{name: "what only a shell has is npm's", files: site(scripts("dev", "exec vite", "vite")), want: "frontend run npm run dev -- --host 0.0.0.0"},
		{name: "a starter", files: site(scripts("dev", "concurrently 'vite' 'tsc -w'", "vite")), want: "frontend run concurrently vite tsc -w\nnote frontend/package.json: the script dev starts other scripts"},
		{name: "what is built is built", files: site(`{"scripts":{"build":"vite build","start":"vite preview"},"dependencies":{"vite":"8"}}`),
			want: "frontend run vite preview --host 0.0.0.0 --port 3000 --strictPort\nfrontend step 1 [**] npm run build\nnote frontend/package.json has no script that runs without a build"},
		{name: "command given", files: web, opt: Options{FrontendCommand: []string{"npm", "run", "x"}}, want: "frontend run npm run x\nfrontend kind Vite (npm)\nfrontend env __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS=frontend"},

		{name: "no script", files: site(`{"scripts":{"test":"jest","dev":"tsc --watch"}}`),
			err: `cannot tell how the frontend in "frontend" is started: looked for a script dev, start or serve in frontend/package.json; found dev and test, of which do not serve dev (tsc --watch): add a script dev, or name its command with --frontend-command`},
		{name: "a build is no server", files: site(scripts("dev", "vite build --watch", "x")), err: "dev (vite build --watch)"},
		{name: "Bun with a program for GNU's C library", files: server(`{"scripts":{"start":"bun a.ts"},"dependencies":{"hono":"*"},"devDependencies":{"wrangler":"4"}}`, files{"backend/bun.lock": ""}),
			want: "backend build oven/bun:1-slim"},
		{name: "Bun", files: site(scripts("dev", "bun --hot index.ts", "x")), want: "frontend run bun --hot index.ts\nfrontend build oven/bun:1-alpine\nfrontend step 0 [package.json .npmrc bun.lock bun.lockb bunfig.toml patches/**] bun install\nnote frontend/package.json is run with Bun: Bun installs its packages, too"},
		{name: "Deno", files: site(scripts("dev", "deno run x.ts", "x")), err: "dev (runs with Deno, which its image does not have: add a Dockerfile)"},
		{name: "an empty script of one", files: site(`{"scripts":{"dev":"npm run x","x":" "}}`), err: "dev (not a command)"},
		{name: "variables alone", files: site(scripts("dev", "cross-env A=1", "x")), err: "dev (not a command)"},
		{name: "npx with options", files: site(scripts("dev", "npx --yes serve@14 -l 3000 site", "preact")), want: "frontend run npx --yes serve@14 -l 3000 site"},
		{name: "npx of what is not installed", files: site(scripts("dev", "npx serve@14 site", "preact")), want: "frontend run npx serve@14 site"},
		{name: "npx with options of a known tool", files: site(scripts("dev", "npx --no-install vite", "vite")), want: "frontend run npx --no-install vite --host 0.0.0.0 --port 3000 --strictPort"},
		{name: "npx alone", files: site(scripts("dev", "npx", "x")), err: "dev (not a command)"},
		{name: "a broken script", files: site(scripts("dev", `"`, "x")), err: "dev (not a command)"},
		{name: "a library in a folder of another name", files: api.with(files{"client/package.json": `{"scripts":{"build":"tsc"}}`}), want: "no frontend"},
		{name: "broken manifest", files: site("{]"), err: "cannot read frontend/package.json"},
		{name: "broken manifest of the root", files: web.with(files{"package.json": "["}), err: "cannot read package.json"},
	})
}

func TestNodeBackends(t *testing.T) {
	t.Parallel()
	check(t, []detection{
		{name: "start, where the file is there", files: server(`{"scripts":{"dev":"nodemon server.js","start":"node server.js"},"dependencies":{"express":"5"}}`, files{"backend/server.js": ""}),
			want: "backend kind Express (npm)\nbackend run node server.js\nbackend scratch true\nbackend port 8000 /health /\nbackend env HOST=0.0.0.0", not: "backend env BROWSER=x\nnote backend"},
		{name: "start, the file without its suffix", files: server(`{"scripts":{"dev":"x","start":"NODE_ENV=production node src"}}`, files{"backend/src/index.js": ""}), want: "backend run env NODE_ENV=production node src"},
		{name: "dev, where start names no file", files: server(`{"scripts":{"dev":"node x.js","start":"node --run y"},"dependencies":{"koa":"3"}}`), want: "backend run node x.js"},
		{name: "dev, where start needs a build", files: server(`{"scripts":{"dev":"tsx watch src/index.ts","build":"tsc","start":"node dist/index.js"},"dependencies":{"fastify":"5"}}`),
			want: "backend kind Fastify (npm)\nbackend run tsx watch src/index.ts\nbackend scratch true", not: "backend step 1"},
		{name: "start with a build, without dev", files: server(`{"scripts":{"build":"tsc","start":"node dist/index.js"},"dependencies":{"koa":"3"}}`),
			want: "backend run node dist/index.js\nbackend step 1 [**] npm run build\nnote backend/package.json has no script that runs without a build"},
		{name: "Nest", files: server(`{"scripts":{"start":"nest start","start:dev":"nest start --watch","start:prod":"node dist/main"},"dependencies":{"@nestjs/core":"11","express":"5"}}`),
			want: "backend kind NestJS (npm)\nbackend run nest start\nbackend scratch true", not: "backend run nest start --watch"},
		{name: "Nest in watch mode alone", files: server(`{"scripts":{"start":"nest start --watch","start:dev":"nest start --debug"},"dependencies":{"@nestjs/core":"11"}}`), want: "backend run nest start --debug"},
		{name: "fastify-cli", files: server(scripts("dev", "fastify start -l info app.js", "fastify")), want: "backend run fastify start -l info app.js --address 0.0.0.0 --port 8000"},
		{name: "Hono", files: server(scripts("dev", "tsx src/index.ts", "hono")), want: "backend kind Hono (npm)\nbackend run tsx src/index.ts"},
		{name: "no scripts", files: server(`{"main":"./srv.js"}`, files{"backend/srv.js": ""}), want: "backend run node srv.js\nbackend kind Node (npm)"},
		{name: "command given", files: files{"backend/x.mjs": ""}, opt: Options{BackendCommand: []string{"node", "x.mjs"}}, want: "backend run node x.mjs\nbackend build node:22-alpine", not: "backend step 0"},
		{name: "no script", files: server(`{"dependencies":{"express":"5"}}`), err: "cannot tell how the backend in \"backend\" is started: looked for a script dev, start or serve in backend/package.json; found nothing: add"},
	})
}

func TestManagers(t *testing.T) {
	t.Parallel()
	plain, ranged := scripts("dev", "vite", "vite"), `{"scripts":{"dev":"vite"},"devDependencies":{"vite":"^8.0.0"}}`
	managed := func(manager string) string {
		return fmt.Sprintf(`{"scripts":{"dev":"vite"},"devDependencies":{"vite":"8"},"packageManager":%q}`, manager)
	}
	check(t, []detection{
		{name: "npm without a lockfile", files: site(plain), want: "frontend step 0 [package.json .npmrc package-lock.json npm-shrinkwrap.json] npm install"},
		{name: "shrinkwrap", files: site(plain, files{"frontend/npm-shrinkwrap.json": ""}), want: "frontend step 0 [package.json .npmrc package-lock.json npm-shrinkwrap.json] sh -c npm ci || npm install"},
		{name: "pnpm", files: site(plain, files{"frontend/pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}),
			want: `frontend kind Vite (pnpm)
				frontend step 0 [] npm install --global --prefix /opt/tools pnpm@10
				frontend step 1 [package.json .npmrc pnpm-lock.yaml pnpm-workspace.yaml .pnpmfile.cjs patches/**] pnpm install --store-dir /cache/pnpm --frozen-lockfile
				frontend run vite --host 0.0.0.0
				frontend cache pnpm /cache/pnpm`},
		{name: "pnpm 8", files: site(plain, files{"frontend/pnpm-lock.yaml": "lockfileVersion: '6.0'\n"}), want: "frontend step 0 [] npm install --global --prefix /opt/tools pnpm@8"},
		{name: "pnpm 7", files: site(plain, files{"frontend/pnpm-lock.yaml": "lockfileVersion: 5.4\n"}), want: "frontend step 0 [] npm install --global --prefix /opt/tools pnpm@7"},
		{name: "pnpm of the future", files: site(plain, files{"frontend/pnpm-lock.yaml": "lockfileVersion: '10.0'\n"}), want: "frontend step 0 [] npm install --global --prefix /opt/tools pnpm@latest"},
		{name: "pnpm named", files: site(managed("pnpm@9.15.0+sha512.abc")), want: "frontend step 0 [] npm install --global --prefix /opt/tools pnpm@9.15.0\nfrontend step 1 [package.json .npmrc pnpm-lock.yaml pnpm-workspace.yaml .pnpmfile.cjs patches/**] pnpm install --store-dir /cache/pnpm"},
		{name: "pnpm named without a version", files: site(managed("pnpm")), want: "frontend step 0 [] npm install --global --prefix /opt/tools pnpm@10"},
		{name: "pnpm by devEngines", files: site(`{"scripts":{"dev":"vite"},"devEngines":{"packageManager":{"name":"pnpm","version":"^10.2.0"},"runtime":{"name":"node","version":">=24"}}}`),
			want: "frontend step 0 [] npm install --global --prefix /opt/tools pnpm@^10.2.0\nfrontend build node:24-alpine"},
		{name: "Volta", files: site(`{"scripts":{"dev":"vite"},"volta":{"node":"22.5.1","pnpm":"9.1.0"}}`), want: "frontend step 0 [] npm install --global --prefix /opt/tools pnpm@9.1.0\nfrontend build node:22.5.1-alpine"},
		{name: "Volta's yarn", files: site(`{"scripts":{"dev":"vite"},"volta":{"yarn":"1.22.19"}}`), want: "frontend step 0 [] npm install --global --prefix /opt/tools yarn@1.22.19"},
		{name: "yarn classic", files: site(plain, files{"frontend/yarn.lock": "# yarn lockfile v1\n"}),
			want: `frontend kind Vite (yarn)
				frontend step 0 [] npm install --global --prefix /opt/tools yarn@1
				frontend step 1 [package.json .npmrc yarn.lock .yarnrc .yarn/**] yarn install --non-interactive --frozen-lockfile
				frontend env YARN_CACHE_FOLDER=/cache/yarn`},
		{name: "yarn berry", files: site(plain, files{"frontend/yarn.lock": "#\r\n\r\n__metadata:\r\n  version: 8\r\n"}),
			want: `frontend step 0 [] npm install --global --prefix /opt/tools @yarnpkg/cli-dist@4.13
				frontend step 1 [package.json .npmrc yarn.lock .yarnrc.yml .yarn/**] yarn install
				frontend env YARN_NODE_LINKER=node-modules
				frontend env YARN_GLOBAL_FOLDER=/cache/yarn
				frontend run vite --host`, not: "frontend step 1 [package.json .npmrc yarn.lock .yarnrc.yml .yarn/**] yarn install --immutable"},
		{name: "yarn 3", files: site(plain, files{"frontend/yarn.lock": "#\n\n__metadata:\n  version: 6\n"}), want: "frontend step 0 [] npm install --global --prefix /opt/tools @yarnpkg/cli-dist@3"},
		{name: "yarn of a newer format", files: site(plain, files{"frontend/yarn.lock": "#\n\n__metadata:\n  version: 10\n"}), want: "frontend step 0 [] npm install --global --prefix /opt/tools @yarnpkg/cli-dist@4\n"},
		{name: "yarn named", files: site(managed("yarn@4.5.0"), files{"frontend/yarn.lock": ""}),
			want: "frontend step 0 [] npm install --global --prefix /opt/tools @yarnpkg/cli-dist@4.5.0\nfrontend step 1 [package.json .npmrc yarn.lock .yarnrc.yml .yarn/**] yarn install --immutable"},
		{name: "yarn without a lockfile", files: site(plain, files{"frontend/.yarnrc.yml": ""}), want: "frontend step 0 [] npm install --global --prefix /opt/tools @yarnpkg/cli-dist@4"},
		{name: "pnpm without a lockfile", files: site(plain, files{"frontend/pnpm-workspace.yaml": "onlyBuiltDependencies:\n  - esbuild\n"}), want: "frontend kind Vite (pnpm)\nfrontend step 1 [package.json", not: "frontend step 2"},
		{name: "two lockfiles", files: site(plain, files{"frontend/yarn.lock": "", "frontend/package-lock.json": ""}), want: "frontend kind Vite (yarn)\nnote \"frontend\" has yarn.lock and package-lock.json: yarn is used"},
		{name: "a forgotten lockfile of yarn", files: site(ranged, files{"frontend/yarn.lock": "vite@^7.0.0:\n  version \"7.0.0\"\n", "frontend/package-lock.json": `{"packages":{"node_modules/vite":{}}}`}),
			want: "frontend kind Vite (npm)\nnote \"frontend\" has yarn.lock without vite@^8.0.0, which frontend/package.json asks for: another lockfile counts"},
		{name: "a forgotten lockfile of npm", files: site(ranged, files{"frontend/yarn.lock": "vite@^8.0.0:\n  version \"8.0.0\"\n", "frontend/package-lock.json": `{}`}), want: "frontend kind Vite (yarn)"},
		{name: "a forgotten lockfile of pnpm", files: site(ranged, files{"frontend/pnpm-lock.yaml": "lockfileVersion: '9.0'\n", "frontend/yarn.lock": "\"vite@npm:^8.0.0\":\n  version: 8.0.0\n"}), want: "frontend kind Vite (yarn)"},
		{name: "one that pnpm wrote", files: site(ranged, files{"frontend/pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      vite:\n", "frontend/yarn.lock": "vite@^8.0.0:\n"}), want: "frontend kind Vite (pnpm)"},
		{name: "a forgotten lockfile of the manager that is asked for", files: site(managed("yarn@1.22.22"), files{"frontend/yarn.lock": "", "frontend/package-lock.json": `{"vite":{}}`}),
			want: "frontend kind Vite (yarn)\nfrontend step 1 [package.json .npmrc yarn.lock .yarnrc .yarn/**] yarn install --non-interactive --frozen-lockfile"},
		{name: "Bun's lockfile", files: site(plain, files{"frontend/bun.lock": ""}), want: "frontend kind Vite (bun)\nfrontend step 0 [package.json .npmrc bun.lock bun.lockb bunfig.toml patches/**] bun install --frozen-lockfile"},
		{name: "Bun named", files: site(managed("bun@1.2.0")), want: "frontend build oven/bun:1.2.0-alpine"},
		{name: "one that is not known", files: site(managed("deno@2.0.0")), err: "frontend/package.json asks for deno as its package manager: known are npm, pnpm, yarn and bun: ask for one of them, or add a Dockerfile"},

		{name: "scripts of an install", files: site(`{"scripts":{"dev":"vite","postinstall":"node scripts/x.js","prepare":"husky"},"dependencies":{"vite":"8"}}`, files{"frontend/package-lock.json": ""}),
			want: `frontend step 0 [package.json .npmrc package-lock.json npm-shrinkwrap.json] STRIP
				frontend step 1 [] sh -c npm ci || npm install
				frontend step 2 [**] npm run postinstall
				note frontend/package.json: its scripts postinstall get the whole source`, not: "frontend step 3"},
		{name: "git hooks alone", files: site(`{"scripts":{"dev":"vite","prepare":"cd .. && husky frontend/.husky"}}`), want: "frontend step 0 [package.json .npmrc package-lock.json npm-shrinkwrap.json] STRIP\nfrontend step 1 [] npm install", not: "frontend step 2"},
		{name: "a local package", files: site(`{"scripts":{"dev":"vite"},"dependencies":{"lib":"file:./lib"}}`), want: "frontend step 0 [**] npm install\nnote frontend/package.json: it depends on ./lib"},
		{name: "a package outside", files: site(`{"scripts":{"dev":"vite"},"dependencies":{"lib":"link:../../lib"}}`), err: `frontend/package.json needs ../../lib, which is outside of the root of the project`},

		{name: "npm workspace", files: site(plain, files{"package.json": `{"workspaces":["frontend","packages/*"],"engines":{"node":">=24"},"scripts":{"prepare":"x"}}`, "package-lock.json": ""}),
			want: `frontend build node:24-alpine of . to /app
				frontend dir frontend
				frontend in /app/frontend
				frontend why package-lock.json and frontend/package.json
				frontend env PATH=/app/frontend/node_modules/.bin:/app/node_modules/.bin:/opt/tools/bin:${PATH}
				frontend step 0 [package.json .npmrc **/package.json package-lock.json npm-shrinkwrap.json] STRIP
				frontend step 1 [] sh -c npm ci || npm install
				frontend step 2 [**] npm run prepare
				frontend step 3 [**] npm run postinstall --workspaces --if-present
				frontend step 4 [**] npm run prepare --workspaces --if-present`},
		{name: "pnpm workspace", files: site(`{"scripts":{"build":"vite build","start":"vite preview"}}`, files{"package.json": "{}", "pnpm-lock.yaml": "", "pnpm-workspace.yaml": "# x\npackages:\n  # y\n  - 'front*' # z\n\nother:\n  - backend\n"}),
			want: "frontend build node:22-alpine of .\nfrontend step 4 [**] pnpm --recursive --if-present run prepare\nfrontend step 5 [**] pnpm --dir frontend run build"},
		{name: "yarn workspace of the older form", files: site(`{"scripts":{"build":"vite build","start":"vite preview"}}`, files{"package.json": `{"workspaces":{"packages":["./frontend"]}}`, "yarn.lock": ""}),
			want: "frontend build node:22-alpine of .\nfrontend step 3 [**] yarn --cwd frontend run build"},
		{name: "npm workspace, built", files: site(`{"scripts":{"build":"vite build","start":"vite preview"}}`, files{"package.json": `{"workspaces":["*"]}`}), want: "frontend step 4 [**] npm --prefix frontend run build"},
		{name: "workspace without members", files: server(`{"workspaces":["packages/*","x"],"scripts":{"dev":"node x"}}`), want: "backend step 1 [] npm install", not: "backend step 2"},
		{name: "workspace with members", files: server(`{"workspaces":["packages/*"],"scripts":{"dev":"node x"}}`, files{"backend/packages/a/package.json": "{}"}), want: "backend step 2 [**] npm run postinstall --workspaces --if-present"},
		{name: "not a member", files: site(plain, files{"package.json": `{"workspaces":["packages/*"]}`}), want: "frontend build node:22-alpine of frontend"},
		{name: "a lockfile of its own", files: web.with(files{"package.json": `{"workspaces":["frontend"]}`}), want: "frontend build node:22-alpine of frontend"},
		{name: "odd values", files: site(`{"scripts":{"dev":"vite","x":1},"engines":["node"],"workspaces":7,"main":{},"dependencies":[]}`), want: "frontend run vite"},
	})
}
