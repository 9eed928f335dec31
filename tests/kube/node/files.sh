# shellcheck shell=bash
# What the programs of the node read. node.sh sources this, and says the node's address, ip.
# shellcheck disable=SC2154
NODE_MIRROR=${ENGINE_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/local-dagger}

files() {
  (
    umask 077
    cd "$NODE_HOME/etc" || exit
    openssl genrsa -out key.pem 2048 2>/dev/null
    openssl rand -hex 16 >token
    echo "$(<token),admin,admin,system:masters" >tokens.csv
    put kubeconfig <<Y
apiVersion: v1
kind: Config
clusters: [{name: node, cluster: {server: "https://127.0.0.1:6443", insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: $(<token)}}]
contexts: [{name: node, context: {cluster: node, user: admin}}]
current-context: node
Y
  )
  pause
  containers
  kubernetes
  volumes
}

put() { cat >"$1"; }

pause() { # the image that holds a pod's namespaces
  umoci init --layout "$NODE_HOME/pause"
  umoci new --image "$NODE_HOME/pause:1"
  umoci insert --image "$NODE_HOME/pause:1" "$NODE_BIN/pause" /pause
  umoci config --image "$NODE_HOME/pause:1" --config.entrypoint /pause
  skopeo copy -q "oci:$NODE_HOME/pause:1" "docker-archive:$NODE_HOME/pause.tar:localhost/pause:1"
}

containers() {
  put "$NODE_HOME/etc/mirror.yml" <<Y
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $NODE_MIRROR/mirror}, maintenance: {readonly: {enabled: true}}}
http: {addr: "127.0.0.1:5000"}
Y
  put "$NODE_HOME/etc/containerd.toml" <<T
version = 2
root = "$NODE_HOME/containerd"
state = "/run/containerd-state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
address = "/run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/pause:1"
disable_apparmor = true
restrict_oom_score_adj = true
# As containerd 2 has them.
enable_unprivileged_ports = true
enable_unprivileged_icmp = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$NODE_HOME/cni"
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "$NODE_HOME/etc/registries"
T
  mkdir -p "$NODE_HOME/etc/registries/docker.io"
  put "$NODE_HOME/etc/registries/docker.io/hosts.toml" <<T
server = "http://127.0.0.1:5000"
[host."http://127.0.0.1:5000"]
capabilities = ["pull", "resolve"]
T
  put "$NODE_HOME/cni/10-ptp.conflist" <<J
{"cniVersion": "0.4.0", "name": "node", "plugins": [{"type": "ptp", "mtu": 1500,
 "ipam": {"type": "host-local", "dataDir": "$NODE_HOME/cni-data", "ranges": [[{"subnet": "10.244.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
J
}

kubernetes() {
  put "$NODE_HOME/etc/kubelet.yaml" <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupRoot: /$NODE_CGROUP
failCgroupV1: false
failSwapOn: false
clusterDNS: [$ip]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd.sock
evictionHard: {nodefs.available: 100Mi, imagefs.available: 100Mi, memory.available: 100Mi}
imageGCHighThresholdPercent: 100
podLogsDir: $NODE_HOME/podlogs
resolvConf: ""
volumePluginDir: $NODE_HOME/plugins
Y
  put "$NODE_HOME/etc/kube-proxy.yaml" <<Y
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clusterCIDR: 10.244.0.0/24
clientConnection: {kubeconfig: $KUBECONFIG}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
Y
  put "$NODE_HOME/etc/Corefile" <<C
.:53 {
  bind $ip
  errors
  kubernetes cluster.local {
    kubeconfig $KUBECONFIG
  }
}
C
}

# volumes are as a cloud's disks are when a pod first gets them: root's, and with a folder lost+found.
volumes() {
  local i
  put "$NODE_HOME/etc/volumes.yaml" <<Y
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: local, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
Y
  for i in {1..12}; do
    mkdir -p "$NODE_HOME/volumes/$i/lost+found"
    chmod 0700 "$NODE_HOME/volumes/$i/lost+found"
    cat >>"$NODE_HOME/etc/volumes.yaml" <<Y
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-$i}
spec:
  capacity: {storage: 20Gi}
  accessModes: [ReadWriteOnce, ReadWriteMany]
  persistentVolumeReclaimPolicy: Delete
  storageClassName: local
  local: {path: $NODE_HOME/volumes/$i}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node]}]}]}}
Y
  done
}
