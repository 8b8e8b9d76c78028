#!/bin/sh
# One Debian guest as a folder, from Debian's packages alone: packages.list, the user vagrant, the network, ssh.
# usage: rootfs.sh RELEASE FOLDER [PACKAGE…]        run by build.sh, as root
set -eu

release=$1 root=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)

packages=$(grep -v '^#' "$here/packages.list" | paste -sd, -)
for package in "$@"; do packages="$packages,$package"; done

# The guest is made with what this host's own apt uses: its options and, on Debian, its mirrors.
host=$(mktemp -d)
trap 'rm -rf "$host"' EXIT
"$here/../vagrant/host-files.sh" "$host"
sed -i "s/@RELEASE@/$release/" "$host/sources.list"
if [ -s "$host/sources.list" ]; then set -- "$host/sources.list"; else set --; fi

DEBIAN_FRONTEND=noninteractive mmdebstrap --mode=root --variant=minbase --format=directory --include="$packages" \
    --aptopt="$host/apt.conf" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$release" "$root" "$@"

# A box is not bound to the host it was made on: what its apt needs there, the lab tells it when it comes up.
sed -i '/^Acquire::/d' "$root/etc/apt/apt.conf.d/99mmdebstrap"
if [ "$#" -gt 0 ]; then
    rm -f "$root"/etc/apt/sources.list.d/*.list
    cp "$1" "$root/etc/apt/sources.list"
fi

chroot "$root" useradd --create-home --shell /bin/bash --user-group vagrant
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/vagrant"
chmod 0440 "$root/etc/sudoers.d/vagrant"
install -d -m 0700 "$root/home/vagrant/.ssh"
install -m 0600 "$here/vagrant.pub" "$root/home/vagrant/.ssh/authorized_keys"
chroot "$root" chown -R vagrant:vagrant /home/vagrant/.ssh

# Debian 13 leaves this to a kernel setting that a container cannot make.
chroot "$root" setcap cap_net_raw+ep /usr/bin/ping

echo 'LANG=C.UTF-8' > "$root/etc/default/locale"
echo debian > "$root/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"

# DHCP on the management NIC only, or networkd takes the lab's NIC as well.
cat > "$root/etc/systemd/network/10-management.network" <<'NETWORK'
[Match]
Name=eth0

[Network]
DHCP=ipv4
LinkLocalAddressing=no

[DHCPv4]
UseHostname=no
NETWORK
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"

# Each machine makes its own host keys when it first starts: a box that is shared shares no key.
rm -f "$root"/etc/ssh/ssh_host_*
install -d "$root/etc/systemd/system/ssh.service.d"
cat > "$root/etc/systemd/system/ssh.service.d/host-keys.conf" <<'UNIT'
[Service]
ExecStartPre=
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStartPre=/usr/sbin/sshd -t
UNIT
chmod 0700 "$root/home/vagrant"
printf 'UseDNS no\nPasswordAuthentication no\n' > "$root/etc/ssh/sshd_config.d/millrace.conf"

chroot "$root" systemctl enable systemd-networkd systemd-resolved ssh
# Nothing may hold apt's lock while the lab is provisioned.
chroot "$root" systemctl mask apt-daily.timer apt-daily-upgrade.timer
# The whole of /tmp in memory would count against the machine's few gigabytes.
chroot "$root" systemctl mask tmp.mount

: > "$root/etc/machine-id"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/*.log "$root"/tmp/*
