#!/bin/sh
# Keeps the tree at $1 as the file $2. Written under another name first: a half-written file is never taken for a tree.
set -eu
part=$(mktemp "$2.XXXXXX")
trap 'rm -f "$part"' EXIT
tar --zstd -cf "$part" -C "$(dirname "$1")" "$(basename "$1")"
chmod 644 "$part"
mv "$part" "$2"
