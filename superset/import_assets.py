"""Brings Superset to what this folder says: tables, users, roles, database, datasets, charts, dashboards.

Run with Superset's own Python and environment (see superset_config.py), on the superset machine:

    python superset/import_assets.py SECONDS KNOWN

Waits so many SECONDS for MySQL, which may start only now or be restarted meanwhile; ends with exit code 75 and a
sentence when that was not enough, and may then be run again. Prints one JSON line,
{"changed": true|false, "imported": n, "pruned": n, "keep": path|null}, where `keep` is a file for the cache. Changes
nothing when nothing has to change. KNOWN are SHA-256:NAME of the files there that may be believed, with commas between
them, or `any`.
Beside superset_config's environment it reads:

SUPERSET_READER_PASSWORD     of MySQL's account `reader`, which the dashboards read with (secret)
SUPERSET_ADMIN_PASSWORD      of Superset's user `admin` (secret)
SUPERSET_VIEWER_PASSWORD     of Superset's user `viewer` (secret)
MILLRACE_MYSQL_DATABASE      the database with the data (millrace)
SUPERSET_TABLES_CACHE        folder where such files are looked for
"""

import hashlib
import json
import os
import sys
import time
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from accounts import ensure_accounts, ensure_viewer_role
from metadata_tables import NotLetInError, ensure_tables, fill_tables, wait_for_mysql
from query_contexts import opened_with, query_context
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from superset.app import create_app

ASSETS = Path(__file__).parent / "assets"
STATE_KEY = UUID("3d0c2f7e-97d5-4a53-8a0b-8d5d6f6c4e21")
# Prune from the top down: a dashboard before its charts, a chart before its dataset.
KINDS = ("dashboards", "charts", "datasets", "databases")

# Server is shutting down; the client cannot connect, or its connection is gone.
MYSQL_WENT_AWAY = (1053, 2002, 2003, 2006, 2013)

Contents = dict[str, str]
Uuids = dict[str, list[str]]


def read_assets(folder: Path = ASSETS) -> Contents:
    """Every YAML file by its path in the folder, with the database's address here and each chart's query context."""
    contents = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}
    dashboards = [yaml.safe_load(contents[name]) for name in sorted(contents) if name.startswith("dashboards/")]
    for name, text in contents.items():
        if name.startswith("databases/"):
            contents[name] = with_address(text)
        elif name.startswith("charts/"):
            contents[name] = with_query_context(text, dashboards)
    return contents


def with_address(text: str) -> str:
    """The YAML of a database with this lab's host, port and database name for its placeholders, and whom to trust."""
    config = yaml.safe_load(text)
    url = make_url(config["sqlalchemy_uri"]).set(
        host=os.environ["MILLRACE_MYSQL_HOST"],
        port=int(os.environ.get("MILLRACE_MYSQL_PORT", "3306")),
        database=os.environ.get("MILLRACE_MYSQL_DATABASE", "millrace"),
    )
    url = url.update_query_dict({"ssl_ca": os.environ["MILLRACE_MYSQL_CA"], "ssl_mode": "VERIFY_IDENTITY"})
    config["sqlalchemy_uri"] = url.render_as_string(hide_password=False)
    return str(yaml.safe_dump(config, sort_keys=False))


def with_query_context(text: str, dashboards: list[dict[str, Any]]) -> str:
    """The YAML of a chart with what it asks for as it is seen on its dashboard."""
    config = yaml.safe_load(text)
    state = opened_with(config["uuid"], dashboards)
    return str(yaml.safe_dump(config | {"query_context": query_context(config["params"], state)}, sort_keys=False))


