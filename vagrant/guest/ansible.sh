#!/bin/sh
# In the guest: ansible-core in a venv of its own, from the hash lock, through the host's cache.
set -eu

lock=/vagrant/requirements/ansible.txt
python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
key=$(sha256sum "$lock" | cut -c1-16)-$python-$(uname -m)
[ "$(cat /opt/ansible/.made-from 2> /dev/null)" != "$key" ] || exit 0

cached=/var/cache/millrace/venvs/ansible-$key.tar
rm -rf /opt/ansible
if [ -f "$cached" ]; then
    tar -C /opt -xf "$cached"
else
    # /etc/environment is read at log-in only, and this log-in may be older than its lines.
    set -a
    # shellcheck source=/dev/null
    . /etc/environment
    set +a
    python3 -m venv /opt/ansible
    /opt/ansible/bin/pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r "$lock"
    echo "$key" > /opt/ansible/.made-from
    install -d "$(dirname "$cached")"
    tar -C /opt -cf "$cached.$(hostname)" ansible
    mv "$cached.$(hostname)" "$cached"
fi
for command in /opt/ansible/bin/ansible*; do ln -sf "$command" /usr/local/bin/; done
