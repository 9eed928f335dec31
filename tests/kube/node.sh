#!/usr/bin/env bash
# Runs a command beside a Kubernetes cluster of one node: a real kubelet with containerd and runc, the control plane, kube-proxy, and CoreDNS.
#
#   tests/kube/node.sh kubectl get nodes
#
# The node has network, mount and process namespaces and cgroups of its own, so that the machine stays as it is, and it ends with the command.
# Its images are those of the mirror of hack/engine, at 127.0.0.1:5000. NODE_LOG=folder keeps what the programs said.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# -gt 0 ]] || { sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

if [[ ${NODE_INSIDE:-} == "" ]]; then
  [[ $(id -u) == 0 ]] || { echo 'tests/kube/node.sh: it needs root' >&2; exit 1; }
  "$here/../../hack/packages" containerd runc containernetworking-plugins nftables iproute2 util-linux umoci skopeo
  NODE_BIN=$("$here/build.sh" etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl coredns pause)
  NODE_HOME=$(mktemp -d "$NODE_BIN/node.XXXXXX") # on a disk: overlays cannot lie on overlays
  NODE_CGROUP=stack-${NODE_HOME##*.}
  # Where each hierarchy of cgroups is a mount, or all are one.
  mapfile -t hierarchies < <(findmnt -nlo TARGET -t cgroup,cgroup2)
  # shellcheck disable=SC2317 # the trap calls it
  clean() {
    local dir
    for dir in "${hierarchies[@]}"; do
      [[ ! -d $dir/$NODE_CGROUP ]] || find "$dir/$NODE_CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    [[ -z ${NODE_LOG:-} ]] || { mkdir -p "$NODE_LOG" && cp "$NODE_HOME"/log/* "$NODE_LOG/"; }
    rm -rf --one-file-system "$NODE_HOME"
  }
  trap clean EXIT
  for dir in "${hierarchies[@]}"; do
    mkdir "$dir/$NODE_CGROUP"
    for file in cpuset.cpus cpuset.mems; do # version 1: a group without any runs nothing
      [[ ! -s $dir/$file || -d $dir/cgroup.controllers ]] || cat "$dir/$file" >"$dir/$NODE_CGROUP/$file" 2>/dev/null || true
    done
  done
  export NODE_BIN NODE_HOME NODE_CGROUP NODE_INSIDE=1
  unshare --mount --propagation private --net --pid --fork --kill-child "${BASH_SOURCE[0]}" "$@"
  exit
fi

# --- in the node's namespaces ----------------------------------------------------------------------------------------

ip=10.250.0.1
. "$here/node/files.sh"
log=$NODE_HOME/log
mkdir -p "$log" "$NODE_HOME"/{etc,cni,manifests,containerd,kubelet,volumes,run,varlog,netns}
export PATH=$NODE_BIN:$PATH KUBECONFIG=$NODE_HOME/etc/kubeconfig

mount -t proc proc /proc
mount --make-rshared /
mount -t tmpfs tmpfs /run
mount --bind "$NODE_HOME/varlog" /var/log
# A kubelet sets these for the whole machine. It finds them as it wants them, and lets them be.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=$NODE_HOME/etc/${setting//\//_}
  echo "${setting#*=}" >"$file"
  mount --bind "$file" "/proc/sys/${setting%%=*}"
done
[[ -e /dev/kmsg ]] || echo 'node: no /dev/kmsg: nobody tells of pods that are out of memory' >&2

ip link set lo up
ip link add node0 type dummy 2>/dev/null || ip link add node0 type bridge
ip address add "$ip/24" dev node0
ip link set node0 up
ip route add default dev node0
echo 1 >/proc/sys/net/ipv4/ip_forward

start() { # NAME COMMAND…
  "${@:2}" >"$log/$1.log" 2>&1 </dev/null &
}
await() { # SECONDS WHAT COMMAND…
  local since=$SECONDS
  until "${@:3}" >/dev/null 2>&1; do
    ((SECONDS < since + $1)) || { echo "node: $2 is not ready after $1 s" >&2; tail -n 20 "$log"/*.log >&2; exit 1; }
    sleep 0.3
  done
}

files
start registry "$NODE_MIRROR/registry/usr/bin/docker-registry" serve "$NODE_HOME/etc/mirror.yml"
start containerd containerd --config "$NODE_HOME/etc/containerd.toml"
start etcd etcd --data-dir "$NODE_HOME/etcd" --unsafe-no-fsync --log-level error
start kube-apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 --advertise-address "$ip" --kubelet-preferred-address-types InternalIP --cert-dir "$NODE_HOME/etc" \
  --token-auth-file "$NODE_HOME/etc/tokens.csv" --authorization-mode Node,RBAC --service-cluster-ip-range 10.96.0.0/16 \
  --service-account-issuer https://cluster.local --service-account-signing-key-file "$NODE_HOME/etc/key.pem" --service-account-key-file "$NODE_HOME/etc/key.pem"
await 120 kube-apiserver kubectl get --raw /readyz
start kube-controller-manager kube-controller-manager --kubeconfig "$KUBECONFIG" --leader-elect=false --service-account-private-key-file "$NODE_HOME/etc/key.pem"
start kube-scheduler kube-scheduler --kubeconfig "$KUBECONFIG" --leader-elect=false
await 30 containerd ctr --address /run/containerd.sock version
ctr --address /run/containerd.sock --namespace k8s.io images import "$NODE_HOME/pause.tar" >/dev/null
start kubelet kubelet --config "$NODE_HOME/etc/kubelet.yaml" --kubeconfig "$KUBECONFIG" --root-dir "$NODE_HOME/kubelet" --hostname-override node --node-ip "$ip" \
  --cert-dir "$NODE_HOME/etc"
start kube-proxy kube-proxy --config "$NODE_HOME/etc/kube-proxy.yaml" --hostname-override node
start coredns coredns -conf "$NODE_HOME/etc/Corefile"
await 60 'the default ServiceAccount' kubectl get serviceaccount default
await 120 'the node' kubectl wait --for=condition=Ready node/node --timeout=1s
kubectl apply -f "$NODE_HOME/etc/volumes.yaml" >/dev/null

status=0
"$@" || status=$?
exit "$status"
