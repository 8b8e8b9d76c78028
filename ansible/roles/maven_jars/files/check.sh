#!/bin/sh
# Whether the jars in a folder are those of a list, no fewer and no more, each with its SHA-256; prints those that are not.
# usage: check.sh FOLDER LIST
set -eu
list=$(realpath "$2")
cd "$1"
sha256sum -- *.jar | LC_ALL=C sort | LC_ALL=C comm -3 - "$list" | grep . || exit 0
exit 1
