#!/bin/sh
# Builds one Vagrant box from Debian's packages.
# usage: build.sh lxc|libvirt|virtualbox RELEASE BOX        as root, on Linux or WSL2
set -eu

provider=$1 release=$2 box=$3
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "Building a box needs root: run it with sudo." >&2; exit 1; }
[ -f "$here/$provider.sh" ] || { echo "No recipe for '$provider': choose lxc, libvirt or virtualbox." >&2; exit 2; }
umask 022

mkdir -p "$(dirname "$box")"
# Beside the box, not in /tmp, which may be a file system in memory or one that allows no devices.
work=$(mktemp -d "$box.XXXXXX")
trap 'rm -rf "$work"' EXIT

case $provider in
    lxc) set -- ;;
    *) set -- linux-image-amd64 initramfs-tools ;;
esac
"$here/rootfs.sh" "$release" "$work/rootfs" "$@"
"$here/$provider.sh" "$release" "$work" "$work/made.box"
mv "$work/made.box" "$box"
