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
	{element: "restart", yaml: "restart: on-failure:3", want: "Restart.Policy=on-failure\nRestart.MaxRetries=3\nRestart.FirstStart=true"},
	{element: "restart", yaml: "restart: unless-stopped", want: "Restart.Policy=always"},
	{element: "restart", yaml: "restart: sometimes", err: `compose.yaml:4: services.web.restart: "sometimes": want no, always, unless-stopped or on-failure`},
	{element: "deploy.restart_policy", yaml: "restart: always\ndeploy: {restart_policy: {condition: on-failure, max_attempts: 2}}", want: "Restart.Policy=on-failure\nRestart.MaxRetries=2"},
	{element: "healthcheck", yaml: "healthcheck: {test: [CMD, curl, localhost], interval: 5s, timeout: 2s, retries: 4, start_period: 10s, start_interval: 1s}",
		want: "Probe.Exec[0]=curl\nProbe.Interval=5000000000\nProbe.Timeout=2000000000\nProbe.Retries=4\nProbe.StartPeriod=30000000000\nProbe.StartInterval=1000000000"},
	{element: "healthcheck", yaml: "healthcheck: {test: curl -f localhost || exit 1}", want: "Probe.Exec[0]=/bin/sh\nProbe.Exec[1]=-c\nProbe.Exec[2]=curl -f localhost || exit 1\nProbe.Interval=30000000000\nProbe.Timeout=30000000000\nProbe.Retries=3\nProbe.StartPeriod=90000000000"},
	{element: "healthcheck", yaml: "healthcheck: {test: [NONE]}", want: "NoProbe=true\n!Probe"},
	{element: "healthcheck", yaml: "healthcheck: {disable: true}", want: "NoProbe=true\n!Probe"},
	{element: "healthcheck", yaml: "healthcheck: {interval: 1s}", want: "Probe.Interval=1000000000\n!Probe.Exec"},
	{element: "extends", yaml: "-- base.yaml --\nservices:\n  base: {image: a, environment: {A: 1}, privileged: true}\n-- compose.yaml --\nservices:\n  web: {extends: {file: base.yaml, service: base}}\n  other: {image: b}",
		leftOut: "web: base.yaml:2: services.web.privileged: cannot be had here: all rights on the machine"},
	{element: "top: include", yaml: "-- db/compose.yaml --\nservices:\n  db: {image: b, volumes: ['./data:/data']}\n-- compose.yaml --\ninclude: [db/compose.yaml]\nservices:\n  web: {image: a, depends_on: [db]}", want: "DependsOn[0].Service=db"},
	{element: "top: name", yaml: "name: my_shop\nservices:\n  web: {image: a}", want: "Container.Hosts[2].Name=my_shop-web-1"},
	{element: "top: services", yaml: "services:\n  Web.App_1: {image: a}\n  web: {image: b}", want: "Container.Hosts[0].Name=Web.App_1"},
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
	{element: "volumes", yaml: "volumes: ['/etc/localtime:/etc/localtime:ro']", want: "!Container.Mounts", note: "compose.yaml:4: services.web.volumes: no effect: /etc/localtime of the machine cannot be mounted"},
	{element: "volumes", yaml: "services:\n  web: {image: a}\n  agent: {image: b, volumes: ['/var/run/docker.sock:/var/run/docker.sock']}", leftOut: "agent: compose.yaml:3: services.agent.volumes: cannot be had here: the Docker socket"},
	{element: "volumes", yaml: "services:\n  web: {image: a}\n  agent: {image: b, volumes: ['/:/host:ro']}", leftOut: "agent: compose.yaml:3: services.agent.volumes: cannot be had here: / of the machine"},
	{element: "volumes", yaml: "volumes: ['/srv/data:/data']", err: "compose.yaml:4: services.web.volumes: /srv/data is outside of the project: copy it into the project, use a named volume, or leave the service out with without-service --service web"},
	{element: "volumes", yaml: "volumes: ['../data:/data']", err: "compose.yaml:4: services.web.volumes: ../data is outside of the project: name the folder above with --project-path"},
	{element: "volumes.[].bind", yaml: "volumes: [{type: bind, source: ./no, target: /a, bind: {create_host_path: false}}]", err: "compose.yaml:4: services.web.volumes: no is not there"},
	{element: "volumes.[].bind.propagation", yaml: "volumes: [{type: bind, source: ./a, target: /a, bind: {propagation: rslave}}]", note: "services.web.volumes.bind.propagation: no effect"},
	{element: "volumes_from", yaml: "services:\n  web: {image: a, volumes_from: ['db:ro']}\n  db: {image: b, volumes: ['data:/data', '/own']}\nvolumes: {data: {}}",
		want: "Container.Mounts[0].Source=data\nContainer.Mounts[0].ReadOnly=true\nContainer.Mounts[1].Source=db-own"},
	{element: "secrets", yaml: "-- token --\nx\n-- compose.yaml --\nservices:\n  web: {image: a, secrets: [token, {source: env, target: /etc/env, uid: '5', gid: '6', mode: 0400}]}\nsecrets: {token: {file: ./token}, env: {environment: TOKEN}}\n-- .env --\nTOKEN=hidden",
		want: `Files[0].Path=/run/secrets/token
			Files[0].Source=token
			Files[0].Sensitive=true
			Files[0].UID=0
			Files[0].Mode=292
			Files[1].Path=/etc/env
			Files[1].Content=hidden
			Files[1].UID=5
			Files[1].GID=6
			Files[1].Mode=256`},
	{element: "top: secrets", yaml: "services:\n  web: {image: a, secrets: [token]}\nsecrets: {token: {external: true}}", want: "Files[0].Content=<external-token>",
		note: "compose.yaml:3: secrets.token: is not in the files: give it as the secret external-token"},
	{element: "top: secrets", yaml: "services:\n  web: {image: a, secrets: [token]}\nsecrets: {token: {environment: TOKEN}}",
		err: "compose.yaml:3: secrets.token.environment: variable TOKEN is required and has no value: give it with --env TOKEN=VALUE"},
	{element: "top: secrets", yaml: "services:\n  web: {image: a, secrets: [token]}\nsecrets: {token: {file: ./no}}", err: "compose.yaml:3: secrets.token.file: no is not there: make the file"},
	{element: "configs", yaml: "services:\n  web: {image: a, configs: [{source: app, target: /etc/app.conf}]}\nconfigs: {app: {content: 'a=${A:-1}'}}", want: "Files[0].Path=/etc/app.conf\nFiles[0].Content=a=1\n!Files[0].Sensitive"},
	{element: "top: configs", yaml: "services:\n  web: {image: a, configs: [app]}\nconfigs: {app: {environment: APP}}\n-- .env --\nAPP=x", want: "Files[0].Path=/app\nFiles[0].Content=x"},
	{element: "top: volumes", yaml: "services:\n  web: {image: a, volumes: ['data:/data']}\nvolumes: {data: {name: other, labels: {a: b}}}", want: "Container.Mounts[0].Source=data"},
	{element: "top: volumes.*.external", yaml: "services:\n  web: {image: a, volumes: ['data:/data']}\nvolumes: {data: {external: true}}", want: "Container.Mounts[0].Source=data", note: "compose.yaml:3: volumes.data.external: is a volume of this stack alone"},
	{element: "top: volumes.*.driver_opts", yaml: "services:\n  web: {image: a, volumes: ['data:/data', 'mem:/mem']}\nvolumes: {data: {driver_opts: {type: none, o: bind, device: ./d}, driver: local}, mem: {driver_opts: {type: tmpfs, o: 'size=1m', device: tmpfs}}}",
		want: "Container.Mounts[0].Type=bind\nContainer.Mounts[0].Source=d\nContainer.Mounts[1].Type=tmpfs\nContainer.Mounts[1].Size=1048576"},
	{element: "top: volumes.*.driver", yaml: "services:\n  web: {image: a}\n  x: {image: a, volumes: ['data:/data']}\nvolumes: {data: {driver: rexray}}", leftOut: "x: compose.yaml:3: services.x.volumes: cannot be had here: a volume of the driver rexray"},
}

