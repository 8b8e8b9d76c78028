"""The cause of a drill, and how the lab comes out of it: what is reported meanwhile, and how soon all goes on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from drills.drill import Drill, Effect
from drills.scene import Scene
from drills.waiting import until
from lab.host.readiness import missing_dashboard
from millrace.errors import Refused
from millrace.waiting import ask_until
from sql.schema.ledger_tables import WAITING_SECONDS

MOST_RECOVERY_SECONDS = 60.0
"""The lab promises to be well again so soon after a cause has gone."""
LOOK_SECONDS, ASKING_SECONDS = 10.0, 10.0
TOLD_SECONDS = WAITING_SECONDS + 2 * LOOK_SECONDS + ASKING_SECONDS
"""So soon a feed that stands still says why.

The application looks at every topic each LOOK_SECONDS, and sees by the second look that nothing has moved; from then on
WAITING_SECONDS count. The rest is for the questions to MySQL, and for `make status` itself.
"""
REPORT_SECONDS, LATE_SECONDS = 180.0, 60.0
"""How long it is waited for what must be reported; and behind the cause's end."""
Report = Callable[[str], None]


@dataclass
class Endured:
    """Seconds until the cause was reported, where it has to be, and until all went on; and what was not as expected."""

    recovery_seconds: float
    reported_seconds: float | None = None
    wrong: list[str] = field(default_factory=list)


def endure(drill: Drill, scene: Scene, report: Report) -> Endured:
    """Lets the cause happen and waits until it is gone and all goes on. Raises Failed where that never comes."""
    epoch, reported = scene.epoch, drill.expects.reported
    scene.forget_recovery()
    with drill.act(scene):
        report("the cause is there")
        began = monotonic()
        reported_seconds = _seconds_until_reported(scene, reported, began, REPORT_SECONDS)
        ask_until(lambda: monotonic() - began >= drill.seconds, bool, seconds=drill.seconds + 1)
    gone, recovered, before_it = scene.gone_at or monotonic(), scene.recovered_at, scene.longest_before
    scene.forget_recovery()  # they are of this drill, not of the soak that performs it
    report("the cause is gone")
    until(scene.is_sending, "the traffic goes on")
    before = scene.traffic.acknowledged()
    until(lambda: all(read > before[feed] for feed, read in scene.read().items()), "what was sent since is loaded")
    if drill.screens:
        until(lambda: missing_dashboard() is None, "a viewer can open a dashboard")
    endured = Endured(round(max(before_it, (recovered or monotonic()) - gone), 1), reported_seconds)
    if endured.recovery_seconds > MOST_RECOVERY_SECONDS:
        most = f"{MOST_RECOVERY_SECONDS:.0f} s are promised"
        endured.wrong.append(f"All went on {endured.recovery_seconds} s after the cause had gone; {most}.")
    if reported and endured.reported_seconds is None:
        endured.reported_seconds = _seconds_until_reported(scene, reported, began, LATE_SECONDS)
    if reported:
        endured.wrong += _told_wrongly(drill.expects, endured.reported_seconds)
    same = scene.epoch == epoch
    if drill.expects.application == ("starts anew" if same else "goes on"):
        endured.wrong.append("The application went on." if same else "The application started anew.")
    return endured


def _told_wrongly(expects: Effect, seconds: float | None) -> list[str]:
    if seconds is None:
        return [f"`make status` never said {expects.reported!r}."]
    if expects.stands_still and seconds > TOLD_SECONDS:
        return [f"`make status` said {expects.reported!r} after {seconds} s; {TOLD_SECONDS:.0f} s are promised."]
    return []


def _seconds_until_reported(scene: Scene, pattern: str, began: float, seconds: float) -> float | None:
    """Since the cause was there; None where it never was."""
    if not pattern or not ask_until(lambda: _reports(scene, pattern), bool, seconds=seconds):
        return None
    return round(monotonic() - began, 1)


def _reports(scene: Scene, pattern: str) -> bool:
    try:
        return scene.reports(pattern)
    except Refused:
        return False
