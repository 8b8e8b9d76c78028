"""A process that is asked to stop does, however often it is asked."""

import os
import signal
import subprocess
import sys
import time

import pytest

from lab.location import CHECKOUT

WAITING = """
from producer.simulate.run import stop_on_signals
stopped = stop_on_signals()
print("ready", flush=True)
while not stopped():
    pass
input()
"""
TIMES = 2_000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_that_come_while_one_is_handled_block_nothing(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        for _ in range(TIMES):
            os.kill(process.pid, number)
            time.sleep(0.00005)
        try:
            process.communicate("goes on\n", timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
