#!/bin/sh
# A guest's folder as a Vagrant box for libvirt: one qcow2 disk.
# usage: libvirt.sh RELEASE WORK BOX        WORK/rootfs holds the guest
set -eu

work=$2 box=$3
here=$(cd "$(dirname "$0")" && pwd)

"$here/disk.sh" "$work"
qemu-img convert -c -O qcow2 "$work/disk.raw" "$work/box.img"
size_gb=$(($(stat -c %s "$work/disk.raw") / 1073741824))
echo "{\"provider\": \"libvirt\", \"format\": \"qcow2\", \"virtual_size\": $size_gb}" > "$work/metadata.json"
cat > "$work/Vagrantfile" <<'VAGRANTFILE'
Vagrant.configure("2") do |config|
  # What every emulator and every kernel of Debian knows.
  config.vm.provider(:libvirt) { |libvirt| libvirt.disk_bus = "virtio" }
end
VAGRANTFILE
tar -C "$work" -cf "$box" metadata.json Vagrantfile box.img
