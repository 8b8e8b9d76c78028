"""The lab's MySQL with a binary log, which it writes none of otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.peers.scratch import number
from lab.host import remote
from lab.observe.warehouse import warehouse
from millrace.errors import Refused
from millrace.settings import Settings

# Read after the lab's own settings. Every commit reaches the disk, as it does without the log.
SETTINGS = "/etc/mysql/mysql.conf.d/zzz-bench.cnf"
ON = f"printf '[mysqld]\\nlog_bin = bench\\nsync_binlog = 1\\n' > {SETTINGS} && systemctl restart mysql"
OFF = f"rm -f {SETTINGS} && systemctl restart mysql && rm -f /var/lib/mysql/bench.*"
RESTART_SECONDS = 300


def switch_off_left(reached: Settings) -> None:
    """Switches off what a run that was killed has left; Refused where MySQL keeps a log that is not the benchmark's."""
    if keeps_log(reached):
        remote.run("mysql", ["sudo", "sh", "-c", OFF], timeout=RESTART_SECONDS)
        if keeps_log(reached):
            raise Refused("MySQL keeps a binary log by settings of its own: without it there is nothing to compare.")


@contextmanager
def binary_log(reached: Settings) -> Iterator[None]:
    """MySQL is restarted before and after; what it has logged is gone then. `reached`: an account to ask it by."""
    try:
        remote.run("mysql", ["sudo", "sh", "-c", ON], timeout=RESTART_SECONDS)
        if not keeps_log(reached):
            raise Refused(f"MySQL keeps no binary log, though {SETTINGS} on its machine says so.")
        yield
    finally:
        remote.run("mysql", ["sudo", "sh", "-c", OFF], timeout=RESTART_SECONDS)


def keeps_log(reached: Settings) -> bool:
    """Whether MySQL keeps one now."""
    with warehouse(reached) as connection:
        return bool(number(connection, "SELECT @@log_bin"))
