"""From a file to everything a feed consists of."""

from dataclasses import dataclass
from pathlib import Path

from lab.new_feed.dashboard.dashboard import slug_of
from lab.new_feed.feed_files import ASSETS, Files, dashboard_files
from lab.new_feed.infer.column_names import is_taken, plain_name
from lab.new_feed.proposal import Choices, Proposed, propose_contract
from lab.new_feed.readme import readme
from lab.new_feed.sample import sample
from millrace.errors import Refused
from millrace.feed_names import known_feeds
from producer.files.spool import unpacked_name
from sql.schema.feed_tables import build_metadata

LONGEST_NAME = 30


@dataclass(frozen=True)
class Made:
    """What will be written, and what it was made of."""

    proposed: Proposed
    files: Files


def make(file: Path, feed: str, checkout: Path, scratch: Path, choices: Choices) -> Made:
    """Everything a feed of this file consists of; nothing is written. Refused with one sentence where it cannot be."""
    refuse_name(feed, file, checkout)
    proposed, name = propose_contract(file, feed, scratch, choices), unpacked_name(file.name)
    folder = Path("feeds") / feed
    files: Files = {
        folder / "contract.yaml": proposed.text.encode(),
        folder / "sample.csv": sample(proposed.inspected),
        folder / "README.md": readme(proposed.contract, proposed.columns, proposed.inspected, name).encode(),
        **dashboard_files(proposed.contract, proposed.columns, proposed.roles, checkout),
    }
    return Made(proposed, files)


def refuse_name(feed: str, file: Path, checkout: Path) -> None:
    """Refuses a name that is none, too long, or in use for something else."""
    good = plain_name(feed)[:LONGEST_NAME] or "shop"
    if not feed:
        raise Refused(f"The feed needs a name: NAME={plain_name(file.name.split('.')[0])[:LONGEST_NAME] or 'shop'}.")
    if feed != good or is_taken(feed):
        hint = f"my_{good}"[:LONGEST_NAME] if is_taken(good) else good
        raise Refused(
            f"{feed!r} cannot be a feed's name: small letters, digits and _, a letter first, at most {LONGEST_NAME}, "
            f"and no word of SQL; NAME={hint} would do."
        )
    if feed in known_feeds():
        raise Refused(f"There is a feed {feed} already; choose another NAME.")
    taken = [
        path
        for path in (Path("feeds") / feed, ASSETS / f"dashboards/{slug_of(feed)}.yaml")
        if (checkout / path).exists()
    ]
    taken += [path for path in (ASSETS / f"charts/{slug_of(feed)}",) if (checkout / path).exists()]
    if taken:
        raise Refused(f"{taken[0]} exists already; choose another NAME, or remove it.")
    if {feed, f"{feed}_staging"} & set(build_metadata().tables):
        raise Refused(f"There is a table {feed} already; choose another NAME.")
