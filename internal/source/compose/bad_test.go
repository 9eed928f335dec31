package compose

// badFiles are projects that cannot be had, each with the whole error.
var badFiles = []struct {
	yaml string
	want string
	opt  Options
}{
	{yaml: "services:\n  web:\n    image: a\n    ports: [\"localhost:1:2\"]", want: "compose.yaml:4: Invalid ip address: localhost: want an address such as 127.0.0.1 before the port, or none"},
	{yaml: "-- compose.yaml --", want: "compose.yaml: empty compose file"},
	{yaml: "[a, b]", want: "compose.yaml:1: top-level object must be a mapping: want services and what belongs to them"},
	{yaml: "services: {}", want: "compose.yaml:1: no service: want at least one below services"},
	{yaml: "services:\n  web:\n    image: a\n    platform: linux/riscv64\n    build: {context: ., dockerfile_inline: FROM a, platforms: [linux/amd64]}", want: `compose.yaml:4: service.build.platforms MUST include service.platform "linux/riscv64"`},
	{yaml: "services:\n\tweb:", want: "compose.yaml:2: no YAML: found character that cannot start any token"},
	{yaml: "services:\n  web: {image: a\n  two: b", want: "compose.yaml:2: no YAML: did not find expected ',' or '}'"},
	{yaml: "services:\n  web: *nowhere", want: "compose.yaml:2: no YAML: unknown anchor 'nowhere' referenced"},
	{yaml: "services:\n  web:\n    image: a\n    image: b", want: `compose.yaml:4: mapping key "image" already defined at line 3`},
	{yaml: "services:\n  web:\n    image: a\n    comand: b", want: "compose.yaml:4: services.web.comand: compose knows no such element: correct the name, or begin the name with x-"},
	{yaml: "services:\n  web:\n    image: a\nservice: {}", want: "compose.yaml:4: service: compose knows no such element: correct the name, or begin the name with x-"},
	{yaml: "services:\n  web:\n    image: a\n    healthcheck:\n      intervall: 1s", want: "compose.yaml:5: services.web.healthcheck.intervall: compose knows no such element: correct the name, or begin the name with x-"},
	{yaml: "services:\n  web:\n    image: a\n    healthcheck:\n      interval: 5 seconds", want: `compose.yaml:5: services.web.healthcheck.interval: time: unknown unit " seconds" in duration "5 seconds"`},
	{yaml: "services:\n  web:\n    image: a\n    healthcheck:\n      test: [curl]", want: `compose.yaml:5: healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"`},
	{yaml: "services:\n  web:\n    image: a\n    mem_limit: lots", want: "compose.yaml:4: services.web.mem_limit: invalid size: 'lots'"},
	{yaml: "services:\n  web:\n    image: a\n    ports:\n    - 70000:80", want: "compose.yaml:5: Invalid hostPort: 70000"},
	{yaml: "services:\n  web:\n    image: a:1\n    ports:\n    - $PORT:$PORT\n-- .env --\nPORT=", want: "compose.yaml:5: No port specified: :<empty>, which $PORT:$PORT is"},
	{yaml: "services:\n  web:\n    image: a\n    ports:\n    - ${PORT}:80\n-- .env --\nPORT=70000", want: "compose.yaml:5: Invalid hostPort: 70000, which ${PORT}:80 is"},
	{yaml: "services:\n  web:\n    image: a\n    depends_on:\n    - db", want: `compose.yaml:4: service "web" depends on undefined service "db"`},
	{yaml: "services:\n  web: {image: a, depends_on: [db]}\n  db: {image: b, profiles: [x]}", want: `compose.yaml:2: service "web" depends on undefined service "db", which is there with --profile x`},
	{yaml: "services:\n  db: {image: b, profiles: [x]}", want: "compose.yaml:1: no service is asked for: want one of the profiles with --profile: x"},
	{yaml: "services:\n  a: {image: a, depends_on: [b]}\n  b:\n    image: b\n    depends_on: [a]", want: "compose.yaml:2: dependency cycle detected: a -> b -> a"},
	{yaml: "services:\n  web: {image: a, volumes: ['data:/data']}", want: `compose.yaml:2: service "web" refers to undefined volume data`},
	{yaml: "services:\n  web: {image: a, networks: [net]}", want: `compose.yaml:2: service "web" refers to undefined network net`},
	{yaml: "services:\n  web:\n    command: a", want: `compose.yaml:2: service "web" has neither an image nor a build context specified`},
	{yaml: "services:\n  web:\n    build:\n      context: .\n      dockerfile_inline: FROM a\n      ssh: [default]", want: "compose.yaml:6: services.web.build.ssh: the build wants your SSH agent: give its socket with --build-ssh $SSH_AUTH_SOCK"},
	{yaml: "services:\n  web:\n    image: ${IMAGE}", want: "compose.yaml:2: service \"web\" has neither an image nor a build context specified\ncompose.yaml:3: variable IMAGE is not set and counts as empty: give it with --env IMAGE=VALUE (the shell's variables are not seen)"},
	{yaml: "services:\n  web:\n    image: a\n    command: echo ${}", want: "compose.yaml:4: invalid interpolation format for services.web.command. echo ${}: write $$ for a $ that begins no variable"},
	{yaml: "services:\n  web:\n    image: ${IMAGE:?which one}\n    command: ${A:?} ${B?}\n  two:\n    image: a\n    ports: ['${PORT:?}:80']",
		want: "compose.yaml:3: variable IMAGE is required and has no value (which one): give it with --env IMAGE=VALUE, or in a file with --env-file or .env\n" +
			"compose.yaml:4: variable A is required and has no value: give it with --env A=VALUE, or in a file with --env-file or .env\n" +
			"compose.yaml:4: variable B is required and has no value: give it with --env B=VALUE, or in a file with --env-file or .env\n" +
			"compose.yaml:7: variable PORT is required and has no value: give it with --env PORT=VALUE, or in a file with --env-file or .env"},
	{yaml: "services:\n  api:\n    build: ./gone\n    env_file: gone.env\n    environment: {KEY: \"${KEY:?}\"}\n  two:\n    build: \"${DIR:?}\"\n    label_file: gone.labels\n    configs: [c]\nconfigs: {c: {file: ./gone.conf}}", // all at once
		want: "compose.yaml:3: services.api.build: gone is no folder of the project\n" +
			"compose.yaml:4: services.api.env_file: gone.env is not there: make the file, or say required: false\n" +
			"compose.yaml:5: variable KEY is required and has no value: give it with --env KEY=VALUE, or in a file with --env-file or .env\n" +
			"compose.yaml:7: variable DIR is required and has no value: give it with --env DIR=VALUE, or in a file with --env-file or .env\n" +
			"compose.yaml:8: services.two.label_file: gone.labels is not there\n" +
			"compose.yaml:10: configs.c.file: gone.conf is not there: make the file"},
	{yaml: "include: [other.yaml]\nservices: {web: {image: a}}", want: "compose.yaml:1: include: other.yaml is not there: want a file of the project"},
	{yaml: "include:\n- ../other.yaml", want: "compose.yaml:2: include: ../other.yaml is outside of the project: name the folder above with --project-path, and the compose file below it with --compose-file"},
	{yaml: "include:\n- https://example.com/a.git", want: "compose.yaml:2: include: https://example.com/a.git: only files of the project can be had: copy the file into the project"},
	{yaml: "include: [compose.yaml]", want: "compose.yaml:1: include: compose.yaml includes itself: compose.yaml includes compose.yaml"},
	{yaml: "services:\n  web:\n    extends: {file: base.yaml, service: a}", want: "compose.yaml:3: extends: base.yaml is not there: want a file of the project"},
	{yaml: "services:\n  web:\n    extends: base", want: `compose.yaml:3: cannot extend service "web" in compose.yaml: service "base" not found`},
	{yaml: "-- compose.yaml --\nservices: {web: {build: .}}\n-- Dockerfile --\n# syntax=docker/dockerfile:1\nFROM a\nCOPY --exclude=*.md . .", want: "Dockerfile:3: COPY --exclude: the engine's builder does not know it: name what is not wanted in .dockerignore"},
	{yaml: "-- compose.yaml --\nservices: {web: {build: .}}\n-- Dockerfile --\n# syntax=example/frontend:1\nFROM a", want: "Dockerfile:1: syntax example/frontend:1: the engine has Docker's own frontend alone"},
	{yaml: "x: &r\n  <<: {<<: *r}\nservices: *r", want: "compose.yaml:2: no YAML: an alias stands for something that it is part of itself"},
	{yaml: "-- compose.yaml --\nservices: {web: {image: a, env_file: bad.env}}\n-- bad.env --\nA=1\nB='x", want: "bad.env:2: unterminated quoted value 'x"},
	{yaml: "-- compose.yaml --\nservices: {web: {image: a}}\n-- .env --\nA B=1", want: ".env:1: key cannot contain a space"},
	{yaml: "services: {web: {image: a}}", opt: Options{Env: []string{"A"}}, want: `--env "A": want NAME=VALUE`},
	{yaml: "services: {web: {image: a}}", opt: Options{EnvFiles: []string{"no.env"}}, want: "--env-file no.env: is not there: want a file of the project"},
	{yaml: "services: {web: {image: a}}", opt: Options{Files: []string{"no.yaml"}}, want: "--compose-file no.yaml: is not there: want a file of the project"},
	{yaml: "services: {web: {image: a}}", opt: Options{Files: []string{"../no.yaml"}}, want: "--compose-file ../no.yaml: is outside of the project: name the folder above with --project-path, and the file below it with --compose-file"},
	{yaml: "-- README --", want: "the project has no compose file: want one of compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml, or name one with --compose-file"},
	{yaml: "services:\n  web: {image: a, volumes: ['/srv/data:/data']}", opt: Options{Strict: true},
		want: "compose.yaml:2: services.web.volumes: /srv/data is outside of the project: copy it into the project, use a named volume, or leave the service out with without-service --name web"},
	{yaml: "services:\n  web: {image: a}\n  x: {image: b, privileged: true}\n  y: {image: b, network_mode: host}", opt: Options{Strict: true},
		want: "compose.yaml:3: services.x.privileged: cannot be had here: all rights on the machine: take the element out, or leave the service out with without-service --name x\n" +
			"compose.yaml:4: services.y.network_mode: cannot be had here: the network of the machine: take the element out, or leave the service out with without-service --name y"},
}
