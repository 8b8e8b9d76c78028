#!/bin/sh
# One digest of files (their content), links (where they lead) and built folders (the key they carry).
set -eu
for path in "$@"; do
    if [ -L "$path" ]; then readlink -f "$path"
    elif [ -d "$path" ]; then find "$path" -maxdepth 1 -name '.tree-*' -printf '%f\n'
    else sha256sum "$path"
    fi
done | sha256sum | cut -c1-64
