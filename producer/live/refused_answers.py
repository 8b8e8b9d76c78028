"""Answers that could not be used, kept for whoever wants to see them: the newest ones, each with its reason."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

KEPT = 100


@dataclass(frozen=True)
class RefusedAnswers:
    """A folder of refused answers."""

    folder: Path

    def keep(self, feed: str, place: str, body: bytes, reason: str) -> str:
        """Keep an answer beside the reason; returns the words that say where, empty where there is nothing to keep."""
        if not body:
            return ""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{feed}-{re.sub(r'[^A-Za-z0-9]+', '-', place).strip('-')}"
        path = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            path.with_name(f"{name}.reason").write_text(f"{reason}\n", encoding="utf-8")
        except OSError as error:
            return f" It could not be kept: {error.strerror}."
        self._make_room()
        return f" Kept in {path}."

    def _make_room(self) -> None:
        for old in sorted(self.folder.iterdir())[: -2 * KEPT]:
            with suppress(OSError):
                old.unlink()
