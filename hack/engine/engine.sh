#!/usr/bin/env bash
# A Dagger engine to run this project on: the one that is here, or else one built on the spot.
#
#   engine.sh up      use the dagger CLI and engine that are here; else build our own (Linux, root, Go) and start it
#   engine.sh env     print the exports that point a shell at it:   eval "$(engine.sh env)"
#   engine.sh down    stop what up started; the cache stays (down --wipe drops it)
#   engine.sh kill    kill -9 the engine and all it runs, as a crash would
#   engine.sh status  say what runs
#
#   ENGINE_INSTANCE=name    one more engine beside the default one, with its own state, socket, log and network
#   ENGINE_INSECURE=false   for up: start an engine that forbids insecureRootCapabilities
#   ENGINE_HOME=dir         where all of it lives (default: local-dagger in the user's cache folder)
#   ENGINE_MIRROR=addr      where the image mirror listens (default 127.0.0.1:5000)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

name=${ENGINE_INSTANCE:-}
[[ $name =~ ^[a-z0-9-]{0,30}$ ]] || die "ENGINE_INSTANCE=$name: want up to 30 of a-z, 0-9 and -"
export I=$ENGINE_HOME${name:+/instances/$name} # this instance's folder; binaries, images and the mirror are shared
SOCK=$I/run/engine.sock
((${#SOCK} < 108)) || die "the path of the engine's socket is too long for the kernel (107 letters): set ENGINE_HOME to a shorter folder"

# --- the user's own engine -------------------------------------------------------------------------------------------

answers() { timeout "$1" "${@:2}" -M query -s <<<'{version}' >/dev/null 2>&1; } # SECONDS CLI

theirs() { # a CLI that is not ours, with an engine that answers; an older one than VERSION refuses the module
  [[ -z $name ]] || return 1 # instances are our own business
  local cli v; cli=$(type -P dagger) && [[ ! $cli -ef $BIN/dagger ]] || return 1
  v=$("$cli" version 2>/dev/null)
  [[ $v =~ ^dagger\ (v[0-9][^ ]*) ]] && printf '%s\n' "$VERSION" "${BASH_REMATCH[1]}" | sort --version-sort --check=quiet || return 1
  local host=${_EXPERIMENTAL_DAGGER_RUNNER_HOST:-${DAGGER_RUNNER_HOST:-}}
  if [[ -n $host ]]; then
    export _EXPERIMENTAL_DAGGER_RUNNER_HOST=$host # the only name that v0.21 knows
    answers 15 "$cli" || { say "no engine answers at $host, which your environment names"; return 1; }
  else
    docker info >/dev/null 2>&1 || podman info >/dev/null 2>&1 || return 1
    answers 600 "$cli" # the first time, the CLI pulls its engine
  fi
}

env_theirs() { # only what theirs() had to add
  local host=${_EXPERIMENTAL_DAGGER_RUNNER_HOST:-}
  [[ -z $host ]] || printf 'export _EXPERIMENTAL_DAGGER_RUNNER_HOST=%q\n' "$host"
}

env_ours() {
  cat <<E
export PATH=$(printf %q "$BIN"):\$PATH
export _EXPERIMENTAL_DAGGER_RUNNER_HOST=$(printf %q "unix://$SOCK")
export DO_NOT_TRACK=1 DAGGER_NO_NAG=1 DAGGER_PROGRESS=\${DAGGER_PROGRESS:-plain}
E
}

# --- our own: one function a step, each done at once when it was done before -----------------------------------------

needed=(runc tini dnsmasq-base iptables nftables iproute2 containernetworking-plugins skopeo umoci debootstrap
  pigz e2fsprogs ripgrep jq git ca-certificates curl util-linux)
command -v npm >/dev/null || needed+=(npm) # fetches Node.js for its image

installed() { # all of them, by a run of ours that got to the end
  stamped "$ENGINE_HOME/packages" "${needed[*]}" || return 1
  (($(dpkg-query -Wf '${db:Status-Abbrev}\n' "${needed[@]}" 2>/dev/null | grep -c '^ii') >= ${#needed[@]}))
}

packages() {
  installed && return
  say "installing Debian packages"
  local apt=(apt-get -y -q -o DPkg::Lock::Timeout=300 --no-install-recommends)
  export DEBIAN_FRONTEND=noninteractive
  # an earlier run that was killed may have left dpkg in the middle, or still at it
  for _ in {1..60}; do dpkg --configure -a >/dev/null 2>&1 && break; sleep 2; done
  logged apt-update "${apt[@]}" update
  logged apt "${apt[@]}" --fix-broken install "${needed[@]}"
  put "$ENGINE_HOME/packages" <<<"${needed[*]}"
}

registry() { # only the program: its package would start a service, and on the very port
  [[ -x $ENGINE_HOME/registry/usr/bin/docker-registry ]] && return
  rm -rf "$ENGINE_HOME/registry.tmp"; mkdir -p "$ENGINE_HOME/registry.tmp"
  logged registry env -C "$ENGINE_HOME/registry.tmp" apt-get -q -o APT::Sandbox::User=root download docker-registry
  dpkg-deb -x "$ENGINE_HOME"/registry.tmp/*.deb "$ENGINE_HOME/registry.tmp"
  mv -T "$ENGINE_HOME/registry.tmp" "$ENGINE_HOME/registry"
}

build() { # in a copy, because it writes beside its sources
  say "building Dagger $VERSION (some minutes the first time)"
  rm -rf "$ENGINE_HOME/src"; mkdir -p "$ENGINE_HOME/src" "$BIN"
  (cd "$here" && cp -r "${kit[@]}" "$ENGINE_HOME/src/")
  logged build env OUT="$ENGINE_HOME/src/out" "$ENGINE_HOME/src/build.sh"
  rm -f "$BIN/.stamp"; mv -f "$ENGINE_HOME"/src/out/* "$BIN/"
  recipe "${kit[@]}" | put "$BIN/.stamp"
}

helpers() { # what the engine wants in fixed places; start.sh binds these two folders there, for the engine alone
  local bin=$ENGINE_HOME/helpers/bin cni=$ENGINE_HOME/helpers/cni f
  mkdir -p "$bin" "$cni"
  link() { ln -sf "$1" "$2.tmp"; mv -fT "$2.tmp" "$2"; } # never missing: other instances have these folders in use
  link /usr/sbin/runc "$bin/runc"; link "$BIN/init" "$bin/dagger-init"; link "$BIN/dnsname" "$cni/dnsname"
  for f in bridge loopback firewall host-local; do link "/usr/lib/cni/$f" "$cni/$f"; done
  # dnsmasq would take port 53 of the whole machine; keep it to its own bridge, or there can be no second one
  # It knows all names of its own engine: whoever comes after it in resolv.conf does not, and may never answer.
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nexec /usr/sbin/dnsmasq --bind-dynamic --local=/dagger.local/ "$@"\n' | put "$bin/dnsmasq"; chmod +x "$bin/dnsmasq"
}

mirror() {
  alive "$ENGINE_HOME/run/mirror.pid" && return
  put "$ENGINE_HOME/mirror.yml" <<Y
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $ENGINE_HOME/mirror}, delete: {enabled: true}}
http: {addr: $MIRROR}
Y
  setsid "$here/start.sh" mirror >"$ENGINE_HOME/log/mirror.log" 2>&1 </dev/null 9>&- &
  for _ in {1..100}; do
    sleep 0.1
    alive "$ENGINE_HOME/run/mirror.pid" && curl -fsS "http://$MIRROR/v2/" >/dev/null 2>&1 && return
  done
  die "the image mirror did not start (see $ENGINE_HOME/log/mirror.log); if another program has $MIRROR, set ENGINE_MIRROR=127.0.0.1:<free port>"
}

network() { # a network's name and addresses for this instance, picked once: the first that nobody has
  [[ -s $I/network ]] && return
  local n=0 net taken
  taken="$(cat "$ENGINE_HOME"/network "$ENGINE_HOME"/instances/*/network 2>/dev/null || true) $(ip -o -4 route) $(ip -o link)"
  while net=dagger${n#0}; [[ $taken == *" ${net}0:"* || $taken == *10.$((87 + n)).* ]]; do n=$((n + 1)); done
  put "$I/network" <<<"$net 10.$((87 + n)).0.0/16"
}

entitlements() { # the engine's own default, or none
  if [[ ${ENGINE_INSECURE:-true} == false ]]; then echo '[]'; else echo '["security.insecure", "network.host"]'; fi
}

engine() {
  local pid="" since=$SECONDS said=""
  while ((SECONDS < since + 900)); do
    if runs; then
      # It has put the address of its own name server into resolv.conf, which Go's resolver, having read the machine's at
      # the start, looks at again after 5 s: until then no service would find another.
      [[ -z $pid ]] || sleep 5
      return
    fi
    if ! alive "$I/run/engine.pid"; then # which it may still be for a moment after a kill
      if [[ -z $pid ]]; then launch; pid=$!; elif [[ -z $(started "$pid") ]]; then break; fi
    fi
    # After a kill an engine deletes its whole cache before it listens: minutes for a large one on a slow disk.
    [[ -n $said ]] || ((SECONDS < since + 10)) || { say "waiting for the engine: one that was killed deletes its cache first"; said=1; }
    sleep 0.1
  done
  tail -n 5 "$I/log/engine.log" >&2; die "the engine did not start; see $I/log/engine.log"
}

runs() { # first without the CLI, which keeps trying for seconds where nobody listens
  ss -lxH 2>/dev/null | grep -qF " $SOCK " && _EXPERIMENTAL_DAGGER_RUNNER_HOST=unix://$SOCK answers 5 "$BIN/dagger"
}

launch() {
  network
  put "$I/engine.toml" <<T
root = "$I/state"
insecure-entitlements = $(entitlements)
[grpc]
address = ["unix://$SOCK"]
[worker.oci]
cniPoolSize = 16 # networks made ahead; the default, 128, takes half a minute of a small machine at every start
minFreeSpace = "2GB" # with less than 20 % of the disk free, the default, the data of stacks that do not run is dropped
[registry."docker.io"]
mirrors = ["$MIRROR"]
[registry."$MIRROR"]
http = true
$(for host in ghcr.io quay.io public.ecr.aws mcr.microsoft.com; do printf '[registry."%s"]\nmirrors = ["%s/%s"]\n' "$host" "$MIRROR" "$host"; done)
T
  [[ ! -e $I/log/engine.log ]] || mv -f "$I/log/engine.log" "$I/log/engine.log.old"
  # Namespaces of its own, as in a container: its mounts stay out of sight, and when it dies all that it runs dies too.
  setsid unshare --mount --propagation private --pid --fork --kill-child "$here/start.sh" engine \
    >"$I/log/engine.log" 2>&1 </dev/null 9>&- &
}

can() { # build our own here
  [[ $(uname -s) == Linux && $(id -u) == 0 && -e /etc/debian_version ]] && (cd "$here" && go list -m) >/dev/null 2>&1
}

images_hash() { recipe lib.sh images.sh images "${kit[@]}"; } # the code generator, of the kit, is in one of them

ready() { # everything is made, from what is in this folder, and runs
  alive "$ENGINE_HOME/run/mirror.pid" && installed &&
    stamped "$BIN/.stamp" "$(recipe "${kit[@]}")" && stamped "$ENGINE_HOME/mirror/.stamp" "$(images_hash)" && runs
}

ours() {
  [[ -z ${ENGINE_INSECURE:-} ]] || ! alive "$I/run/engine.pid" || grep -qxF "insecure-entitlements = $(entitlements)" "$I/engine.toml" ||
    die "this engine was started without ENGINE_INSECURE=$ENGINE_INSECURE: stop it first (engine.sh down)"
  ready && return
  can || die "no Dagger engine to use: install Docker (or Podman) and the dagger CLI $VERSION, or run this as root on Debian with Go 1.26 or later, where it builds its own"
  mkdir -p "$ENGINE_HOME"/{run,log} "$I"/{run,log}
  exec 9>"$ENGINE_HOME/lock" # children keep it: what a killed run left at work is waited for, not run into
  flock -n 9 || { say "waiting for another run to finish"; flock 9; }
  packages
  registry
  local hash; hash=$(recipe "${kit[@]}")
  stamped "$BIN/.stamp" "$hash" || build
  helpers
  mirror
  hash=$(images_hash)
  if ! stamped "$ENGINE_HOME/mirror/.stamp" "$hash"; then
    rm -f "$ENGINE_HOME/mirror/.stamp"
    # mounts of its own, so that none of debootstrap's outlive it
    unshare --mount --propagation private "$here/images.sh"
    put "$ENGINE_HOME/mirror/.stamp" <<<"$hash"
  fi
  engine
  exec 9>&-
}

# --- stopping --------------------------------------------------------------------------------------------------------

stop() { # PIDFILE SIGNAL: and wait until it is gone
  local pid since=$SECONDS said=; alive "$1" || return 0
  read -r pid _ <"$1"; kill "-$2" "$pid"
  while alive "$1"; do # an engine waits for its clients to hang up, up to five minutes
    [[ -n $said ]] || ((SECONDS < since + 5)) || { say "waiting for open sessions to end, a minute at most"; said=1; }
    ((SECONDS < since + 60)) || { say "no end: kill -9"; kill -9 "$pid"; break; }
    sleep 0.1
  done
  flock -w 60 "$1.lock" rm -f "$1" # the lock is free when all its children are gone as well
}

down() { # [--wipe]
  local other; mkdir -p "$ENGINE_HOME/run"
  exec 9>"$ENGINE_HOME/lock"; flock 9
  stop "$I/run/engine.pid" TERM; rm -f "$SOCK"
  sweep # the bridge stays behind even when all ends well
  [[ ${1:-} != --wipe ]] || rm -rf --one-file-system "$I/state"
  for other in "$ENGINE_HOME"/run/engine.pid "$ENGINE_HOME"/instances/*/run/engine.pid; do
    ! alive "$other" || return 0 # the mirror is still in use
  done
  stop "$ENGINE_HOME/run/mirror.pid" TERM
}

status() {
  local dir what
  for dir in "" "$ENGINE_HOME" "$ENGINE_HOME"/instances/*; do
    case $dir in "") what=mirror dir=$ENGINE_HOME ;; "$ENGINE_HOME") what=engine ;; *) what="engine ${dir##*/}" ;; esac
    [[ -d $dir ]] || continue
    if alive "$dir/run/${what%% *}.pid"; then echo "$what: running"; else echo "$what: not running"; fi
  done
}

case ${1:-} in
  up)
    if theirs; then say "using the dagger on your PATH: $(dagger version)"; exit; fi
    ours
    cat "$BIN/.stamp" "$ENGINE_HOME/gosdk/current" | cmp -s - "$I/run/made" ||
      say "note: the engine that runs was started from an earlier build; engine.sh down, then up, brings the new one"
    say "ready: run a command with hack/engine/with, e.g.  hack/engine/with dagger functions" ;;
  env) if theirs; then env_theirs; else env_ours; fi ;;
  ensure) # for with: no more work than it takes to have an engine
    if theirs; then env_theirs; exit; fi
    runs || ours
    env_ours ;;
  down) down "${2:-}" ;;
  kill) stop "$I/run/engine.pid" KILL ;;
  status) status ;;
  *) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
