#!/bin/sh
# A guest's folder as a Vagrant box for VirtualBox: a VMDK disk and the OVF that describes the machine.
# usage: virtualbox.sh RELEASE WORK BOX        WORK/rootfs holds the guest
set -eu

release=$1 work=$2 box=$3
here=$(cd "$(dirname "$0")" && pwd)

"$here/disk.sh" "$work"
qemu-img convert -O vmdk -o subformat=streamOptimized,adapter_type=lsilogic "$work/disk.raw" "$work/box-disk001.vmdk"

capacity=$(stat -c %s "$work/disk.raw")
size=$(stat -c %s "$work/box-disk001.vmdk")
# Vagrant gives the first NIC its MAC address back from here; 080027 is VirtualBox's own prefix.
mac=080027$(printf %s "$release" | sha256sum | cut -c1-6 | tr a-f A-F)
sed -e "s/@CAPACITY@/$capacity/; s/@SIZE@/$size/; s/@NAME@/millrace-$release/" \
    "$here/box.ovf" > "$work/box.ovf"
echo '{"provider": "virtualbox"}' > "$work/metadata.json"
printf 'Vagrant.configure("2") { |config| config.vm.base_mac = "%s" }\n' "$mac" > "$work/Vagrantfile"
tar -C "$work" -cf "$box" metadata.json Vagrantfile box.ovf box-disk001.vmdk
