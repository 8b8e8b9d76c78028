"""The machines may start in any order: here those that need the others come first."""

import subprocess
import time

import orjson
import pytest

from feeds.settings import Lab
from lab.place import CHECKOUT
from lab.services import MACHINES
from tests.lab.tools import millrace

FIRST, THEN = ("spark", "superset"), ("kafka", "mysql")
DEADLINE_SECONDS = 240


def vagrant(*arguments: str) -> None:
    """Runs Vagrant in this checkout; fails with what it said."""
    command = ["vagrant", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def wait_until_all_is_well() -> None:
    """Returns when `make status` finds nothing wrong; fails with what it last found."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (found := orjson.loads(millrace("status", "--json").out))["problems"]:
        if time.monotonic() > deadline:
            pytest.fail(f"after {DEADLINE_SECONDS} s: {found['problems']}")
        time.sleep(1)


@pytest.mark.timeout(1200)
def test_lab_comes_back_whichever_machine_starts_first(lab: Lab) -> None:
    committed = "SELECT COUNT(*) FROM v_insurance_network"
    before = millrace("sql", "--", committed).out
    vagrant("halt", *MACHINES)
    vagrant("up", "--no-provision", *FIRST)
    vagrant("up", "--no-provision", *THEN)
    wait_until_all_is_well()
    assert millrace("sql", "--", committed).out == before
