#!/bin/sh
# One digest of files (their content), links (where they lead) and built folders (the key they carry).
set -eu
for path in "$@"; do
    if [ -L "$path" ]; then readlink -f "$path"
    elif [ -d "$path" ]; then ls -A "$path" | grep '^\.tree-'
    else sha256sum "$path"
    fi
done | sha256sum | cut -c1-64
