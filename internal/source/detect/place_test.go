package detect

import "testing"

// Two services in one folder, and folders by language.
func TestRootOfTwo(t *testing.T) {
	t.Parallel()
	api := files{"requirements.txt": "fastapi\nuvicorn\n", "api/index.py": "from fastapi import FastAPI\napp = FastAPI()\n"}
	check(t, []detection{
		{name: "Next.js and FastAPI, side by side", files: api.with(files{"package.json": `{"scripts":{"fastapi-dev":"pip3 install -r requirements.txt && python3 -m uvicorn api.index:app --reload",
			"next-dev":"next dev","dev":"concurrently \"npm run next-dev\" \"npm run fastapi-dev\""},"dependencies":{"next":"14","concurrently":"9"}}`}),
			want: `backend run python -m uvicorn api.index:app --host 0.0.0.0 --port 8000
				frontend run next dev -H 0.0.0.0 -p 3000`},
		{name: "without a script for both", files: api.with(files{"package.json": scripts("dev", "next dev", "next")}),
			want: "frontend run next dev -H 0.0.0.0 -p 3000"},
		{name: "a page of Vite's", files: api.with(files{"package.json": scripts("dev", "vite", "vite"), "index.html": "<p>"}),
			want: "frontend run vite --host 0.0.0.0 --port 3000 --strictPort"},
		{name: "what bundles files for the server's pages", files: api.with(files{"package.json": scripts("dev", "vite", "vite")}), not: "frontend run"},
		{name: "a server beside its compiler", files: files{"package.json": `{"scripts":{"dev":"npm run clean && concurrently \"npm run dev:server\" \"npm run dev:client\"","dev:client":"vite","clean":"rimraf x",
			"dev:server":"npm run build && concurrently \"tsc -w\" \"NODE_ENV=development nodemon dist/www.js\"","build":"tsc"},"dependencies":{"express":"4","vite":"7"}}`},
			want: "backend run npm run dev:server\nfrontend run vite --host 0.0.0.0 --port 3000 --strictPort"},
		{name: "by language", files: files{"pyproject.toml": "[project]\nname = 'x'\ndependencies = ['fastapi', 'uvicorn']\n", "src/py/app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
			"src/js/web/package.json": scripts("dev", "vite", "vite"), "src/js/templates/package.json": scripts("build", "x", "y")},
			want: "frontend in /app"},
	})
}

// A folder of a usual name that holds the service's folder alone.
func TestInner(t *testing.T) {
	t.Parallel()
	api := files{"backend/app/requirements.txt": "fastapi\nuvicorn\n", "backend/app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n", "backend/README.md": "x"}
	check(t, []detection{
		{name: "one", files: api, want: "backend dir backend/app"},
		{name: "the whole project in a folder", files: files{"README.md": "x", "mern/server/package.json": scripts("start", "node index.js", "express"), "mern/server/index.js": "x",
			"mern/client/package.json": scripts("dev", "vite", "vite")}, want: "backend dir mern/server\nfrontend dir mern/client"},
		{name: "two", files: api.with(files{"backend/web/package.json": scripts("dev", "vite", "vite")}), err: `no backend in "backend"`},
		{name: "beside a file", files: api.with(files{"backend/x.py": "pass"}), err: `no backend in "backend"`},
	})
}
