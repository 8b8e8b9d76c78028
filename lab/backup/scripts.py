"""What runs on the machines: how state is taken from them, and put back. Each is a script of root's shell."""

import shlex

STATE = "/var/lib/millrace"
WORK = f"{STATE}/.backup"
PYTHON = "/opt/millrace/venv/bin/python"
DATABASES = ("millrace", "superset")
COPY_SQLITE = (
    "import sqlite3, sys;"
    " source = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, timeout=30);"
    " source.backup(sqlite3.connect(sys.argv[2]))"
)

# A folder of the producers' own, for copies of what they have open.
AT_WORK = f"set -e; rm -rf {WORK}; install --directory --owner=millrace --group=millrace --mode=0700 {WORK}"
COPY = f"runuser --user=millrace -- {PYTHON} -P -c {shlex.quote(COPY_SQLITE)}"

# Journals first: what they call sent must be found in MySQL, which is copied last. Then the landing folders as hard
# links, so that a file which moves meanwhile is there in its old place or its new one; tar reads at leisure.
TAKE_KAFKA = f"""
{AT_WORK}
for name in journal live; do
  [ ! -f {STATE}/$name.sqlite ] || {COPY} {STATE}/$name.sqlite {WORK}/$name.sqlite
done
cd {STATE}
take() {{
  find landing -mindepth 2 -maxdepth 2 "$@" -exec sh -c '
    for each; do
      cp --archive --link --parents "$each" {WORK}/ 2>/dev/null ||
        cp --archive --update=none --parents "$each" {WORK}/ || [ ! -e "$each" ] || exit 1
    done' sh {{}} +
}}
if [ -d landing ]; then
  mkdir -p {WORK}/landing
  take ! -name archive ! -name quarantine
  take '(' -name archive -o -name quarantine ')'
fi
cd {WORK}
tar --create --gzip --warning=no-file-changed -- * || [ $? -eq 1 ]
rm -rf {WORK}
"""
# Nothing where nobody ever sent.
TAKE_JOURNAL = f"""
[ -f {STATE}/journal.sqlite ] || exit 0
{AT_WORK}
{COPY} {STATE}/journal.sqlite {WORK}/journal.sqlite
cat {WORK}/journal.sqlite
rm -rf {WORK}
"""
PUT_KAFKA = f"""
set -e
cd {STATE}
find . -mindepth 1 -delete
tar --extract --gzip
"""
# Not by /dev/stdin, which cannot be opened where ssh gives a socket.
PUT_JOURNAL = (
    f"cd {STATE} && cat > .journal.new && rm -f journal.sqlite-wal journal.sqlite-shm"
    " && chown millrace:millrace .journal.new && mv .journal.new journal.sqlite"
)

# One transaction for both databases: rows, rollups and ledger of one moment.
TAKE_MYSQL = (
    "mysqldump --single-transaction --quick --hex-blob --max-allowed-packet=64M --default-character-set=utf8mb4"
    # A server knows the transactions that it has done itself, and takes no dump that names them.
    " --set-gtid-purged=OFF"
    f" --add-drop-database --databases {' '.join(DATABASES)} | gzip -1"
)
# A view names who made it, by an address of the lab that it was made on; this account is the same on every lab.
DEFINER = r"/^\/\*!50013 DEFINER=/s/DEFINER=`[^`]*`@`[^`]*`/DEFINER=`migrate`@`localhost`/"
PUT_MYSQL = (
    f"gzip --decompress --stdout | LC_ALL=C sed -E {shlex.quote(DEFINER)}"
    " | mysql --max-allowed-packet=64M --default-character-set=utf8mb4"
)

EPOCH = "SELECT COALESCE(MAX(epoch), 0) FROM millrace.pipeline_app"
MIGRATION = "SELECT COALESCE(MAX(version_num), '') FROM millrace.alembic_version"
# Who owned the copied ledger is gone, and no epoch counts twice.
NOBODY_OWNS = (
    "UPDATE millrace.pipeline_app SET lease_until = NULL, connection_id = NULL, epoch = GREATEST(epoch, {epoch})"
)
# Where the old topic ended says nothing any more: who sent what was behind the ledger remembers nothing of it. No ends
# at all say so (sql/ledger/jumps.py); NULL is that nobody has looked.
NOTHING_UNREAD = (
    "UPDATE millrace.pipeline_feed SET latest_offsets = JSON_OBJECT(), lag_records = NULL WHERE feed NOT IN ({feeds})"
)

REST = {
    "kafka": ("millrace-*.timer", "millrace-*.path", "millrace-*.service"),
    "spark": ("millrace-*.timer", "millrace-*.service", "spark-worker.service"),
    "superset": ("superset.service",),
}
"""By machine, units that stop before anything is replaced; provisioning starts them again."""
EMPTIED = {"spark": "/var/lib/spark/lake", "superset": "/var/lib/superset/cache"}
"""By machine, a folder of copies of what MySQL held: the lake is exported anew, answers are asked for anew."""


def as_root(script: str) -> str:
    """For a command of a pipe to fail is for the script to fail."""
    return shlex.join(["sudo", "bash", "-o", "pipefail", "-c", script])


def asked(sql: str) -> list[str]:
    """MySQL's own root, tab-separated and without a header."""
    return ["sudo", "mysql", "--batch", "--skip-column-names", "-e", sql]


def nothing_unread(but: list[str]) -> str:
    """For every feed but those."""
    return NOTHING_UNREAD.format(feeds=", ".join(f"'{feed}'" for feed in ["", *but]))
