#!/bin/sh
# Fetches MySQL's packages of one version into apt's archives, with new lists where the old ones do not name it; installs nothing.
# usage: fetch.sh VERSION RELEASE
set -eu

fetch() {
    apt-get install --yes --quiet --download-only --target-release "$2" \
        "mysql-server=$1" "mysql-server-core=$1" "mysql-client=$1" "mysql-client-core=$1"
}

fetch "$@" || { apt-get update --quiet && fetch "$@"; }
