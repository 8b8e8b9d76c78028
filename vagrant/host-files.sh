#!/bin/sh
# What a guest must know of this host to reach the package mirrors as the host does: extra certificates, apt's options
# and mirrors, proxies. Nothing of it is written down in the project. On a plain host the files stay empty.
# usage: host-files.sh FOLDER
set -eu

# The folder itself stays: running guests hold it open, and a new one of the same name is another folder to them.
folder=$1
mkdir -p "$folder/certificates"
rm -f "$folder"/certificates/*

for certificate in /usr/local/share/ca-certificates/*.crt; do
    if [ -f "$certificate" ]; then cp "$certificate" "$folder/certificates/"; fi
done

: > "$folder/apt.conf"
: > "$folder/sources.list"
if command -v apt-config > /dev/null; then
    apt-config dump --no-empty | grep -E '^Acquire::(http|https|Check|Retries|ForceIPv)[^ ]* ' > "$folder/apt.conf" || true
fi

# The host's own Debian mirrors, @RELEASE@ in the place of its release. Another distribution's mirrors carry no Debian.
id='' VERSION_CODENAME=''
# shellcheck source=/dev/null
if [ -f /etc/os-release ]; then . /etc/os-release; id=${ID:-}; fi
if [ "$id" = debian ] && [ -n "$VERSION_CODENAME" ]; then
    # shellcheck disable=SC2016  # apt's own variables
    apt-get indextargets 'Created-By: Packages' --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
        | awk -v host="$VERSION_CODENAME" '
            $3 == "main" && ($2 == host || $2 == host "-updates" || $2 == host "-security") {
                sub(host, "@RELEASE@", $2)
                print "deb", $1, $2, "main"
            }' | sort -u > "$folder/sources.list"
fi

{
    if [ -n "$(ls "$folder/certificates")" ]; then
        for name in SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE PIP_CERT; do
            echo "$name=/etc/ssl/certs/ca-certificates.crt"
        done
    fi
    env | grep -E '^((http|https|no)_proxy|(HTTP|HTTPS|NO)_PROXY|PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|DEFAULT_TIMEOUT)|UV_(INDEX_URL|DEFAULT_INDEX))=' || true
} > "$folder/environment"