var networkRows = []row{
	{element: "ports", yaml: "ports: ['8080:80', '9000:9000/udp', 7000-7001:70-71, {target: 90, published: '9090'}]", want: `Ports[0].Container=80
			Ports[0].Published=8080
			Ports[1].Published=7000
			Ports[2].Container=71
			Ports[3].Published=9090`, note: "compose.yaml:4: services.web.ports: no effect: udp ports cannot be published"},
	{element: "ports", yaml: "ports: ['127.0.0.1:8080:80']", want: "Ports[0].Published=8080", note: "compose.yaml:4: services.web.ports: is published on all addresses of the machine, not on 127.0.0.1 alone"},
	{element: "ports", yaml: "ports: ['3000', '80']", want: "Ports[0].Published=3000\nPorts[1].Published=8080", note: "services.web.ports: is published as 3000: a random number cannot be had"},
	{element: "ports", yaml: "ports: ['80:8080']", want: "Ports[0].Published=80", note: "services.web.ports: is published as 80, which a caller who is not root cannot have: choose another with --publish web:8080=8080"},
	{element: "ports", yaml: "ports: ['eighty:80']", err: "compose.yaml:4: Invalid hostPort: eighty"},
	{element: "ports", yaml: "services:\n  web: {image: a, ports: ['8080:80']}\n  two: {image: a, ports: ['8080:90']}", err: "compose.yaml:3: services.two.ports: 8080 is published by web as well"},
	{element: "expose", yaml: "expose: ['80', '90-91', '53/udp']", want: "Ports[0].Container=80\nPorts[2].Container=91\n!Ports[3]\n!Ports[0].Published"},
	{element: "networks", yaml: "services:\n  web: {image: a, networks: [front]}\n  api: {image: a, networks: {front: {aliases: [backend]}, back: }}\n  db: {image: a, networks: [back]}\nnetworks: {front: , back: }",
		want: "Container.Hosts[3].Name=api\nContainer.Hosts[4].Name=api.default_front\nContainer.Hosts[5].Name=backend\nContainer.Hosts[5].Service=api\nContainer.Hosts[6].Name=default-api-1\n!Container.Hosts[7]"},
	{element: "networks.*.priority", yaml: "services:\n  web: {image: a, networks: {n: {priority: 5}}}\nnetworks: {n: }", want: "Name=web"},
	{element: "top: networks", yaml: "services:\n  web: {image: a, networks: [n]}\nnetworks: {n: {name: x, attachable: true, labels: {a: b}}}", want: "Container.Hosts[1].Name=web.x"},
	{element: "top: networks.*.driver", yaml: "services:\n  web: {image: a, networks: [n]}\nnetworks: {n: {driver: bridge}}", want: "Name=web"},
	{element: "top: networks.*.driver", yaml: "services:\n  web: {image: a, networks: [n]}\nnetworks: {n: {driver: macvlan}}", note: "networks.n.driver: no effect"},
	{element: "extra_hosts", yaml: "extra_hosts: ['one:10.0.0.1', 'gone=10.0.0.2']", want: "Container.Hosts[3].Name=gone\nContainer.Hosts[4].IP=10.0.0.1"},
	{element: "extra_hosts", yaml: "extra_hosts: ['host.docker.internal:host-gateway']", want: "!Container.Hosts[3]", note: "services.web.extra_hosts: no effect: host.docker.internal does not resolve"},
	{element: "extra_hosts", yaml: "extra_hosts: ['one:nowhere']", err: `services.web.extra_hosts: "nowhere": want an IP address or host-gateway`},
	{element: "network_mode", yaml: "network_mode: none", want: "Container.Hosts[0].Name=web\n!Container.Hosts[3]", note: "compose.yaml:4: services.web.network_mode: no effect"},
	{element: "network_mode", yaml: "network_mode: bridge", want: "Container.Hosts[0].Name=web"},
	{element: "ipc", yaml: "ipc: host", note: "services.web.ipc: no effect: the service has shared memory of its own"},
}

