#!/bin/sh
# Runs a command of this checkout on the guests' own Debian, and so on their Python, whatever this host has. The folder it
# needs is made once from Debian's packages and the tests' lock, and kept beside the downloads for all checkouts.
# usage: run.sh FOLDER COMMAND [ARGUMENT…]        FOLDER: made where it is missing
set -eu

release=trixie
here=$(cd "$(dirname "$0")/../.." && pwd)
lock="$here/requirements/dev.txt"

if [ "$(id -u)" != 0 ]; then
    exec sudo MILLRACE_UID="$(id -u)" MILLRACE_GID="$(id -g)" "$0" "$@"
fi

root=$1
shift

make_root() {
    echo "Making Debian $release with its Python in $root"
    host=$(mktemp -d)
    "$here/vagrant/host-files.sh" "$host"
    sed -i "s/@RELEASE@/$release/" "$host/sources.list"
    if [ -s "$host/sources.list" ]; then set -- "$host/sources.list"; else set --; fi
    mkdir -p "$(dirname "$root")"
    work=$(mktemp -d "$root.XXXXXX")
    trap 'rm -rf "$work" "$host"' EXIT
    DEBIAN_FRONTEND=noninteractive mmdebstrap --mode=root --variant=minbase --format=directory --quiet \
        --include=ca-certificates,git,openssh-client,procps,python3,python3-venv,zstd \
        --aptopt="$host/apt.conf" --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' "$release" "$work" "$@"
    cp "$host"/certificates/*.crt "$work/usr/local/share/ca-certificates/" 2> /dev/null || true
    chroot "$work" update-ca-certificates > /dev/null 2>&1
    chmod 0755 "$work"
    cp "$lock" "$work/lock.txt"
    cp -L /etc/resolv.conf /etc/hosts "$work/etc/"
    # What pip needs of the host's settings to reach its index as the host does.
    [ ! -f "${HOME:-/root}/.config/pip/pip.conf" ] || cp "${HOME:-/root}/.config/pip/pip.conf" "$work/etc/pip.conf"
    [ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$work/etc/pip.conf"
    (
        set -a
        # shellcheck source=/dev/null
        . "$host/environment"
        chroot "$work" python3 -m venv /venv
        unset PIP_FIND_LINKS
        chroot "$work" /venv/bin/pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r /lock.txt
    )
    rm -rf "$root"
    mv "$work" "$root"
    trap - EXIT
    rm -rf "$host"
}

cmp -s "$lock" "$root/lock.txt" || make_root

# Mounts of its own: they end with the command, and the host never sees them.
# shellcheck disable=SC2016  # the inner shell's
exec unshare --mount sh -eu -c '
root=$1 here=$2
shift 2
mkdir -p "$root$here" "$root/proc" "$root/dev"
mount --bind "$here" "$root$here"
if [ -d "$here/../shared" ]; then
    shared=$(cd "$here/../shared" && pwd)
    mkdir -p "$root$shared"
    mount --bind "$shared" "$root$shared"
fi
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
exec chroot "$root" setpriv --reuid "${MILLRACE_UID:-0}" --regid "${MILLRACE_GID:-0}" --clear-groups \
    env HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:/usr/bin:/bin sh -c "cd \"\$0\" && exec \"\$@\"" "$here" "$@"
' sh "$root" "$here" "$@"
