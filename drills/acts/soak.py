"""Half an hour under load, one drill after another by a seed; then what has survived it is left alone, and measured."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
from time import monotonic

from drills import memory, rate
from drills.drill import Act, Drill
from drills.endure import endure
from drills.scene import Scene
from drills.waiting import Failed, Skipped
from lab.screen.output import console
from millrace.errors import Refused
from millrace.waiting import ask_until

SECONDS, EVERY_SECONDS, CALM_SECONDS, SAMPLE_SECONDS = 1800.0, 120.0, 1200.0, 10.0
CALM = "the calm"
"""In it everything gets warm, and its memory is judged: what a drill has killed last is young for long."""


def of(drills: Sequence[Drill]) -> Act:
    """Performs each at most once, in an order by the traffic's seed; the feeds must recover from each."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        began, screen = monotonic(), console(stderr=True)
        order = Random(scene.traffic.seed).sample(list(drills), k=min(len(drills), round(SECONDS / EVERY_SECONDS)))
        wrong: list[str] = []
        broken: list[tuple[str, float, float]] = []
        with sampled(scene) as found:
            for number, drill in enumerate(order):
                _pause(began + number * EVERY_SECONDS)
                at = monotonic()
                screen.print(f"  minute {(at - began) / 60:.0f}: {drill.name}")
                wrong += _perform(drill, scene)
                broken.append((drill.name, at, monotonic()))
            screen.print(f"  minute {(monotonic() - began) / 60:.0f}: nothing more is done to it")
            _pause(began + SECONDS)
            broken.append((CALM, monotonic(), monotonic()))
            _pause(began + SECONDS + CALM_SECONDS)
            ended = monotonic()
        intervals = rate.intervals(broken, ended)
        for line in rate.described(intervals, found.counts):
            screen.print(f"  {line}")
        if wrong := [*wrong, *rate.too_few(intervals, found.counts), *memory.growing(found.processes, ended)]:
            raise Failed(f"{'; '.join(wrong)} (seed {scene.traffic.seed}).")
        yield

    return act


@dataclass
class Samples:
    """What was looked at meanwhile."""

    processes: list[memory.Sample] = field(default_factory=list)
    counts: list[rate.Count] = field(default_factory=list)


@contextmanager
def sampled(scene: Scene) -> Iterator[Samples]:
    """Memory, and how much Kafka has acknowledged, are looked at every ten seconds meanwhile."""
    samples = Samples()
    ended = Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            with suppress(Refused):  # the kafka machine is away
                at = monotonic()
                samples.counts.append(rate.Count(at, sum(scene.traffic.acknowledged().values())))
            samples.processes.extend(memory.take_samples(monotonic()))

    sampling = Thread(target=sample, daemon=True)
    sampling.start()
    try:
        yield samples
    finally:
        ended.set()
        sampling.join(4 * SAMPLE_SECONDS)


def _perform(drill: Drill, scene: Scene) -> list[str]:
    """What was not as the drill expects it; one that cannot be performed here is none of them, and is said."""
    screen = console(stderr=True)
    try:
        endured = endure(drill, scene, lambda _sentence: None)
    except Skipped as why:
        screen.print(f"    not performed: {why}")
        return []
    screen.print(f"    recovered in {endured.recovery_seconds} s")
    return [f"{drill.name}: {sentence}" for sentence in endured.wrong]


def _pause(moment: float) -> None:
    """Until then."""
    left = moment - monotonic()
    if left > 0:
        ask_until(lambda: monotonic() >= moment, bool, seconds=left + 1)
