package compose

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
	{element: "ports", yaml: "services:\n  web: {image: a, ports: ['8080:80']}\n  two: {image: a, ports: ['8080:90']}", note: "compose.yaml:3: services.two.ports: 8080 is published by web as well: publish one of them elsewhere with --publish two:90=NUMBER"},
	{element: "expose", yaml: "expose: ['80', '90-91', '53/udp']", want: "Ports[0].Container=80\nPorts[2].Container=91\n!Ports[3]\n!Ports[0].Published"},
	{element: "networks", yaml: "services:\n  web: {image: a, networks: [front]}\n  api: {image: a, networks: {front: {aliases: [backend]}, back: }}\n  db: {image: a, networks: [back]}\nnetworks: {front: , back: }",
		want: "Container.Hosts[3].Name=api\nContainer.Hosts[4].Name=api.default_front\nContainer.Hosts[5].Name=backend\nContainer.Hosts[5].Service=api\nContainer.Hosts[6].Name=default-api-1\n!Container.Hosts[7]"},
	{element: "networks", yaml: "services:\n  web: {image: a, networks: [front]}\n  api: {image: a, networks: [other]}\nnetworks: {front: {name: one}, other: {name: one}}", want: "Container.Hosts[3].Name=api"},
	{element: "networks.*.priority", yaml: "services:\n  web: {image: a, networks: {n: {priority: 5}}}\nnetworks: {n: }", want: "Name=web"},
	{element: "top: networks", yaml: "services:\n  web: {image: a, networks: [n]}\nnetworks: {n: {name: x, attachable: true, labels: {a: b}}}", want: "Container.Hosts[1].Name=web.x"},
	{element: "top: networks.*.driver", yaml: "services:\n  web: {image: a, networks: [n]}\nnetworks: {n: {driver: bridge}}", want: "Name=web"},
	{element: "top: networks.*.driver", yaml: "services:\n  web: {image: a, networks: [n]}\nnetworks: {n: {driver: macvlan}}", note: "networks.n.driver: no effect"},
	{element: "extra_hosts", yaml: "extra_hosts: ['one:10.0.0.1', 'gone=10.0.0.2']", want: "Container.Hosts[3].Name=gone\nContainer.Hosts[4].IP=10.0.0.1"},
	{element: "extra_hosts", yaml: "extra_hosts: ['host.docker.internal:host-gateway']", want: "!Container.Hosts[3]", note: "services.web.extra_hosts: no effect: host.docker.internal does not resolve"},
	{element: "extra_hosts", yaml: "extra_hosts: ['one:nowhere']", err: `services.web.extra_hosts: "nowhere": want an IP address or host-gateway`},
	{element: "network_mode", yaml: "network_mode: none", want: "Container.NoNetwork=true\nContainer.Hosts[0].Name=web\n!Container.Hosts[3]"},
	{element: "network_mode", yaml: "network_mode: none\nports: ['80:80']\nexpose: [81]", want: "!Ports", note: "services.web.ports: no effect: the service has no network (network_mode: none)"},
	{element: "network_mode", yaml: "network_mode: bridge", want: "Container.Hosts[0].Name=web"},
	{element: "pid", yaml: "pid: host", note: "services.web.pid: no effect: the service sees the processes of its own container"},
	{element: "dns", yaml: "dns: 8.8.8.8", want: "Container.DNS.Servers[0]=8.8.8.8"},
	{element: "dns", yaml: "dns: [8.8.8.8, dns.google]", err: `compose.yaml:4: services.web.dns: "dns.google": want the IP address of a nameserver`},
	{element: "dns_opt", yaml: "dns_opt: [use-vc]", want: "Container.DNS.Options[0]=use-vc"},
	{element: "dns_search", yaml: "dns_search: example.com", want: "Container.DNS.Search[0]=example.com"},
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
	{element: "pid", yaml: with("pid: service:web"), leftOut: "services.x.pid: cannot be had here: the processes of another container (web)"},
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
	quiet("build.no_cache_filter", ofBuild("no_cache_filter: [dev]")),
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
