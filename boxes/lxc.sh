#!/bin/sh
# A guest's folder as a Vagrant box for LXC.
# usage: lxc.sh RELEASE WORK BOX        WORK/rootfs holds the guest
set -eu

work=$2 box=$3
here=$(cd "$(dirname "$0")" && pwd)

# vagrant-lxc strips two path components; without the extended attributes ping loses its capability.
tar --numeric-owner --xattrs --xattrs-include='*' -C "$work" -cf - ./rootfs | gzip -1 > "$work/rootfs.tar.gz"
cp "$here/lxc-config" "$work/lxc-config"
echo '{"provider": "lxc", "version": "1.0.0"}' > "$work/metadata.json"
tar -C "$work" -cf "$box" metadata.json lxc-config rootfs.tar.gz
