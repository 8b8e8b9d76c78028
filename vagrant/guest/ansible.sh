#!/bin/sh
# In the guest: ansible-core in a venv of its own, from the hash lock, through the host's cache.
set -eu

lock=/vagrant/requirements/ansible.txt
python=$(python3 -P -c 'import sys; print("%d.%d" % sys.version_info[:2])')
key=$(sha256sum "$lock" | cut -c1-16)-$python-$(uname -m)
kept=$(hostname)/venvs/ansible-$key.tar
cached=/var/cache/millrace/$kept

make_venv() {
    # /etc/environment is read at log-in only, and this log-in may be older than its lines.
    set -a
    # shellcheck source=/dev/null
    . /etc/environment
    set +a
    python3 -P -m venv /opt/ansible
    /opt/ansible/bin/pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r "$lock"
    echo "$key" > /opt/ansible/.made-from
}

keep_venv() {
    install -d "$(dirname "$cached")"
    part=$(mktemp "$cached.XXXXXX")
    trap 'rm -f "$part"' EXIT
    tar -C /opt -cf "$part" ansible
    chmod 644 "$part"
    mv "$part" "$cached"
}

if [ "$(cat /opt/ansible/.made-from 2> /dev/null)" != "$key" ]; then
    rm -rf /opt/ansible
    # A copy of our own: what has been looked at stays what it is.
    if [ -f "$cached" ]; then cp "$cached" /opt/ansible.tar; fi
    if grep -qsxF "$(sha256sum /opt/ansible.tar 2> /dev/null | cut -c1-64)  $kept" /vagrant/host/trees.sha256; then
        tar -C /opt -xf /opt/ansible.tar
    else
        make_venv
        keep_venv
    fi
    rm -f /opt/ansible.tar
elif [ ! -f "$cached" ] && ! grep -qsF "  $kept" /vagrant/host/trees.sha256; then
    # This machine is older than its folder in the cache. Of one that it knows already the host would remove another.
    keep_venv
fi
for command in /opt/ansible/bin/ansible*; do ln -sf "$command" /usr/local/bin/; done

# Here and not in ansible.cfg, which also serves control machines without Mitogen. The link goes first: writing would follow it.
rm /usr/local/bin/ansible-playbook
cat > /usr/local/bin/ansible-playbook << 'EOF'
#!/bin/sh
export ANSIBLE_STRATEGY="${ANSIBLE_STRATEGY:-mitogen_unpinned}" ANSIBLE_STRATEGY_PLUGINS=/vagrant/ansible/strategy_plugins
exec /opt/ansible/bin/ansible-playbook "$@"
EOF
chmod 755 /usr/local/bin/ansible-playbook
