"""`make restore`: a lab is made where there is none, rests, gets what the archive holds, and is brought up.

Topics are empty then: the ledger goes on with them as with topics that were made anew, and keeps its rows.
"""

import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from lab.backup import host_files, scripts
from lab.backup.archive import HOST, KAFKA, LATER, MYSQL, DamagedError, Manifest
from lab.host import provisioning_digest, remote, up, vagrant
from lab.location import state_folder
from lab.observe.access import kafka_account
from lab.screen.progress import Phases
from lab.sentences import backup as sentences
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.feed_names import known_feeds
from millrace.kafka.broker import Broker
from millrace.kafka.topic_retention import retention_bytes
from millrace.settings import load_lab
from producer.kafka.journal import Journal

STEPS = 6
REST_SECONDS = 300
JOURNAL = "journal.sqlite"


def is_made() -> bool:
    """Whether this checkout has a lab; Refused where only some of its machines run, or none could be made."""
    found = vagrant.check()
    if all(machine.runs for machine in found.machines):
        return True
    if any(machine.made for machine in found.machines):
        raise Refused(sentences.HALF_UP)
    if found.failures:
        raise Refused(found.failures[0])
    return False


def host_part(file: Path, parts: Path, manifest: Manifest) -> dict[str, bytes]:
    """What goes into the checkout; Refused where a feed that is on would have no contract."""
    try:
        files = host_files.read(parts / HOST)
    except (DamagedError, tarfile.TarError) as damaged:
        raise Refused(sentences.DAMAGED.format(file=file, why=damaged)) from None
    missing = sorted(set(manifest.on) - set(known_feeds()) - host_files.feeds_of(files))
    if missing:
        raise Refused(sentences.FEEDS_MISSING.format(feeds=", ".join(missing)))
    return files


def put_back(
    manifest: Manifest, parts: Path, files: dict[str, bytes], *, is_fresh: bool, report: Callable[[str], None]
) -> Path:
    """The lab is that of the archive; where that was taken from what there was before of settings and passwords.

    Every step may be done again: a restore that was killed is begun anew.
    """
    phases, aside = Phases(STEPS), state_folder() / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if is_fresh:
        host_files.put(files, aside, has_broker=False)
        up.bring_up()
    report(sentences.HALF_DONE)
    provisioning_digest.outdate()  # `make up` starts what rests from now on
    with phases.step(sentences.HELD):
        epoch = epoch_there()
        rest()
    with phases.step(sentences.HOST):
        if not is_fresh:
            host_files.put(files, aside, has_broker=True)
    with phases.step(sentences.TOPICS):
        uuids = renew_topics(manifest)
    with phases.step(sentences.MEMORY):
        remote.push("kafka", scripts.as_root(scripts.PUT_KAFKA), parts / KAFKA)
        if journal := moved_journal(parts, manifest, uuids):
            remote.push("kafka", scripts.as_root(scripts.PUT_JOURNAL), journal)
    with phases.step(sentences.LOADING):
        remote.push("mysql", scripts.as_root(scripts.PUT_MYSQL), parts / MYSQL)
        settle = (scripts.NOBODY_OWNS.format(epoch=epoch), scripts.nothing_unread(list(manifest.unread)))
        remote.run("mysql", scripts.asked("; ".join(settle)))
    with phases.step(sentences.STARTED):
        up.bring_up()
    return aside


def epoch_there() -> int:
    """The newest owner's; 0 where a restore that was killed has left no ledger."""
    try:
        return int(remote.run("mysql", scripts.asked(scripts.EPOCH)))
    except Refused:
        return 0


def rest() -> None:
    """Nobody sends, loads or charts any more; what was copied from MySQL goes."""
    for machine, units in scripts.REST.items():
        remote.run(machine, ["sudo", "systemctl", "stop", *units], timeout=REST_SECONDS)
    for machine, folder in scripts.EMPTIED.items():
        remote.run(machine, f"[ ! -d {folder} ] || sudo find {folder} -mindepth 1 -delete", timeout=REST_SECONDS)


def renew_topics(manifest: Manifest) -> dict[str, str]:
    """The topic of every feed that is on, or had one, is new and empty; its id, by feed."""
    lab = load_lab()
    contracts = [load_contract(feed) for feed in known_feeds()]
    with closing(Broker(kafka_account("admin"))) as broker:
        present = set(broker.topics())
        for contract in contracts:
            if contract.feed in present:
                broker.delete_topic(contract.feed)
        named = {*present, *lab.feeds, *manifest.topics}
        wanted = [contract for contract in contracts if contract.feed in named]
        broker.ensure_topics(wanted, retention_bytes(lab))
        return {contract.feed: broker.topic_uuid(contract.feed) or "" for contract in wanted}


def moved_journal(parts: Path, manifest: Manifest, uuids: dict[str, str]) -> Path | None:
    """The producers' journal as it counts with the new topics; None where the lab had none.

    What was not loaded when the archive was made is to be sent again: of those feeds nothing counts as sent. Neither
    does what was sent while the archive was made, but its versions count.
    """
    later, copy = parts / LATER, parts / JOURNAL
    later.touch()  # an older archive has none
    with tarfile.open(parts / KAFKA) as tar:
        if JOURNAL in tar.getnames() and (content := tar.extractfile(JOURNAL)):
            copy.write_bytes(content.read())
    if not copy.exists() and not later.stat().st_size:
        return None
    with closing(Journal(copy)) as journal, closing(Journal(later)) as newer:
        for feed, uuid in uuids.items():
            if feed in manifest.topics and feed not in manifest.unread:
                journal.move(feed, manifest.topics[feed], uuid)
        journal.take_over(newer)
    return copy