var resourceRows = []row{
	{element: "mem_limit", yaml: "mem_limit: 512m", want: "Limits.Memory=536870912\n!Limits.CPUs"},
	{element: "mem_limit", yaml: "mem_limit: 1m", err: "services.web: 1048576 bytes of memory: want at least 6m"},
	{element: "cpus", yaml: "cpus: 1.5", want: "Limits.CPUs=1.5"},
	{element: "cpu_quota", yaml: "cpu_quota: 50000", want: "Limits.CPUs=0.5"},
	{element: "cpu_period", yaml: "cpu_quota: 50000\ncpu_period: 25000", want: "Limits.CPUs=2"},
	{element: "pids_limit", yaml: "pids_limit: 50", want: "Limits.Pids=50"},
	{element: "pids_limit", yaml: "pids_limit: -1", want: "!Limits.Pids"},
	{element: "deploy", yaml: "deploy: {}"},
	{element: "deploy.labels", yaml: "deploy: {labels: {a: b}}"},
	{element: "deploy.resources", yaml: "deploy: {resources: {}}"},
	{element: "deploy.resources.limits", yaml: "deploy: {resources: {limits: {cpus: '0.5', memory: 64M, pids: 10}}}", want: "Limits.CPUs=0.5\nLimits.Memory=67108864\nLimits.Pids=10"},
	{element: "deploy.replicas", yaml: "services:\n  web: {image: a, depends_on: [api]}\n  api: {image: b, deploy: {replicas: 2}}", want: "DependsOn[0].Service=api-1\nDependsOn[1].Service=api-2"},
	{element: "scale", yaml: "services:\n  web: {image: a}\n  api: {image: b, scale: 0}", want: "Name=web", note: "services.api.scale: no instance"},
	{element: "deploy.mode", yaml: "deploy: {mode: replicated}"},
	{element: "deploy.mode", yaml: "deploy: {mode: global}", note: "services.web.deploy.mode: one instance: there is one machine"},
	{element: "deploy.mode", yaml: "deploy: {mode: replicated-job}", want: "Mode=job"},
}

