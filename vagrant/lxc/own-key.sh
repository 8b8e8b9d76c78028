#!/bin/sh
# Before a container's first start: the lab's own key in the place of the one that Vagrant's boxes have, which everybody
# knows. LXC runs it as root on the host; it looks into the guest from inside, where no link of a guest's leads out.
# usage: own-key.sh OWN.pub KNOWN.pub …     LXC_ROOTFS_PATH is the guest's folder
set -eu

known=$(cut -d ' ' -f 2 "$2")
# shellcheck disable=SC2016  # the guest's shell reads it
chroot "${LXC_ROOTFS_PATH#*:}" /bin/sh -c '
    keys=/home/vagrant/.ssh/authorized_keys
    if grep -qF -- "$1" "$keys" 2> /dev/null; then cat > "$keys"; fi' - "$known" < "$1"
