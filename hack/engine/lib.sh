# shellcheck shell=bash disable=SC2034 # sourced: what is set here is used there
# Shared by the scripts of this folder: where things live, how they speak, and how a step is known to be done.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ENGINE_HOME=${ENGINE_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/local-dagger}
[[ $ENGINE_HOME == /* ]] || ENGINE_HOME=$PWD/$ENGINE_HOME
export ENGINE_HOME
export MIRROR=${ENGINE_MIRROR:-127.0.0.1:5000}
BIN=$ENGINE_HOME/bin
kit=(go.mod go.sum build.sh patch stubs upstream) # what the binaries are built from
# The one place that says which Dagger; hack/version_test.go holds everything else against it.
VERSION=$(awk '/^require/ {print $3}' "$here/upstream/go.mod")

say() { printf 'engine: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

logged() { # NAME COMMAND...: run quietly; when it fails, show the end of its output and say where the rest is
  local log=$ENGINE_HOME/log/$1.log; shift
  "$@" >"$log" 2>&1 </dev/null || { tail -n 12 "$log" >&2; die "that failed (all of it: $log); once mended, the same command goes on from here"; }
}

# A step is done when its stamp holds the hash of what it was made from. Stamps are written last, and whole or not at
# all, so a step that was killed halfway is simply not done.
put() { cat >"$1.tmp" && mv -f "$1.tmp" "$1"; } # FILE
recipe() { (cd "$here" && find "$@" -type f -exec sha256sum {} + | LC_ALL=C sort -k2 | sha256sum | cut -c1-16); } # PATH...
stamped() { [[ $(cat "$1" 2>/dev/null) == "$2" ]]; } # FILE HASH

started() { # PID: when it began, in ticks since boot (field 22 of its stat, proc(5)); nothing if it has ended
  local stat; { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  read -ra stat <<<"${stat##*) }"
  [[ ${stat[0]} == Z ]] || echo "${stat[19]}"
}

alive() { # PIDFILE: the process that wrote it still runs. The pid alone could be somebody else's by now.
  local pid since; { read -r pid since <"$1"; } 2>/dev/null && [[ -n $since && $(started "$pid") == "$since" ]]
}

claim() { # PIDFILE: become the one process behind it, or leave if there is one already
  exec 8>"$1.lock" # inherited by all that follows, so it is free only when the last of them is gone
  until flock -n 8; do alive "$1" && exit 0; sleep 0.1; done
  local pid; read -r pid _ </proc/self/stat
  put "$1" <<<"$pid $(started "$pid")"
}

sweep() { # what an engine that was killed left in the machine's network, where no engine looks for it again
  local net cidr; { read -r net cidr <"$I/network"; } 2>/dev/null || return 0
  ip link delete "${net}0" 2>/dev/null || true
  rm -rf "$I/private/cni" "$I/state/net/cni"
  # the rules that name its addresses, and the chains that these lead to
  iptables-save | awk -v net="${cidr%0.0/16}" '
    /^[*]/ { print }
    /^-A/ && (index($0, "-s " net) || index($0, "-d " net)) { sub("-A", "-D"); print; if ($NF ~ /^CNI-[0-9a-f]+$/) chains[$NF] }
    /^COMMIT/ { for (c in chains) print "-F " c "\n-X " c; delete chains; print }' | iptables-restore --noflush --wait 10
}