def digest(contents: Contents) -> str:
    """Changes whenever a file or its path does."""
    whole = json.dumps(contents, sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def uuids_of(contents: Contents) -> Uuids:
    """The uuids per kind of object."""
    return {
        kind: sorted(yaml.safe_load(text)["uuid"] for name, text in contents.items() if name.startswith(f"{kind}/"))
        for kind in KINDS
    }


def models() -> dict[str, Any]:
    """Superset's table per kind of object; to be imported inside the application only."""
    from superset.connectors.sqla.models import SqlaTable  # noqa: PLC0415
    from superset.models.core import Database  # noqa: PLC0415
    from superset.models.dashboard import Dashboard  # noqa: PLC0415
    from superset.models.slice import Slice  # noqa: PLC0415

    return {"dashboards": Dashboard, "charts": Slice, "datasets": SqlaTable, "databases": Database}


def is_up_to_date(contents: Contents, state: dict[str, Any], password: str) -> bool:
    """Whether the same files were imported before, every object is still there and the database knows the password."""
    from superset import db  # noqa: PLC0415

    wanted = uuids_of(contents)
    for kind, model in models().items():
        if db.session.query(model).filter(model.uuid.in_(wanted[kind])).count() < len(wanted[kind]):
            return False
    model = models()["databases"]
    passwords = {one.password for one in db.session.query(model).filter(model.uuid.in_(wanted["databases"]))}
    return state.get("digest") == digest(contents) and passwords == {password}


def import_contents(contents: Contents, password: str) -> None:
    """Overwrite the objects of the folder, keeping their ids; any error undoes all of it."""
    from superset.commands.importers.v1.assets import ImportAssetsCommand  # noqa: PLC0415

    passwords = {name: password for name in contents if name.startswith("databases/")}
    ImportAssetsCommand(contents, passwords=passwords).run()


def prune(before: Uuids, now: Uuids) -> int:
    """Delete what an earlier import brought and the folder no longer holds; what people made themselves stays."""
    from superset import db  # noqa: PLC0415

    count = 0
    for kind, model in models().items():
        gone = sorted(set(before.get(kind, [])) - set(now[kind]))
        for found in db.session.query(model).filter(model.uuid.in_(gone)):
            db.session.delete(found)
            count += 1
        db.session.flush()
    return count


def read_state() -> dict[str, Any]:
    """What the last import left in Superset's own key-value table; empty before the first."""
    from superset.daos.key_value import KeyValueDAO  # noqa: PLC0415
    from superset.key_value.types import JsonKeyValueCodec, KeyValueResource  # noqa: PLC0415

    return KeyValueDAO.get_value(KeyValueResource.APP, STATE_KEY, JsonKeyValueCodec()) or {}


def save_state(contents: Contents) -> None:
    from superset.daos.key_value import KeyValueDAO  # noqa: PLC0415
    from superset.key_value.types import JsonKeyValueCodec, KeyValueResource  # noqa: PLC0415

    from superset import db  # noqa: PLC0415

    state = {"digest": digest(contents), "uuids": uuids_of(contents)}
    KeyValueDAO.upsert_entry(KeyValueResource.APP, state, JsonKeyValueCodec(), STATE_KEY)
    db.session.commit()


def bring_up_to_date() -> dict[str, Any]:
    """Tables, then accounts: assets are imported in the name of admin, and belong to it."""
    from superset.utils.core import override_user  # noqa: PLC0415

    tables_changed, keep = ensure_tables()
    admin, accounts_changed = ensure_accounts(
        admin_password=os.environ["SUPERSET_ADMIN_PASSWORD"], viewer_password=os.environ["SUPERSET_VIEWER_PASSWORD"]
    )
    contents, password, pruned = read_assets(), os.environ["SUPERSET_READER_PASSWORD"], 0
    state = read_state()
    stale = not is_up_to_date(contents, state, password)
    if stale:
        with override_user(admin):
            import_contents(contents, password)
            pruned = prune(state.get("uuids", {}), uuids_of(contents))
        save_state(contents)
    role_changed = ensure_viewer_role(dataset_uuids=uuids_of(contents)["datasets"])
    imported = sum(map(len, uuids_of(contents).values())) if stale else 0
    return {
        "changed": tables_changed or stale or accounts_changed or role_changed,
        "imported": imported,
        "pruned": pruned,
        "keep": str(keep) if keep else None,
    }


def until_mysql_stays(deadline: float, known: str) -> dict[str, Any]:
    """Begins again when MySQL goes away in the middle; its own provision may restart it."""
    # By hand, as in wait_for_mysql: millrace.waiting cannot be imported here. Its folder on the path would put this one
    # in the place of Superset's own package, and Superset's environment has no tenacity.
    application = cache(create_app)
    while True:
        wait_for_mysql(deadline - time.monotonic())
        try:
            # Before the application, which at its start makes some of its tables where there are none.
            fill_tables(known)
            with application().app_context():
                return bring_up_to_date()
        except OperationalError as error:
            if error.orig is None or error.orig.args[0] not in MYSQL_WENT_AWAY:
                raise
            if time.monotonic() > deadline:
                raise NotLetInError(error) from error


def main() -> None:
    missing = [name for name in ("READER", "ADMIN", "VIEWER") if not os.environ.get(f"SUPERSET_{name}_PASSWORD")]
    if missing:
        names = ", ".join(f"SUPERSET_{name}_PASSWORD" for name in missing)
        sys.exit(f"The environment lacks {names}; run this with the variables of Superset's service.")
    deadline = time.monotonic() + float(sys.argv[1])
    # Superset prints at its start; standard output is for the one line of JSON.
    with redirect_stdout(sys.stderr):
        try:
            result = until_mysql_stays(deadline, sys.argv[2])
        except NotLetInError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(os.EX_TEMPFAIL)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
