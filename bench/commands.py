"""The commands that a person types all day: from the key to the prompt."""

import subprocess
import time
from collections.abc import Callable, Sequence

from bench.report.figures import Measured, Name
from bench.send import rates_file
from feeds.insurance_rate import simulator as rates
from lab.location import CHECKOUT
from millrace.errors import Refused

FEW = 40
Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def make(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """What a person types."""
    return subprocess.run(["make", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False)


def measure(_options: object, _number: int, run: Run = make) -> Measured:
    """`make status`, a small query, and a small file through the whole pipeline."""
    found = {"make status": ["status"], "make sql": ["sql", "Q=SELECT COUNT(*) FROM v_feed_health"]}
    with rates_file(FEW) as file:
        found[f"make send, {FEW} rows"] = ["send", f"FEED={rates.FEED}", f"FILE={file}"]
        return {Name(title, "s"): seconds_of(run, arguments) for title, arguments in found.items()}


def seconds_of(run: Run, arguments: Sequence[str]) -> float:
    """How long it took; Refused where it has failed."""
    began = time.monotonic()
    done = run(arguments)
    seconds = time.monotonic() - began
    if done.returncode != 0:
        raise Refused(f"`make {arguments[0]}` failed: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]}")
    return seconds
