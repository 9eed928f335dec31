package compose

var imageRows = []row{
	{element: "image", yaml: "image: registry.example.com:5000/team/app:1.2@sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		want: "Build.Image=registry.example.com:5000/team/app:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nMode=container\nRestart.Policy=no\nRestart.FirstStart=true"},
	{element: "image", yaml: "image: Alpine", err: `compose.yaml:3: services.web.image: "Alpine": invalid reference format: repository name (library/Alpine) must be lowercase`},
	{element: "image", yaml: "services:\n  web: {image: app}\n  api: {image: 'app:latest', build: {context: ., dockerfile_inline: FROM alpine}}", want: "Build.Docker.Inline=FROM alpine\n!Build.Image"},
	{element: "platform", yaml: "platform: linux/arm64", want: "Build.Platform=linux/arm64"},
	{element: "pull_policy", yaml: "pull_policy: always"},
	{element: "pull_policy", yaml: "pull_policy: never", note: "compose.yaml:4: services.web.pull_policy: no effect: the image comes from its registry"},
	{element: "build", yaml: "-- docker/Dockerfile --\n-- app/main.go --\n-- npmrc --\n-- compose.yaml --\n" + `services:
  web:
    build:
      context: app
      dockerfile: ../docker/Dockerfile
      args: {VERSION: 2, NOT_GIVEN: null}
      target: dev
      ssh: [default]
      secrets: [npmrc, {source: token, target: tok}]
      additional_contexts: {lib: ./docker, base: "docker-image://alpine:3", other: "service:two"}
  two: {build: {context: ., dockerfile_inline: FROM alpine}}
secrets: {npmrc: {file: ./npmrc}, token: {environment: TOKEN}}
-- .env --
TOKEN=hidden`,
		want: `Build.Docker.Context=app
			Build.Docker.Dockerfile=docker/Dockerfile
			Build.Docker.Args[0].Name=VERSION
			Build.Docker.Args[0].Value=2
			!Build.Docker.Args[1]
			Build.Docker.Target=dev
			Build.Docker.SSH=true
			Build.Docker.Secrets[0].File=npmrc
			Build.Docker.Secrets[1].ID=tok
			Build.Docker.Secrets[1].Variable=TOKEN
			Build.Docker.Secrets[1].Value=hidden
			Build.Docker.Contexts[0].Image=alpine:3
			Build.Docker.Contexts[1].Dir=docker
			Build.Docker.Contexts[2].Service=two`},
	{element: "build", yaml: "build: {context: ., dockerfile_inline: FROM alpine, ssh: ['default=./id_rsa']}", want: "Build.Docker.SSH=true",
		note: "compose.yaml:3: services.web.build.ssh: id_rsa is not read: the agent of --build-ssh has the keys"},
	{element: "build", yaml: "build: {context: ., dockerfile_inline: FROM alpine, ssh: ['github=/agent.sock']}",
		want: "Build.Docker.SSH=true", note: "compose.yaml:3: services.web.build.ssh: /agent.sock is not read: the agent of --build-ssh has the keys"},
	{element: "build", yaml: "build: https://github.com/example/app.git#main:docker", want: "Build.Docker.Git=https://github.com/example/app.git#main:docker"},
	{element: "build", yaml: "build: {context: ., dockerfile_inline: FROM alpine}", want: "Build.Docker.Context=.\nBuild.Docker.Inline=FROM alpine\n!Build.Docker.Dockerfile"},
	{element: "build", yaml: "build: ..", err: "compose.yaml:3: services.web.build: .. is outside of the project: name the folder above with --project-path"},
	{element: "build", yaml: "build: missing", err: "compose.yaml:3: services.web.build: missing is no folder of the project"},
	{element: "build", yaml: "build: .", err: "compose.yaml:3: services.web.build.dockerfile: Dockerfile is not there: want a Dockerfile"},
	{element: "build.platforms", yaml: "build: {context: ., dockerfile_inline: FROM alpine, platforms: [linux/amd64, linux/arm64]}",
		want: "Build.Docker.Platform=linux/amd64", note: "services.web.build.platforms: linux/amd64 is built; a stack runs one platform"},
	{element: "build.labels", yaml: "build: {context: ., dockerfile_inline: FROM alpine, labels: {a: b}}"},
	{element: "build.tags", yaml: "build: {context: ., dockerfile_inline: FROM alpine, tags: [a]}"},
	{element: "build.pull", yaml: "build: {context: ., dockerfile_inline: FROM alpine, pull: true}"},
	{element: "build.provenance", yaml: "build: {context: ., dockerfile_inline: FROM alpine, provenance: true}"},
	{element: "build.sbom", yaml: "build: {context: ., dockerfile_inline: FROM alpine, sbom: true}"},
}

var processRows = []row{
	{element: "command", yaml: `command: serve --name "a b" $$HOME`, want: "Process.Args[0]=serve\nProcess.Args[2]=a b\nProcess.Args[3]=$HOME\n!Process.Entrypoint"},
	{element: "command", yaml: "command: [a, b c]", want: "Process.Args[1]=b c"},
	{element: "entrypoint", yaml: "entrypoint: /run.sh now", want: "Process.Entrypoint[0]=/run.sh\nProcess.Entrypoint[1]=now\n!Process.Args"},
	{element: "working_dir", yaml: "working_dir: /srv", want: "Process.Workdir=/srv"},
	{element: "working_dir", yaml: "working_dir: srv", err: `compose.yaml:4: services.web.working_dir: "srv": want an absolute path`},
	{element: "user", yaml: "user: '1000:1000'", want: "Process.User=1000:1000\n!Process.Root"},
	{element: "user", yaml: "user: root", want: "Process.User=root\nProcess.Root=true"},
	{element: "user", yaml: "init: false", want: "Process.Root=true\n!Process.User"},
	{element: "group_add", yaml: "group_add: [mail, 1001]", want: "Process.Groups[0]=mail\nProcess.Groups[1]=1001"},
	{element: "environment", yaml: "environment: {B: 2, A: 'x y', N: true, E: ''}", want: "Process.Env[0]=A=x y\nProcess.Env[1]=B=2\nProcess.Env[2]=E=\nProcess.Env[3]=N=true"},
	{element: "environment", yaml: "environment: ['A=1=2', 'DB_PASSWORD=hunter22', 'URL=postgres://u:pw@db/x', 'TOKEN_TTL=3600']",
		want: "Process.Env[0]=A=1=2\nProcess.Env[1]=DB_PASSWORD=hunter22 sensitive\nProcess.Env[2]=TOKEN_TTL=3600\nProcess.Env[3]=URL=postgres://u:pw@db/x sensitive"},
	{element: "environment", yaml: "environment: [A]", want: "Process.Env[0]=A unset", note: "compose.yaml:4: services.web.environment: variable A has no value and is not set: give it with --env A=VALUE"},
	{element: "env_file", yaml: "-- a.env --\nA=1\nB=$A\n-- raw.env --\nC='$A'\n-- compose.yaml --\nservices:\n  web: {image: a, env_file: [a.env, {path: raw.env, format: raw}, {path: no.env, required: false}], environment: {A: own}}",
		want: "Process.Env[0]=A=own\nProcess.Env[1]=B=own\nProcess.Env[2]=C='$A'"},
	{element: "env_file", yaml: "-- .env.dev-sample --\nA=1\n-- compose.yaml --\nservices:\n  web: {image: a, env_file: ./.env.dev}", want: "Process.Env[0]=A=1",
		note: ".env.dev-sample: its values count, because .env.dev is missing"},
	{element: "env_file", yaml: "-- db.example.env --\nA=1\n-- compose.yaml --\nservices:\n  web: {image: a, env_file: db.env}", want: "Process.Env[0]=A=1",
		note: "db.example.env: its values count, because db.env is missing"},
	{element: "env_file", yaml: "-- .env.example --\nA=1\n-- compose.yaml --\nservices:\n  web: {image: a, env_file: .env}", want: "Process.Env[0]=A=1",
		note: ".env.example: its values count, because .env is missing: copy the file and change what is yours"},
	{element: "env_file", yaml: "env_file: web.env", err: "compose.yaml:4: services.web.env_file: web.env is not there: make the file, or say required: false"},
	{element: "stop_signal", yaml: "stop_signal: usr1", want: "Process.StopSignal=SIGUSR1"},
	{element: "stop_signal", yaml: "stop_signal: '3'", want: "Process.StopSignal=SIGQUIT"},
	{element: "stop_grace_period", yaml: "stop_grace_period: 5s", want: "Process.StopGrace=5000000000"},
	{element: "stop_grace_period", yaml: "stop_grace_period: 1m", want: "Process.StopGrace=60000000000", note: "services.web.stop_grace_period: counts where the service is stopped or restarted by itself"},
	{element: "cap_add", yaml: "cap_add: [net_admin, CAP_IPC_LOCK]", want: "Process.Capabilities[13]=CAP_AUDIT_WRITE\nProcess.Capabilities[14]=CAP_NET_ADMIN\nProcess.Capabilities[15]=CAP_IPC_LOCK"},
	{element: "cap_add", yaml: "cap_add: [FLY]", err: "compose.yaml:4: services.web.cap_add: FLY: Linux has no such capability"},
	{element: "cap_drop", yaml: "cap_drop: [ALL]\ncap_add: [CHOWN]", want: "Process.Capabilities[0]=CAP_CHOWN\n!Process.Capabilities[1]"},
	{element: "cap_drop", yaml: "cap_drop: [NET_ADMIN, CHOWN]\ncap_add: [NET_ADMIN]", want: "Process.Capabilities[0]=CAP_DAC_OVERRIDE\nProcess.Capabilities[13]=CAP_NET_ADMIN"},
	{element: "security_opt", yaml: "security_opt: ['no-new-privileges:true']", want: "!Process.NewPrivileges"},
	{element: "security_opt", yaml: "security_opt: ['no-new-privileges=false']", want: "Process.NewPrivileges=true"},
	{element: "security_opt", yaml: "security_opt: [seccomp=unconfined]", note: "services.web.security_opt: no effect: Docker's default profile stays"},
	{element: "security_opt", yaml: "security_opt: ['label:disable']", note: "services.web.security_opt: no effect: the engine's own rules stay"},
}

var containerRows = []row{
	{element: "hostname", yaml: "hostname: box", want: "Container.Hostname=box\nContainer.Hosts[2].Name=box"},
	{element: "domainname", yaml: "domainname: example.com", want: "Container.Domainname=example.com"},
	{element: "init", yaml: "init: true", want: "Container.Init=true\nContainer.PID1=true"},
	{element: "tty", yaml: "tty: true", want: "Container.TTY=true"},
	{element: "stdin_open", yaml: "stdin_open: true", want: "Container.StdinOpen=true"},
	{element: "read_only", yaml: "read_only: true", want: "Container.ReadOnly=true"},
	{element: "shm_size", yaml: "shm_size: 1gb", want: "Container.ShmSize=1073741824"},
	{element: "sysctls", yaml: "sysctls: {net.core.somaxconn: 1024}", want: "Container.Sysctls[net.core.somaxconn]=1024"},
	{element: "ulimits", yaml: "ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}, core: -1}",
		want: "Container.Ulimits[0].Name=core\nContainer.Ulimits[0].Hard=-1\nContainer.Ulimits[1].Soft=20000\nContainer.Ulimits[1].Hard=40000\nContainer.Ulimits[2].Soft=65535"},
	{element: "tmpfs", yaml: "tmpfs: ['/run:size=64m,mode=755,uid=5', /tmp]",
		want: "Container.Mounts[0].Type=tmpfs\nContainer.Mounts[0].Size=67108864\nContainer.Mounts[0].FileMode=493\nContainer.Mounts[0].Options=uid=5\nContainer.Mounts[1].Target=/tmp"},
	{element: "post_start", yaml: "post_start: [{command: [a, b], user: root, working_dir: /w, environment: {A: 1}}]",
		want: "Container.PostStart[0].Args[1]=b\nContainer.PostStart[0].Root=true\nContainer.PostStart[0].Workdir=/w\nContainer.PostStart[0].Env[0]=A=1"},
	{element: "post_start.[].privileged", yaml: "post_start: [{command: [a], privileged: true}]", note: "services.web.post_start.privileged: no effect: the command has no more rights than its service"},
	{element: "pre_stop", yaml: "pre_stop: [{command: bye now}]", want: "Container.PreStop[0].Args[1]=now\n!Container.PreStop[0].Root"},
	{element: "pre_stop.[].privileged", yaml: "pre_stop: [{command: [a], privileged: true}]", note: "services.web.pre_stop.privileged: no effect"},
	{element: "pre_start", yaml: "pre_start: [{command: [migrate]}]", want: "DependsOn[0].Service=web-pre-start-1\nDependsOn[0].Condition=completed_successfully"},
	{element: "pre_start.[].per_replica", yaml: "pre_start: [{command: [migrate], per_replica: true}]", note: "services.web.pre_start.per_replica: no effect: it runs once for all instances"},
	{element: "container_name", yaml: "container_name: the-web", want: "Container.Hosts[2].Name=the-web"},
	{element: "labels", yaml: "labels: {a: b}"},
	{element: "annotations", yaml: "annotations: {a: b}"},
	{element: "label_file", yaml: "-- l --\na=b\n-- compose.yaml --\nservices:\n  web: {image: a, label_file: l}"},
	{element: "attach", yaml: "attach: false"},
	{element: "logging", yaml: "logging: {driver: json-file, options: {max-size: 10m, max-file: '3'}}", want: "Log.MaxSize=10485760\nLog.MaxFiles=3"},
	{element: "logging", yaml: "logging: {driver: syslog}", note: "services.web.logging.driver: no effect: the stack keeps the log"},
	{element: "logging", yaml: "logging: {options: {max-size: 10k}}", want: "Log.MaxSize=1048576", note: "services.web.logging.options.max-size: 1MiB instead of 10k"},
	{element: "logging", yaml: "logging: {options: {tag: x}}", note: "services.web.logging.options.tag: no effect"},
}

var orderRows = []row{
	{element: "depends_on", yaml: `services:
  web: {image: a, depends_on: {db: {condition: service_healthy, restart: true}, job: {condition: service_completed_successfully}, opt: {condition: service_started, required: false}, off: {condition: service_started, required: false}}}
  db: {image: b}
  job: {image: c}
  opt: {image: d}
  off: {image: e, profiles: [x]}`,
		want: `DependsOn[0].Service=db
			DependsOn[0].Restart=true
			!DependsOn[0].Condition
			DependsOn[1].Service=job
			DependsOn[1].Condition=completed_successfully
			DependsOn[2].Condition=started
			DependsOn[2].Optional=true
			!DependsOn[3]`},
	{element: "depends_on", yaml: "depends_on: [db]", err: `compose.yaml:4: service "web" depends on undefined service "db"`},
	{element: "links", yaml: "services:\n  web: {image: a, links: ['db:database']}\n  db: {image: b}", want: "DependsOn[0].Service=db\nContainer.Hosts[6].Name=database\nContainer.Hosts[6].Service=db"},
	{element: "profiles", yaml: "services:\n  web: {image: a}\n  debug: {image: b, profiles: [debug]}", want: "Name=web"},
	{element: "profiles", yaml: `profiles: ["${UNSET:-}"]`, want: "Name=web"},
	{element: "restart", yaml: "restart: on-failure:3", want: "Restart.Policy=on-failure\nRestart.MaxRetries=3\nRestart.FirstStart=true"},
	{element: "restart", yaml: "restart: unless-stopped", want: "Restart.Policy=always"},
	{element: "restart", yaml: "restart: sometimes", err: `compose.yaml:4: services.web.restart: "sometimes": want no, always, unless-stopped or on-failure`},
	{element: "deploy.restart_policy", yaml: "restart: always\ndeploy: {restart_policy: {condition: on-failure, max_attempts: 2}}", want: "Restart.Policy=on-failure\nRestart.MaxRetries=2"},
	{element: "healthcheck", yaml: "healthcheck: {test: [CMD, curl, localhost], interval: 5s, timeout: 2s, retries: 4, start_period: 10s, start_interval: 1s}",
		want: "Probe.Exec[0]=curl\nProbe.Interval=5000000000\nProbe.Timeout=2000000000\nProbe.Retries=4\nProbe.StartPeriod=30000000000\nProbe.StartInterval=1000000000"},
	{element: "healthcheck", yaml: "healthcheck: {test: curl -f localhost || exit 1}", want: "Probe.Exec[0]=/bin/sh\nProbe.Exec[1]=-c\nProbe.Exec[2]=curl -f localhost || exit 1\nProbe.Interval=30000000000\nProbe.Timeout=30000000000\nProbe.Retries=3\nProbe.StartPeriod=90000000000\nProbe.StartInterval=250000000"},
	{element: "healthcheck", yaml: "healthcheck: {test: [NONE]}", want: "NoProbe=true\n!Probe"},
	{element: "healthcheck", yaml: "healthcheck: {disable: true}", want: "NoProbe=true\n!Probe"},
	{element: "healthcheck", yaml: "healthcheck: {interval: 1s}", want: "Probe.Interval=1000000000\n!Probe.Exec"},
	{element: "extends", yaml: "-- base.yaml --\nservices:\n  base: {image: a, environment: {A: 1}, privileged: true}\n-- compose.yaml --\nservices:\n  web: {extends: {file: base.yaml, service: base}}\n  other: {image: b}",
		leftOut: "web: base.yaml:2: services.web.privileged: cannot be had here: all rights on the machine"},
	{element: "top: include", yaml: "-- db/compose.yaml --\nservices:\n  db: {image: b, volumes: ['./data:/data']}\n-- compose.yaml --\ninclude: [db/compose.yaml]\nservices:\n  web: {image: a, depends_on: [db]}", want: "DependsOn[0].Service=db"},
	{element: "top: name", yaml: "name: my_shop\nservices:\n  web: {image: a}", want: "Container.Hosts[2].Name=my_shop-web-1"},
	{element: "top: services", yaml: "services:\n  Web.App_1: {image: a}\n  web: {image: b}", want: "Container.Hosts[0].Name=Web.App_1\nContainer.Hosts[0].Name=Web.App_1"},
	{element: "top: services", yaml: "services:\n  hosts: {image: a}", err: `compose.yaml:2: services.hosts: service name "hosts" is reserved: choose another`},
	{element: "top: version", yaml: "services:\n  web: {image: a}\nversion: '3.8'", want: "Name=web"},
	{element: "top: models", yaml: "services:\n  web: {image: a}\nmodels: {m: {model: x}}", want: "Name=web"},
	{element: "top: jobs", yaml: "services:\n  web: {image: a}\njobs: {j: {image: a, triggers: {manual: true}}}", note: "compose.yaml:3: jobs: no effect on up"},
}

var dataRows = []row{
	{element: "volumes", yaml: "-- conf/a.conf --\n-- src/main.go --\n-- compose.yaml --\nservices:\n  web: {image: a, volumes: ['./conf/a.conf:/a:ro', './src:/src', './none:/none']}",
		want: "Container.Mounts[0].File=true\n!Container.Mounts[1].File\n!Container.Mounts[1].Missing\nContainer.Mounts[2].Missing=true"},
	{element: "volumes", yaml: "services:\n  web: {image: a, volumes: ['data:/data:ro', '/cache', './src:/app', './conf/a.conf:/etc/a.conf:ro', {type: volume, source: data, target: /sub, volume: {nocopy: true, subpath: x}}, {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0700}}]}\nvolumes: {data: {}}",
		want: `Container.Mounts[0].Type=volume
			Container.Mounts[0].Source=data
			Container.Mounts[0].ReadOnly=true
			Container.Mounts[1].Source=web-cache
			Container.Mounts[1].Target=/cache
			Container.Mounts[2].Type=bind
			Container.Mounts[2].Source=src
			Container.Mounts[3].Source=conf/a.conf
			Container.Mounts[4].NoCopy=true
			Container.Mounts[4].Subpath=x
			Container.Mounts[5].Type=tmpfs
			Container.Mounts[5].Size=1048576
			Container.Mounts[5].FileMode=448`},
	{element: "volumes", yaml: "volumes: ['${PWD}/a:/a']", want: "Container.Mounts[0].Source=a"},
	{element: "volumes", yaml: "volumes: ['/dev/null:/app/.env:ro']", want: "!Container.Mounts\nFiles[0].Path=/app/.env\nFiles[0].Mode=438"},
	{element: "volumes", yaml: "volumes: ['/etc/localtime:/etc/localtime:ro']", want: "!Container.Mounts", note: "compose.yaml:4: services.web.volumes: no effect: /etc/localtime of the machine cannot be mounted"},
	{element: "volumes", yaml: "services:\n  web: {image: a}\n  agent: {image: b, volumes: ['/var/run/docker.sock:/var/run/docker.sock']}", leftOut: "agent: compose.yaml:3: services.agent.volumes: cannot be had here: the Docker socket"},
	{element: "volumes", yaml: "services:\n  web: {image: a}\n  agent: {image: b, volumes: ['/:/host:ro']}", leftOut: "agent: compose.yaml:3: services.agent.volumes: cannot be had here: / of the machine"},
	{element: "volumes", yaml: "services:\n  web: {image: a, volumes: ['/srv/data:/data', '~/world:/w', 'named:/n']}\nvolumes: {named: {driver_opts: {type: none, o: bind, device: /mnt/n}}}",
		want: "Container.Mounts[0].Type=bind\nContainer.Mounts[0].Source=@machine/srv/data\nContainer.Mounts[0].Missing=true\nContainer.Mounts[1].Source=@machine/~/world\nContainer.Mounts[2].Type=volume",
		note: "services.web.volumes: /srv/data of the machine cannot be seen: a folder of the stack is in its place, empty at first"},
	{element: "volumes", yaml: "volumes: [{type: image, source: 'docs:1', target: /docs, image: {subpath: html}}]",
		want: "Container.Mounts[0].Type=image\nContainer.Mounts[0].Source=docs:1\nContainer.Mounts[0].Subpath=html\nContainer.Mounts[0].ReadOnly=true"},
	{element: "volumes", yaml: "services:\n  web: {image: a}\n  own: {build: {dockerfile_inline: FROM alpine}, image: 'own:1'}\n  user: {image: b, volumes: [{type: image, source: 'own:1', target: /own}]}",
		leftOut: "user: compose.yaml:4: services.user.volumes: cannot be had here: a mount of the files of an image that the file builds (own)"},
	{element: "volumes", yaml: "volumes: ['v:/v']", err: `compose.yaml:4: services.web.volumes: "v:/v": docker compose takes v: for a drive of Windows: a volume's name needs two letters`},
	{element: "volumes", yaml: "volumes: ['/srv/app.conf:/app.conf']", err: "compose.yaml:4: services.web.volumes: /srv/app.conf is outside of the project"},
	{element: "volumes", yaml: "volumes: ['/srv/data:/data:ro']", err: "compose.yaml:4: services.web.volumes: /srv/data is outside of the project: copy it into the project, use a named volume, or leave the service out with without-service --name web"},
	{element: "volumes", yaml: "volumes: ['../data:/data']", err: "compose.yaml:4: services.web.volumes: ../data is outside of the project: name the folder above with --project-path"},
	{element: "volumes.[].bind", yaml: "volumes: [{type: bind, source: ./no, target: /a, bind: {create_host_path: false}}]", err: "compose.yaml:4: services.web.volumes: no is not there"},
	{element: "volumes.[].bind.propagation", yaml: "volumes: [{type: bind, source: ./a, target: /a, bind: {propagation: rslave}}]", note: "services.web.volumes.bind.propagation: no effect"},
	{element: "volumes_from", yaml: "services:\n  web: {image: a, volumes_from: ['db:ro']}\n  db: {image: b, volumes: ['data:/data', '/own']}\nvolumes: {data: {}}",
		want: "Container.Mounts[0].Source=data\n!Container.Mounts[0].ReadOnly\nContainer.Mounts[1].Source=db-own"},
	{element: "secrets", yaml: "-- token --\nx\n-- compose.yaml --\nservices:\n  web: {image: a, secrets: [token, {source: env, target: /etc/env, uid: '5', gid: '6', mode: 0400}]}\nsecrets: {token: {file: ./token}, env: {environment: TOKEN}}\n-- .env --\nTOKEN=hidden",
		want: `Files[0].Path=/run/secrets/token
			Files[0].Source=token
			Files[0].Sensitive=true
			Files[0].UID=0
			!Files[0].Mode
			Files[1].Path=/etc/env
			Files[1].Content=hidden
			Files[1].UID=5
			Files[1].GID=6
			Files[1].Mode=256`},
	{element: "top: secrets", yaml: "services:\n  web: {image: a, secrets: [token]}\nsecrets: {token: {external: true}}", want: "Files[0].Content=<external-token>",
		note: "compose.yaml:3: secrets.token: is not in the files: with-external-secret --name token gives it"},
	{element: "top: secrets", yaml: "services:\n  web: {image: a, secrets: [token]}\nsecrets: {token: {environment: TOKEN}}",
		err: "compose.yaml:3: secrets.token.environment: variable TOKEN is required and has no value: give it with --env TOKEN=VALUE"},
	{element: "top: secrets", yaml: "services:\n  web: {image: a, secrets: [token]}\nsecrets: {token: {file: ./no}}", err: "compose.yaml:3: secrets.token.file: no is not there: make the file"},
	{element: "configs", yaml: "services:\n  web: {image: a, configs: [{source: app, target: /etc/app.conf}]}\nconfigs: {app: {content: 'a=${A:-1}'}}", want: "Files[0].Path=/etc/app.conf\nFiles[0].Content=a=1\n!Files[0].Sensitive"},
	{element: "configs", yaml: "-- conf/a --\n-- compose.yaml --\nservices:\n  web: {image: a, configs: [{source: app, target: /etc/app}]}\nconfigs: {app: {file: ./conf}}", want: "Container.Mounts[0].Source=conf\nContainer.Mounts[0].Target=/etc/app\nContainer.Mounts[0].ReadOnly=true\n!Files"},
	{element: "top: configs", yaml: "services:\n  web: {image: a, configs: [app]}\nconfigs: {app: {environment: APP}}\n-- .env --\nAPP=x", want: "Files[0].Path=/app\nFiles[0].Content=x"},
	{element: "top: volumes", yaml: "services:\n  web: {image: a, volumes: ['data:/data']}\nvolumes: {data: {name: other, labels: {a: b}}}", want: "Container.Mounts[0].Source=data"},
	{element: "top: volumes.*.external", yaml: "services:\n  web: {image: a, volumes: ['data:/data']}\nvolumes: {data: {external: true}}", want: "Container.Mounts[0].Source=data", note: "compose.yaml:3: volumes.data.external: is a volume of this stack alone"},
	{element: "top: volumes.*.driver_opts", yaml: "services:\n  web: {image: a, volumes: ['data:/data', 'mem:/mem']}\nvolumes: {data: {driver_opts: {type: none, o: bind, device: ./d}, driver: local}, mem: {driver_opts: {type: tmpfs, o: 'size=1m', device: tmpfs}}}",
		want: "Container.Mounts[0].Type=bind\nContainer.Mounts[0].Source=d\nContainer.Mounts[1].Type=tmpfs\nContainer.Mounts[1].Size=1048576"},
	{element: "top: volumes.*.driver", yaml: "services:\n  web: {image: a}\n  x: {image: a, volumes: ['data:/data']}\nvolumes: {data: {driver: rexray}}", leftOut: "x: compose.yaml:3: services.x.volumes: cannot be had here: a volume of the driver rexray"},
}
