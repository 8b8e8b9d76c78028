"""Which feeds shall run: those that lab.yml switches on, but for those that were switched since it was written."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from millrace.errors import Refused
from millrace.feed_names import known_feeds
from millrace.settings import lab_changed_at, load_lab
from sql.requests import Requests

NEVER = datetime.fromtimestamp(0, UTC)


@dataclass
class WantedFeeds:
    """Remembers lab.yml, so that one which cannot be read changes nothing."""

    named: Sequence[str] | None = None
    """Those of the command line, which are the only ones; None: lab.yml decides."""
    _of_lab: tuple[str, ...] = ()
    _written_at: datetime = NEVER

    def after(self, asked: Requests) -> list[str]:
        """The feeds, with what people asked for since."""
        if self.named is None:
            with suppress(Refused, OSError):
                self._read_lab()
        newer = {feed: on for feed, (on, at) in asked.switched.items() if at.replace(tzinfo=UTC) > self._written_at}
        known = [feed for feed in (self.named or self._of_lab) if newer.get(feed, True)]
        added = [feed for feed, on in newer.items() if on and self.named is None and feed not in known]
        return [feed for feed in (*known, *added) if feed in known_feeds()]

    def _read_lab(self) -> None:
        """lab.yml, where it was written since: reading it every second would be half of what an idle driver does."""
        written_at = lab_changed_at()
        if written_at != self._written_at:
            self._of_lab, self._written_at = load_lab().feeds, written_at
