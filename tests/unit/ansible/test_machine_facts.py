"""The program by which a machine tells its facts: memory is what its control group counts, of either version."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from lab.observe.machines import facts_of
from millrace.lab_files import CHECKOUT

PROGRAM = CHECKOUT / "ansible" / "roles" / "base" / "files" / "millrace-facts"
MEMINFO = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    700 kB\n"
MACHINE = (300 * 1024, 1000 * 1024)

pytestmark = pytest.mark.host


SYSTEMCTL = """#!/bin/sh
case $1 in
    is-active)
        case $2 in *idle*) echo inactive; exit 3 ;; *up*) echo activating; exit 3 ;; esac
        echo active
        exit ;;
    list-unit-files)
        printf '%s enabled enabled\\n' kafka.service millrace-idle.timer millrace-up.service spark-x@.service
        exit ;;
esac
echo 'dev-disk-by\\x2did.device loaded failed failed a device'
echo 'millrace-batch-lake.service loaded failed failed the lake'
"""


def printed(folder: Path, files: dict[str, str]) -> str:
    """What the program prints where systemd knows of two failed units."""
    for name, text in {"meminfo": MEMINFO, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "systemctl").write_text(SYSTEMCTL)
    (folder / "systemctl").chmod(0o755)
    command = ["sh", str(PROGRAM), str(folder), str(folder / "meminfo")]
    path = {"PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=path).stdout


def facts(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    line = printed(folder, files)
    assert line.count("\n") == 1
    found: dict[str, Any] = json.loads(line)
    return found


def second(use: str, most: str) -> dict[str, str]:
    return {"memory.current": use, "memory.max": most, "memory.stat": "anon 1\nfile 50000\nshmem 2000\nfile_mapped 9\n"}


def first(use: str, most: str) -> dict[str, str]:
    stat = "cache 7\nshmem 7\ntotal_cache 50000\ntotal_shmem 2000\n"
    return {"memory/memory.usage_in_bytes": use, "memory/memory.limit_in_bytes": most, "memory/memory.stat": stat}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, MACHINE),
        (second("400000", "max\n"), MACHINE),
        (second("400000", "500000\n"), (352000, 500000)),
        (first("400000", "9223372036854771712\n"), MACHINE),
        (first("400000", "500000\n"), (352000, 500000)),
    ],
    ids=["a machine", "v2 unbounded", "v2 bounded", "v1 unbounded", "v1 bounded"],
)
def test_memory_is_what_bounds_the_machine(tmp_path: Path, files: dict[str, str], expected: tuple[int, int]) -> None:
    found = facts(tmp_path, files)
    assert (found["memory_used"], found["memory_size"]) == expected


def test_the_disk_is_counted_as_df_does(tmp_path: Path) -> None:
    found = facts(tmp_path, {})
    assert 0 < found["disk_used"] < found["disk_size"]


def test_the_commands_understand_what_it_tells(tmp_path: Path) -> None:
    found = facts_of(printed(tmp_path, {}).encode(), time.time())
    assert found.stopped == ["millrace-idle.timer"]
    assert found.failed == ["dev-disk-by\\x2did.device", "millrace-batch-lake.service"]
    assert abs(found.clock_ahead) < 60
    assert (found.memory_used, found.memory_size) == MACHINE
