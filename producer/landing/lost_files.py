"""Files of which Kafka has lost records that it had acknowledged: what lies in archive/ is sent again.

They were sent and filed, so nobody looks at them any more; the stream sees nothing where they were not loaded yet.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.kafka.broker import present_uuid
from producer.files.errors import Unusable
from producer.files.send_file import send_spooled
from producer.files.spool import Spooled, unpacked_name
from producer.kafka.held_records import lost_since
from producer.kafka.journal import Entry
from producer.kafka.outlet import Outlet

log = logging.getLogger(__name__)
NUMBER = re.compile(r"-(?:[2-9]|[1-9]\d+)$")
"""What a file gets whose name was taken in archive/."""


@dataclass
class LostFiles:
    """One feed's. `copy` puts a file of `archive` into the spool; `is_loaded` asks MySQL whether it has all of one."""

    contract: Contract
    archive: Path
    copy: Callable[[Path], Spooled]
    outlet: Outlet
    is_loaded: Callable[[Entry], bool]

    def send_again(self) -> list[str]:
        """Send again what can be; the names of the others, of which MySQL has not all. Refused where Kafka is away."""
        feed, journal = self.contract.feed, self.outlet.journal
        uuid = present_uuid(self.outlet.topic, feed)
        begun = journal.unfinished(feed, uuid)  # a send of ours that was killed is one of these
        lost = lost_since(journal, self.outlet.holds, feed, uuid, self.outlet.topic.latest_offsets(feed))
        for entry in begun:
            self._is_sent(entry)
        replaced = [entry for entry in lost if self._is_replaced(entry)]
        missing = [entry for entry in lost if entry not in replaced and not self._is_sent(entry)]
        settled = [*replaced, *(entry for entry in missing if self.is_loaded(entry))]
        for entry in settled:
            journal.forget_positions(feed, entry.source)
        return [entry.name for entry in missing if entry not in settled]

    def _is_sent(self, entry: Entry) -> bool:
        """Whether its file was there, and was sent again, or somebody else has to do with it by now."""
        if (spooled := self._archived(entry)) is None:
            return False
        if self.outlet.journal.entry(entry.feed, entry.source) != entry:
            spooled.discard()
            return True
        try:
            result = send_spooled(self.contract, spooled, self.outlet, lost=entry)
        except Unusable as unusable:
            log.warning("%s lies in %s and can no longer be sent: %s", entry.name, self.archive, unusable)
            return False
        log.warning("%s is sent again: %d of its %d records", entry.name, result.sent, result.records)
        return True

    def _archived(self, entry: Entry) -> Spooled | None:
        """A copy of its file in archive/, which may have another number or packing, and is known by its content."""
        for path in self._by_name.get(entry.name, ()):
            if spooled := self._copied(path):
                if spooled.sha256 == entry.content:
                    return spooled
                spooled.discard()
        return None

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        """What lies in archive/, by the names that it may have had, see producer.landing.file_moves.free_name."""
        found = defaultdict(list)
        for path in sorted(self.archive.glob("*")):
            stem, dot, ending = unpacked_name(path.name).partition(".")
            for name in {stem, NUMBER.sub("", stem)}:
                found[f"{name}{dot}{ending}"].append(path)
        return found

    def _copied(self, path: Path) -> Spooled | None:
        """None where it has left archive/ meanwhile, or can no longer be read."""
        try:
            return self.copy(path)
        except Unusable:
            return None
        except Refused:
            if path.exists():
                raise
            return None

    def _is_replaced(self, entry: Entry) -> bool:
        """Whether a later version has taken its place: nobody misses it."""
        later = self.outlet.journal.named(entry.feed, entry.name)
        return any(entry.source in other.replaces for other in later if other.version > entry.version)
