#!/bin/sh
# In the guest: what vagrant/host-files.sh learned of the host becomes this machine's own.
set -eu

from=/vagrant/host
# shellcheck source=/dev/null
. /etc/os-release

install -d /usr/local/share/ca-certificates/host
if ! diff -rq "$from/certificates" /usr/local/share/ca-certificates/host > /dev/null; then
    rm -f /usr/local/share/ca-certificates/host/*
    find "$from/certificates" -name '*.crt' -exec install -m 0644 {} /usr/local/share/ca-certificates/host/ \;
    update-ca-certificates > /dev/null
fi

install -m 0644 "$from/apt.conf" /etc/apt/apt.conf.d/50host
if [ -s "$from/sources.list" ]; then
    sed "s/@RELEASE@/$VERSION_CODENAME/" "$from/sources.list" > /etc/apt/sources.list
fi

mark='# from the host:'
{ sed "/^$mark/,\$d" /etc/environment; echo "$mark"; cat "$from/environment"; } > /etc/environment.new
mv /etc/environment.new /etc/environment
