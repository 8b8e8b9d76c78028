"""Superset speaks to the lab's MySQL and to no other, for its own tables and for what dashboards ask."""

import json
import re
from pathlib import Path

from lab.host import remote
from millrace.kafka_account import AUTHORITY
from millrace.settings import Lab

DEBIANS_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
"""They have signed nothing of the lab's."""
APP = "/opt/millrace/app/superset"
# Both connections as Superset makes them: who MySQL takes it for, or what its client library says.
CONNECT = f"""
import json, os, sys
sys.path.insert(0, "{APP}")
import yaml
from import_assets import ASSETS, with_address
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from superset import config

(database,) = (ASSETS / "databases").glob("*.yaml")
dashboards = make_url(yaml.safe_load(with_address(database.read_text()))["sqlalchemy_uri"])
found = []
for url in (make_url(config.SQLALCHEMY_DATABASE_URI), dashboards.set(password=os.environ["SUPERSET_READER_PASSWORD"])):
    try:
        with create_engine(url).connect() as mysql:
            found.append(mysql.execute("SELECT USER()").scalar())
    except OperationalError as error:
        found.append(str(error.orig))
print(json.dumps(found))
"""


def connected(authority: Path) -> list[str]:
    """What became of the two, where Superset is told to believe that authority."""
    given = f"CREDENTIALS_DIRECTORY=/etc/millrace MILLRACE_MYSQL_CA={authority}"
    script = f"""program=$(mktemp) && trap 'rm $program' EXIT
cat > $program <<'END'
{CONNECT}
END
chmod 644 $program
cd / && sudo -u superset env {given} /opt/millrace/venv/bin/python {APP}/with_credentials.py $program
"""
    found: list[str] = json.loads(remote.run("superset", script, timeout=120).splitlines()[-1])
    return found


def test_another_mysql_is_not_spoken_to(lab: Lab) -> None:
    """One whose certificate is not of this lab: here by a Superset that believes whom Debian believes."""
    assert [user.partition("@")[0] for user in connected(AUTHORITY)] == ["superset", "reader"]
    refusals = connected(DEBIANS_AUTHORITIES)
    assert len(refusals) == 2
    for said in refusals:
        assert re.fullmatch(r"\(2026, 'TLS/SSL error: .*certificate.*'\)", said), refusals
