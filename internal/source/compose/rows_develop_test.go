package compose

// developed is a service with entries of develop.watch.
func developed(yaml string) string {
	return "-- web/src/ --\n-- web/package.json --\n-- compose.yaml --\nservices:\n  web:\n    build: {context: web, dockerfile_inline: FROM alpine}\n    volumes: ['./web/static:/app/static']\n    develop:\n      watch:\n" + yaml
}

var developRows = []row{
	{element: "develop", yaml: developed(`
        - {action: sync, path: web/src, target: /app/src, ignore: [node_modules/], include: ['*.js'], initial_sync: true}
        - {action: sync+restart, path: ./web/conf.json, target: /etc/conf.json}
        - {action: rebuild, path: web/package.json}
        - {action: restart, path: web/restart}
        - {action: sync+exec, path: web/static, target: /app/static, exec: {command: npm run build, user: root, working_dir: /app, environment: {A: b}}}`),
		want: `Triggers[0].Action=sync
			Triggers[0].Path=web/src
			Triggers[0].Target=/app/src
			Triggers[0].Include[0]=*.js
			Triggers[0].Ignore[0]=node_modules/
			Triggers[0].Initial=true
			!Triggers[0].Exec
			Triggers[1].Action=sync+restart
			Triggers[1].Path=web/conf.json
			!Triggers[1].Initial
			Triggers[2].Action=rebuild
			Triggers[2].Path=web/package.json
			!Triggers[2].Target
			Triggers[3].Action=restart
			Triggers[4].Action=sync+exec
			Triggers[4].Exec.Args[0]=npm
			Triggers[4].Exec.User=root
			Triggers[4].Exec.Root=true
			Triggers[4].Exec.Workdir=/app
			Triggers[4].Exec.Env[0]=A=b`},
	{element: "develop", yaml: developed("        - {action: sync, path: web/static, target: /app/static}"), want: "!Triggers",
		note: "compose.yaml:7: services.web.develop.watch: no effect: a bind mount brings web/static"},
	{element: "develop", yaml: "develop: {watch: [{path: ., action: rebuild}]}", want: "!Triggers", note: "services.web.develop.watch: no effect: web is not built"},
	{element: "develop", yaml: developed("        - {action: sync, path: ../lib, target: /app/lib}"), want: "!Triggers", note: "services.web.develop.watch: no effect: ../lib is outside of the project"},
	{element: "develop", yaml: developed("        - {action: sync+exec, path: web/src, target: /app, exec: {command: ls, privileged: true}}"), want: "Triggers[0].Exec.Args[0]=ls",
		note: "exec.privileged has no effect: the command has no more rights than its service"},
	{element: "develop", yaml: developed("        - {action: sync, path: web/src, target: app}"), err: `services.web.develop.watch: target "app": want an absolute path`},
	{element: "develop", yaml: developed("        - {action: sync+exec, path: web/src, target: /app}"), err: "services.web.develop.watch: sync+exec runs no command: want exec with a command"},
	{element: "develop", yaml: developed("        - {action: sync, path: web/src, target: /app, ignore: ['[']}"), err: "services.web.develop.watch: a pattern of include or ignore cannot be read"},
}
