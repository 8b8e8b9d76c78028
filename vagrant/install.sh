#!/bin/sh
# Installs what `make up` needs and this Debian or Ubuntu host lacks: Vagrant with a provider, the box builder's tools, and
# the commands' Python packages from the hash lock. Changes nothing where all is there.
# usage: install.sh [LOCK [PROVIDER]]        LOCK: requirements/lab.txt, or dev.txt for the tests too; PROVIDER: if not lab.yml's
set -eu

cd "$(dirname "$0")/.."
lock=${1:-requirements/lab.txt}

stop() { echo "✗ $*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo > /dev/null; then sudo "$@"
    else stop "Installing packages needs root and there is no sudo: run as root \`$*\`, then make up again."
    fi
}

# The same order as vagrant/provider.rb, which decides; here only what to install for it.
provider() {
    wanted=$(.lab/venv/bin/python -m millrace.lab_files provider)
    if [ "$wanted" != auto ]; then echo "$wanted"
    elif command -v VBoxManage > /dev/null; then echo virtualbox
    elif grep -qE '^flags.*\b(vmx|svm)\b' /proc/cpuinfo && [ -w /dev/kvm ]; then echo libvirt
    else echo lxc
    fi
}

packages() {
    echo ca-certificates iproute2 mmdebstrap debian-archive-keyring openssh-client rsync sudo
    command -v vagrant > /dev/null || echo vagrant
    # Tests run Spark on the host, open dashboards in a browser, read the scripts and a box's disk; benchmarks fetch peers.
    if [ "$lock" = requirements/dev.txt ]; then echo git default-jre-headless maven chromium ruby shellcheck qemu-utils kcat; fi
    case $1 in
        lxc)
            echo lxc dnsmasq-base iptables
            # Vagrant from its maker has its own plugins; the packaged one takes packaged plugins.
            if ! has_plugin vagrant-lxc && has_package vagrant-lxc; then echo vagrant-lxc; fi ;;
        libvirt)
            echo libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils extlinux fdisk e2fsprogs
            if ! has_plugin vagrant-libvirt && has_package vagrant-libvirt; then echo vagrant-libvirt; fi ;;
        virtualbox) echo qemu-utils extlinux fdisk e2fsprogs ;;
    esac
}

has_package() { [ -n "$(apt-cache search --names-only "^$1\$" 2> /dev/null)" ]; }

has_plugin() { command -v vagrant > /dev/null && vagrant plugin list 2> /dev/null | grep -q "^$1 "; }

is_installed() { dpkg-query -W -f '${Status}' "$1" 2> /dev/null | grep -q 'ok installed'; }

missing() {
    printf '%s\n' "$@" | sort -u | while read -r package; do is_installed "$package" || printf '%s ' "$package"; done
}

read_lists() {
    as_root apt-get update -q > .lab/apt.log 2>&1 || stop "apt-get update failed: $(tail -1 .lab/apt.log)"
}

install_packages() {
    wanted=$(missing "$@")
    [ -n "$wanted" ] || return 0
    echo "Installing: $wanted"
    # shellcheck disable=SC2086  # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $wanted > .lab/apt.log 2>&1 \
        || stop "apt-get install failed: $(tail -1 .lab/apt.log); the whole log is .lab/apt.log."
}

# Where the plugin is no package of this system.
plugin_version() {
    case $1 in
        lxc) echo 1.4.3 ;;
        libvirt) echo 0.12.2 ;;
    esac
}

install_plugin() {
    case $1 in
        lxc | libvirt)
            has_plugin "vagrant-$1" || vagrant plugin install "vagrant-$1" --plugin-version "$(plugin_version "$1")" \
                || stop "Vagrant's plugin vagrant-$1 did not install: see above, or set another provider in lab.local.yml." ;;
    esac
}

# First of all: what lab.yml wants is read by Python.
make_venv() {
    stamp=.lab/venv/.installed-$(basename "$lock" .txt)
    key=$(sha256sum "$lock" | cut -c1-64)
    [ "$(cat "$stamp" 2> /dev/null)" != "$key" ] || return 0
    command -v apt-get > /dev/null \
        || stop "This host is neither Debian nor Ubuntu: install Vagrant ≥ 2.3, a provider and Python ≥ 3.11, then use \`vagrant up\`."
    if ! python3 -c 'import ensurepip' 2> /dev/null; then read_lists && install_packages python3-venv; fi
    echo "Installing Python packages of $lock"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
        || stop "The commands need Python 3.11 or newer: this host's python3 is $(python3 --version)."
    [ -x .lab/venv/bin/python ] || python3 -m venv .lab/venv
    .lab/venv/bin/python -c 'import pip' 2> /dev/null || .lab/venv/bin/python -m ensurepip > /dev/null
    .lab/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    echo "$key" > "$stamp"
}

mkdir -p .lab
# Two of them would meet at apt's lock, and in one half-made environment.
if command -v flock > /dev/null; then
    exec 9> .lab/install.lock
    flock --nonblock 9 || { echo "Another command installs what this one needs too; waiting."; flock 9; }
fi
make_venv
chosen=${2:-$(provider)}
known=.lab/installed-$(basename "$lock" .txt)-$chosen
# Asking apt and Vagrant costs seconds: ask only when the answer may have changed.
state="$chosen $(sha256sum < "$0" | cut -c1-16) $(command -v vagrant || true)"
if [ "$(cat "$known" 2> /dev/null)" != "$state" ]; then
    read_lists
    command -v vagrant > /dev/null || has_package vagrant \
        || stop "This system has no package of Vagrant: install it from developer.hashicorp.com/vagrant/install, then make up again."
    # shellcheck disable=SC2046  # a list of words
    install_packages $(packages "$chosen")
    install_plugin "$chosen"
    echo "$chosen $(sha256sum < "$0" | cut -c1-16) $(command -v vagrant)" > "$known"
fi
