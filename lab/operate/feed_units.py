"""The systemd units of the feeds on the kafka machine, brought in line with lab.yml. Runs as root.

Nothing is enabled: millrace-feeds.service starts at boot what lab.yml wants then.
"""

import re
import subprocess
from collections.abc import Callable, Iterable, Sequence

from lab.sentences import general as sentences
from millrace.errors import Refused
from millrace.settings import Lab
from producer.simulate.run import has_simulator, simulated_with

UNIT = re.compile(r"millrace-(?P<kind>[a-z]+)@(?P<feed>[a-z0-9_]+)\.(?P<type>service|path|timer)")
BY_HAND = ("device",)
"""Kinds that a person starts; a feed that is switched off stops them as well."""
Systemctl = Callable[..., str]


def systemctl(*arguments: str) -> str:
    """What systemctl printed; refuses with its last line when it failed."""
    done = subprocess.run(["systemctl", *arguments], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise Refused(sentences.SYSTEMCTL_FAILED.format(command=" ".join(("systemctl", *arguments)), why=lines[-1]))
    return done.stdout


def wanted_units(lab: Lab, feed: str) -> list[str]:
    """What runs for a feed that is switched on."""
    units = [f"millrace-landing@{feed}.path"]
    if feed in lab.pollers:
        units.append(f"millrace-poll@{feed}.service")
    elif is_simulated(lab, feed):
        units.append(f"millrace-simulate@{feed}.service")
    return units


def is_simulated(lab: Lab, feed: str) -> bool:
    """Whether records are made up all the time; a simulator of two feeds needs both, and a poller runs its own."""
    is_wanted = lab.simulator(feed).per_second > 0 and has_simulator(feed) and feed not in lab.pollers
    return is_wanted and set(simulated_with(feed)) <= set(lab.feeds)


def loaded_units(ask: Systemctl = systemctl) -> dict[str, str]:
    """The feeds' units that systemd knows of, and the state of each."""
    listed = ask("list-units", "--all", "--plain", "--no-legend", "--no-pager", "millrace-*@*")
    lines = (line.split() for line in listed.splitlines())
    return {line[0]: line[2] for line in lines if len(line) > 2 and UNIT.fullmatch(line[0])}


def units_of(feed: str, units: Iterable[str]) -> list[str]:
    """Those of the units that serve the feed."""
    return [unit for unit in units if (found := UNIT.fullmatch(unit)) and found["feed"] == feed]


def apply(lab: Lab, *, restart: bool = False, ask: Systemctl = systemctl) -> tuple[list[str], list[str]]:
    """Stop what lab.yml does not want, start what it does: (started, stopped). `restart`: what runs begins anew."""
    known = loaded_units(ask)
    wanted = [unit for feed in lab.feeds for unit in wanted_units(lab, feed)]
    running = {unit for unit, state in known.items() if state not in {"inactive", "failed"}}
    stopped = sorted(unit for unit in running if not _may_run(unit, wanted, lab.feeds))
    failed = sorted(unit for unit, state in known.items() if state == "failed")
    started = sorted({*wanted, *(running - {*stopped})} if restart else set(wanted) - running)
    _do(ask, "stop", stopped)
    _do(ask, "reset-failed", failed)
    _do(ask, "restart" if restart else "start", started)
    return started, stopped


def hold(lab: Lab, feed: str, ask: Systemctl = systemctl) -> list[str]:
    """Stop everything that brings records into the feed, and wait until it has ended."""
    feeding = [other for other in lab.feeds if feed in simulated_with(other)]
    known = loaded_units(ask)
    running = [unit for each in {feed, *feeding} for unit in units_of(each, known) if known[unit] != "inactive"]
    held = sorted(unit for unit in running if f"@{feed}." in unit or "-simulate@" in unit)
    _do(ask, "stop", held, wait=True)
    return held


def _may_run(unit: str, wanted: Sequence[str], feeds: Sequence[str]) -> bool:
    found = UNIT.fullmatch(unit)
    is_side = found is not None and f"millrace-{found['kind']}@{found['feed']}.path" in wanted
    return unit in wanted or is_side or (found is not None and found["kind"] in BY_HAND and found["feed"] in feeds)


def _do(ask: Systemctl, verb: str, units: Sequence[str], *, wait: bool = False) -> None:
    if units:
        ask(verb, *([] if wait or verb == "reset-failed" else ["--no-block"]), *units)
