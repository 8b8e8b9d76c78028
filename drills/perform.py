"""One drill from its traffic to its verdict."""

import shlex
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

from drills.drill import Drill
from drills.endure import endure
from drills.replacements import FEED, Replacements
from drills.scene import COUNTS, Scene
from drills.traffic import Traffic
from drills.validator import validate
from drills.waiting import Skipped, until
from instruments.failpoints import PRODUCERS
from instruments.interrupted import go_on_ending
from lab.screen.output import console
from millrace.errors import Refused
from millrace.settings import Lab

SEEDS = 2**31
Report = Callable[[str], None]


@dataclass
class Verdict:
    """What a drill came to: the traffic's records by what became of them, and every sentence about what is wrong."""

    drill: str
    does: str
    sent: int = 0
    loaded: int = 0
    updated: int = 0
    duplicates: int = 0
    quarantined: int = 0
    recovery_seconds: float | None = None
    """From the moment when the cause was gone until what was sent since is loaded."""
    reported_seconds: float | None = None
    """From the moment when the cause was there until `make status` said so, where it has to."""
    wrong: list[str] = field(default_factory=list)
    skipped: str = ""
    """Why it could not be performed here."""

    @property
    def passed(self) -> bool:
        return not self.wrong


def perform(drill: Drill, lab: Lab, report: Report = lambda _sentence: None) -> Verdict:
    """Breaks what the drill breaks while records stream in; waits until all is well, and looks at everything.

    Whatever goes wrong is in the verdict: what one drill meets does not end those behind it.
    """
    verdict = Verdict(drill.name, drill.does)
    try:
        _perform(drill, lab, verdict, report)
    except Exception as failed:
        _note(failed, verdict, report)
    return verdict


def _perform(drill: Drill, lab: Lab, verdict: Verdict, report: Report) -> None:
    with tempfile.TemporaryDirectory() as folder:
        traffic = Traffic(SystemRandom().randrange(SEEDS))
        traffic.stop()  # what a run that was killed has left
        traffic.start()
        replacements = Replacements(Path(folder), traffic.seed)
        scene = Scene(lab, traffic, replacements)
        try:
            scene.wait_until_flowing()
            report("records stream in")
            _act(drill, scene, verdict, report)
            replacements.stop()
            until(traffic.has_caught_up, "all that was ever acknowledged is acknowledged again")
        except Skipped as why:
            verdict.skipped = str(why)
        except Exception as failed:  # what it has left is looked at all the same
            _note(failed, verdict, report)
        finally:
            replacements.stop()
            traffic.start()
            acknowledged = traffic.acknowledged()
            traffic.stop()
            # A kafka machine that was started anew has started the lab's own producers.
            scene.run("kafka", f"sudo systemctl stop {shlex.join(PRODUCERS)}")
        go_on_ending()
        report("everything is looked at")
        acknowledged = traffic.acknowledged() | {FEED: replacements.acknowledged}
        verdict.wrong += validate(scene, acknowledged)
        _count(verdict, scene, acknowledged)


def _note(failed: Exception, verdict: Verdict, report: Report) -> None:
    """What broke the drill off, in its verdict; a bug of its own with where it is."""
    is_sentence = isinstance(failed, Refused | AssertionError)
    what = str(failed) if is_sentence else f"{type(failed).__name__}: {failed}"
    verdict.wrong.append(what)
    report(f"it failed: {what}")
    if not is_sentence:
        console(stderr=True).print_exception()


def _act(drill: Drill, scene: Scene, verdict: Verdict, report: Report) -> None:
    scene.losses += [drill.expects.reported] if drill.expects.stays else []
    endured = endure(drill, scene, report)
    verdict.recovery_seconds, verdict.reported_seconds = endured.recovery_seconds, endured.reported_seconds
    verdict.wrong += endured.wrong


def _count(verdict: Verdict, scene: Scene, acknowledged: dict[str, int]) -> None:
    verdict.sent = sum(acknowledged.values())
    for name in COUNTS[1:]:
        setattr(verdict, name, sum(counts[name] for counts in scene.counts().values()))