// with is a service that can be had, beside one that cannot.
func with(yaml string) string {
	return "services:\n  web: {image: a}\n  x:\n    " + yaml + "\n    image: b\n"
}

var impossibleRows = []row{
	{element: "privileged", yaml: with("privileged: true"), leftOut: "x: compose.yaml:4: services.x.privileged: cannot be had here: all rights on the machine"},
	{element: "privileged", yaml: "privileged: false"},
	{element: "privileged", yaml: "privileged: true", err: "compose.yaml:4: services.web.privileged: cannot be had here: all rights on the machine: nothing is left of the stack"},
	{element: "privileged", yaml: "services:\n  web: {image: a, depends_on: [x]}\n  x: {image: b, privileged: true}",
		err: "compose.yaml:3: services.x.privileged: cannot be had here: all rights on the machine, and web needs x: take the element out, or leave these services out with without-service"},
	{element: "devices", yaml: with("devices: ['/dev/ttyUSB0:/dev/ttyUSB0']"), leftOut: "compose.yaml:4: services.x.devices: cannot be had here: a device of the machine"},
	{element: "device_cgroup_rules", yaml: with("device_cgroup_rules: ['c 1:3 mr']"), leftOut: "services.x.device_cgroup_rules: cannot be had here: a device of the machine"},
	{element: "gpus", yaml: with("gpus: all"), leftOut: "services.x.gpus: cannot be had here: a GPU of the machine"},
	{element: "deploy.resources.reservations.devices", yaml: with("deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}"), leftOut: "services.x.deploy.resources.reservations.devices: cannot be had here: a device of the machine"},
	{element: "use_api_socket", yaml: with("use_api_socket: true"), leftOut: "services.x.use_api_socket: cannot be had here: the Docker socket"},
	{element: "provider", yaml: "services:\n  web: {image: a}\n  x: {provider: {type: model}}", leftOut: "services.x.provider: cannot be had here: a program of the machine that provides the service"},
	{element: "models", yaml: "services:\n  web: {image: a}\n  x: {image: b, models: [m]}\nmodels: {m: {model: y}}", leftOut: "services.x.models: cannot be had here: a model runner"},
	{element: "network_mode", yaml: with("network_mode: host"), leftOut: "services.x.network_mode: cannot be had here: the network of the machine"},
	{element: "network_mode", yaml: with("network_mode: service:web"), leftOut: "services.x.network_mode: cannot be had here: the network of another container (web)"},
	{element: "pid", yaml: with("pid: host"), leftOut: "services.x.pid: cannot be had here: the processes of the machine"},
	{element: "ipc", yaml: with("ipc: service:web"), leftOut: "services.x.ipc: cannot be had here: the shared memory of another container (web)"},
	{element: "cap_add", yaml: with("cap_add: [SYS_ADMIN]"), leftOut: "services.x.cap_add: cannot be had here: the capability SYS_ADMIN, which reaches beyond the container"},
	{element: "sysctls", yaml: with("sysctls: {vm.max_map_count: 262144}"), leftOut: "services.x.sysctls.vm.max_map_count: cannot be had here: a setting of the machine's kernel"},
	{element: "runtime", yaml: with("runtime: nvidia"), leftOut: "services.x.runtime: cannot be had here: a GPU of the machine"},
	{element: "runtime", yaml: "runtime: runsc", note: "services.web.runtime: no effect: the engine runs the service"},
}

