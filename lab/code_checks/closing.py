"""What the end of a run says of its tests, all steps together."""

from collections import Counter
from collections.abc import Mapping

from lab.code_checks.tally import Tally
from lab.sentences import general as sentences

DATA = "../shared/data"


def skips(tallies: Mapping[str, Tally]) -> list[str]:
    """How many tests were skipped for want of the real data, in one line, and how many for each other reason."""
    reasons = [why for tally in tallies.values() for why in tally.skipped.values()]
    others = Counter(why for why in reasons if DATA not in why)
    lines = [sentences.SKIPPED.format(count=count, why=why) for why, count in others.most_common()]
    lack = len(reasons) - others.total()
    return [sentences.SKIPPED_FOR_DATA.format(count=lack, data=DATA), *lines] if lack else lines


def slowest(tallies: Mapping[str, Tally], count: int) -> list[str]:
    """The tests that took longest, set-up and end included, the longest first."""
    took = [(seconds, test) for tally in tallies.values() for test, seconds in tally.seconds.items()]
    return [f"{seconds:6.1f} s  {test}" for seconds, test in sorted(took, reverse=True)[:count]]


def failures(tallies: Mapping[str, Tally]) -> list[str]:
    """Each test that failed, with its step and the first line of what was wrong."""
    return [
        sentences.TEST_FAILED.format(test=test, step=title, why=(why.splitlines() or [""])[0])
        for title, tally in tallies.items()
        for test, why in tally.failed.items()
    ]
