#!/usr/bin/env bash
# run.sh PATTERN: runs the tests of cgroups (those that match the pattern) on a kernel that has version 2, whatever this
# machine has: Debian's kernel, in qemu, with nothing in it but busybox and the test binaries. Half a minute without KVM.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
"$here/../packages" qemu-system-x86 busybox-static cpio
cache=${XDG_CACHE_HOME:-$HOME/.cache}/local-dagger/cgroup2
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# The kernel is unpacked and not installed: nothing here is to boot from it.
kernel() { find "$cache" -path '*/boot/vmlinuz-*' -print -quit 2>/dev/null; }
if [[ -z $(kernel) ]]; then
  package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends:/ {print $2; exit}')
  (cd "$work" && apt-get -qq download "$package" 2>/dev/null)
  mkdir -p "$cache"
  dpkg-deb --fsys-tarfile "$work"/linux-image-*.deb | tar -x -C "$cache" --wildcards './boot/vmlinuz-*'
fi

root=$work/root
mkdir -p "$root"/{bin,proc,sys,dev,tmp,etc}
cp /bin/busybox "$root/bin/"
for package in agent/enforce agent; do
  CGO_ENABLED=0 go -C "$here/../.." test -tags root -c -o "$root/$(basename $package).test" "./internal/$package"
done
cat >"$root/etc/passwd" <<PASSWD
root:x:0:0::/:/bin/sh
nobody:x:65534:65534::/:/bin/sh
PASSWD
cat >"$root/init" <<INIT
#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
chmod 1777 /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
uname -r
# TestHoldBetweenForkAndExec is about machines without a cgroup, and needs python3: unit-root runs it.
/enforce.test -test.v -test.skip '^TestHoldBetweenForkAndExec\$' && /agent.test -test.v -test.run '$1' && echo ALL PASSED
poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initrd"
timeout "${TIMEOUT:-600}" qemu-system-x86_64 -nographic -no-reboot -m 1024 -smp 2 \
  -kernel "$(kernel)" -initrd "$work/initrd" -append 'console=ttyS0 quiet panic=-1' </dev/null | tee "$work/output"
grep -q '^ALL PASSED' "$work/output"