// quiet is a row of an element that has no effect.
func quiet(element, yaml string) row { return row{element: element, yaml: yaml, note: "no effect"} }

// ofBuild is the same of an element of a build.
func ofBuild(yaml string) string {
	return "build: {context: ., dockerfile_inline: FROM alpine, " + yaml + "}"
}

var noEffectRows = []row{
	quiet("blkio_config", "blkio_config: {weight: 300}"),
	quiet("build.cache_from", ofBuild("cache_from: [a]")),
	quiet("build.cache_to", ofBuild("cache_to: [a]")),
	quiet("build.entitlements", ofBuild("entitlements: [network.host]")),
	quiet("build.extra_hosts", ofBuild("extra_hosts: ['a:10.0.0.1']")),
	quiet("build.isolation", ofBuild("isolation: default")),
	quiet("build.network", ofBuild("network: host")),
	quiet("build.no_cache", ofBuild("no_cache: true")),
	quiet("build.privileged", ofBuild("privileged: true")),
	quiet("build.shm_size", ofBuild("shm_size: 1g")),
	quiet("build.ulimits", ofBuild("ulimits: {nofile: 10}")),
	quiet("cgroup", "cgroup: private"),
	quiet("cgroup_parent", "cgroup_parent: x"),
	quiet("cpu_count", "cpu_count: 2"),
	quiet("cpu_percent", "cpu_percent: 50"),
	quiet("cpu_rt_period", "cpu_rt_period: 1000"),
	quiet("cpu_rt_runtime", "cpu_rt_runtime: 1000"),
	quiet("cpu_shares", "cpu_shares: 100"),
	quiet("cpuset", "cpuset: '0'"),
	quiet("credential_spec", "credential_spec: {file: x.json}"),
	quiet("deploy.endpoint_mode", "deploy: {endpoint_mode: vip}"),
	quiet("deploy.placement", "deploy: {placement: {constraints: [node.role == manager]}}"),
	quiet("deploy.rollback_config", "deploy: {rollback_config: {order: stop-first}}"),
	quiet("deploy.update_config", "deploy: {update_config: {order: stop-first}}"),
	quiet("deploy.resources.reservations.cpus", "deploy: {resources: {reservations: {cpus: '1'}}}"),
	quiet("deploy.resources.reservations.memory", "deploy: {resources: {reservations: {memory: 1g}}}"),
	quiet("deploy.resources.reservations.generic_resources", "deploy: {resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]}}}"),
	quiet("deploy.restart_policy.delay", "deploy: {restart_policy: {condition: any, delay: 5s}}"),
	quiet("deploy.restart_policy.window", "deploy: {restart_policy: {condition: any, window: 5s}}"),
	quiet("develop", "develop: {watch: [{path: ., action: rebuild}]}"),
	quiet("dns", "dns: 8.8.8.8"),
	quiet("dns_opt", "dns_opt: [use-vc]"),
	quiet("dns_search", "dns_search: example.com"),
	quiet("external_links", "external_links: [other]"),
	quiet("isolation", "isolation: default"),
	quiet("mac_address", "mac_address: 02:42:ac:11:65:43"),
	quiet("mem_reservation", "mem_reservation: 10m"),
	quiet("mem_swappiness", "mem_swappiness: 10"),
	quiet("memswap_limit", "memswap_limit: 1g"),
	quiet("networks.*.driver_opts", "networks: {default: {driver_opts: {a: b}}}"),
	quiet("networks.*.gw_priority", "networks: {default: {gw_priority: 1}}"),
	quiet("networks.*.interface_name", "networks: {default: {interface_name: eth7}}"),
	quiet("networks.*.ipv4_address", "networks: {default: {ipv4_address: 172.16.238.10}}"),
	quiet("networks.*.ipv6_address", "networks: {default: {ipv6_address: '2001:3984:3989::10'}}"),
	quiet("networks.*.link_local_ips", "networks: {default: {link_local_ips: [57.123.22.11]}}"),
	quiet("networks.*.mac_address", "networks: {default: {mac_address: '02:42:ac:11:65:43'}}"),
	quiet("oom_kill_disable", "oom_kill_disable: true"),
	quiet("oom_score_adj", "oom_score_adj: 5"),
	quiet("pull_refresh_after", "pull_refresh_after: 1d"),
	quiet("storage_opt", "storage_opt: {size: 1G}"),
	quiet("umask", "umask: 0o77"),
	quiet("userns_mode", "userns_mode: host"),
	quiet("uts", "uts: host"),
	quiet("top: configs.*.template_driver", "services:\n  web: {image: a}\nconfigs: {c: {content: x, template_driver: golang}}"),
	quiet("top: networks.*.driver_opts", "services:\n  web: {image: a}\nnetworks: {n: {driver_opts: {a: b}}}"),
	quiet("top: networks.*.enable_ipv4", "services:\n  web: {image: a}\nnetworks: {n: {enable_ipv4: true}}"),
	quiet("top: networks.*.enable_ipv6", "services:\n  web: {image: a}\nnetworks: {n: {enable_ipv6: true}}"),
	quiet("top: networks.*.internal", "services:\n  web: {image: a}\nnetworks: {n: {internal: true}}"),
	quiet("top: networks.*.ipam", "services:\n  web: {image: a}\nnetworks: {n: {ipam: {config: [{subnet: 172.16.238.0/24}]}}}"),
	{element: "top: networks.*.external", yaml: "services:\n  web: {image: a}\nnetworks: {n: {external: true}}", note: "networks.n.external: is a network of this stack alone"},
	quiet("top: secrets.*.driver", "services:\n  web: {image: a}\nsecrets: {c: {environment: HOME, driver: x}}"),
	quiet("top: secrets.*.driver_opts", "services:\n  web: {image: a}\nsecrets: {c: {environment: HOME, driver_opts: {a: b}}}"),
	quiet("top: secrets.*.template_driver", "services:\n  web: {image: a}\nsecrets: {c: {environment: HOME, template_driver: y}}"),
}
