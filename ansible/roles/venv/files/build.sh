#!/bin/sh
# Fills the environment $1 with exactly what /var/tmp/millrace-venv/lock.txt says, and puts the code at $2 on its path.
set -eu
venv=$1
app=$2
work=/var/tmp/millrace-venv

# The machine's proxies and package index, where it has some; this log-in may be older than they are.
set -a
. /etc/environment
set +a

# Debian 13 keeps /tmp in memory; and Debian's certificates count, with whatever a company added to them.
export TMPDIR=$work UV_CACHE_DIR=$work/cache
export PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt

/usr/bin/python3 -P -m venv --clear "$work/uv"
"$work/uv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$work/uv.txt"
"$work/uv/bin/uv" venv --quiet --allow-existing --python /usr/bin/python3 "$venv"
"$work/uv/bin/uv" pip sync --quiet --require-hashes --compile-bytecode --python "$venv/bin/python" "$work/lock.txt"

echo "$app" > "$("$venv/bin/python" -P -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/millrace.pth"
