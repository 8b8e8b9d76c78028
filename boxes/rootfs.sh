#!/bin/sh
# One Debian guest as a folder, from Debian's packages alone: packages.list, the user vagrant, the network, ssh.
# usage: rootfs.sh RELEASE FOLDER [PACKAGE…]        run by build.sh, as root
set -eu

release=$1 root=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)

packages=$(grep -v '^#' "$here/packages.list" | paste -sd, -)
for package in "$@"; do packages="$packages,$package"; done

# The mirrors this host uses for its own Debian, with another release's name; elsewhere mmdebstrap's default.
write_sources() {
    . /etc/os-release
    [ "${ID:-}" = debian ] || return 0
    apt-get indextargets 'Created-By: Packages' --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
        | awk -v host="$VERSION_CODENAME" -v guest="$release" '
            $3 == "main" && ($2 == host || $2 == host "-updates" || $2 == host "-security") {
                sub(host, guest, $2)
                print "deb", $1, $2, "main"
            }' | sort -u
}

# Options the host's apt needs to reach its mirrors: proxies, dates, retries.
apt_options() {
    apt-config dump --no-empty | sed -nE 's/^(Acquire::(http|https|Check|Retries|ForceIPv)[^ ]*) "(.*)";$/--aptopt=\1 "\3"/p'
}

sources=$(mktemp)
trap 'rm -f "$sources"' EXIT
write_sources > "$sources"

{
    apt_options
    cat <<OPTIONS
--mode=root
--variant=minbase
--format=directory
--include=$packages
--aptopt=APT::Install-Recommends "false"
--dpkgopt=force-unsafe-io
--dpkgopt=path-exclude=/usr/share/doc/*
--dpkgopt=path-include=/usr/share/doc/*/copyright
--dpkgopt=path-exclude=/usr/share/man/*
--dpkgopt=path-exclude=/usr/share/locale/*
$release
$root
OPTIONS
    if [ -s "$sources" ]; then echo "$sources"; fi
} | tr '\n' '\0' | DEBIAN_FRONTEND=noninteractive xargs -0 mmdebstrap

# A box is not bound to the host it was made on: what its apt needs there, the lab tells it when it comes up.
sed -i '/^Acquire::/d' "$root/etc/apt/apt.conf.d/99mmdebstrap"

chroot "$root" useradd --create-home --shell /bin/bash --user-group vagrant
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/vagrant"
chmod 0440 "$root/etc/sudoers.d/vagrant"
install -d -m 0700 "$root/home/vagrant/.ssh"
install -m 0600 "$here/vagrant.pub" "$root/home/vagrant/.ssh/authorized_keys"
chroot "$root" chown -R vagrant:vagrant /home/vagrant/.ssh

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
