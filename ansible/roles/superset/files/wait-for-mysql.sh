#!/bin/sh
# Waits at most $1 seconds until MySQL takes the password of Superset's account.
set -eu
set -a
. /etc/millrace/superset.env
set +a
exec /opt/millrace/venv/bin/python - "$1" <<'END'
import os
import sys
import time

import MySQLdb

deadline = time.monotonic() + float(sys.argv[1])
while True:
    try:
        MySQLdb.connect(host=os.environ["MILLRACE_MYSQL_HOST"], port=int(os.environ["MILLRACE_MYSQL_PORT"]), user="superset",
                        password=os.environ["SUPERSET_METADATA_PASSWORD"], database="superset", connect_timeout=5)
        break
    except MySQLdb.Error as error:
        if time.monotonic() > deadline:
            sys.exit(f"MySQL did not let Superset in within {sys.argv[1]} s ({error}): is the machine mysql up and provisioned?")
        time.sleep(1)
END
