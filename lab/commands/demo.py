"""`millrace demo`: what the dashboards show at first; a service of the kafka machine runs it once."""

from lab.operate.first_data import send_first
from lab.screen.output import complain
from lab.sentences import general as sentences
from millrace.errors import Refused
from millrace.settings import Settings, load_lab
from producer.simulate import run


def demo() -> None:
    """Sends every feed's first simulated records, or its sample; sends nothing that was sent before.

    A feed that cannot be sent does not stop the others; exit 1 then, with one sentence for each.
    """
    settings, lab = Settings.from_environment(), load_lab()
    stopped = run.stop_on_signals()
    failed = []
    for feed in lab.feeds:
        if stopped():
            return
        try:
            send_first(settings, lab, feed, stopped)
        except Refused as refused:
            complain(f"{feed}: {refused}")
            failed.append(feed)
    if failed:
        raise Refused(sentences.FIRST_FAILED.format(feeds=", ".join(failed)))
