#!/bin/sh
# In the guest: the machine's own secrets move from the uploading user's hands to root's, and words that everybody knows count no more.
set -eu

uploaded=/home/vagrant/.millrace-secrets.yml
install -d -m 0755 /etc/millrace
install -m 0600 -o root -g root "$uploaded" /etc/millrace/secrets.yml
rm "$uploaded"

# Boxes of others let `vagrant` in by its name as the password. The first file that names a setting of sshd's decides.
takes_passwords() { /usr/sbin/sshd -T | grep -qE '^(passwordauthentication|kbdinteractiveauthentication) yes$'; }
if takes_passwords; then
    printf 'PasswordAuthentication no\nKbdInteractiveAuthentication no\n' > /etc/ssh/sshd_config.d/00-millrace.conf
    if takes_passwords; then
        echo '✗ sshd of this box takes passwords in spite of /etc/ssh/sshd_config.d: take another box, or mend its sshd_config.' >&2
        exit 1
    fi
    systemctl try-reload-or-restart ssh
fi
