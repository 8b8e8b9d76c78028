"""How the feeds are: complaints, one sentence each."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from lab.doctor.examination import Evidence
from lab.doctor.service_probes import READ_SECONDS
from lab.observe.status import feed_problem
from lab.observe.warehouse import warehouse
from lab.sentences import doctor as sentences
from lab.sentences import status as status_words
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from sql import contracts_in_use, seals

PENDING_SECONDS = 300
"""Longer than a commit may take with all its tries, and than the application's own watch over itself."""
PENDING = (
    "SELECT feed, load_id, TIMESTAMPDIFF(SECOND, started_at, UTC_TIMESTAMP(3)) AS seconds FROM pipeline_load"
    " WHERE state = 'pending' AND started_at < UTC_TIMESTAMP(3) - INTERVAL :seconds SECOND"
)
REFUSED = (
    "SELECT feed, COUNT(*) AS records FROM v_quarantine WHERE resolved_load_id IS NULL"
    " AND quarantined_at > UTC_TIMESTAMP(3) - INTERVAL 1 HOUR GROUP BY feed ORDER BY feed"
)


def unreadable_ledger(evidence: Evidence) -> Iterator[str]:
    """Whether MySQL tells what has been loaded."""
    if why := evidence.status().ledger_unknown:
        yield status_words.NO_LEDGER.format(why=why)


def feeds_that_do_not_run(evidence: Evidence) -> Iterator[str]:
    """Feeds that are switched on and neither run nor start, with what the stream says of them."""
    found = evidence.status()
    yield from unreadable_ledger(evidence)
    if not found.is_stream_heard:
        yield status_words.STREAM_SILENT
    elif not found.ledger_unknown:
        yield from (feed_problem(feed) for feed in found.feeds if not feed.right and feed.feed not in found.resets)


def what_waits_for_a_person(evidence: Evidence) -> Iterator[str]:
    """What producers and stream have told as trouble, and feeds that are starting over."""
    found = evidence.status()
    yield from (f"{one.feed}: {one.message}" for one in found.notices if one.kind == "trouble")
    yield from (sentences.STARTS_OVER.format(feed=feed) for feed in found.resets)


def contracts_that_differ(evidence: Evidence) -> Iterator[str]:
    """Feeds whose tables were made from another contract than the one that stands here."""
    with warehouse(evidence.settings(), READ_SECONDS) as connection:
        there = contracts_in_use.read(connection)
    for feed in evidence.lab().feeds:
        try:
            version = load_contract(feed).version
        except Refused as refused:
            yield str(refused)
            continue
        if feed not in there or there[feed].version != version:
            yield sentences.OTHER_CONTRACT.format(feed=feed)
        elif there[feed].state != "in_use":
            yield sentences.CHANGING.format(feed=feed)


def loads_that_hang(evidence: Evidence) -> Iterator[str]:
    """Loads that were begun and neither committed nor undone for longer than that may take."""
    for row in _rows(evidence, PENDING, seconds=PENDING_SECONDS):
        yield sentences.PENDING.format(feed=row.feed, load=row.load_id, seconds=row.seconds)


def growing_quarantine(evidence: Evidence) -> Iterator[str]:
    """Feeds of which records were refused within the last hour, and not taken in since."""
    for row in _rows(evidence, REFUSED):
        yield sentences.REFUSED.format(feed=row.feed, records=row.records)


def seals_not_required(evidence: Evidence) -> Iterator[str]:
    """Whether records are believed that have no seal, since an older release's producers may still run."""
    with warehouse(evidence.settings(), READ_SECONDS) as connection:
        if seals.required_since(connection) is None:
            yield sentences.NO_SEALS


def jobs_that_failed(evidence: Evidence) -> Iterator[str]:
    """Batch jobs whose last run failed, or none of which has ended well for an hour."""
    for job in evidence.status().jobs:
        if not job.right:
            yield sentences.JOB.format(job=job.job, state=job.state, message=job.message)


def _rows(evidence: Evidence, query: str, **values: int) -> list[Any]:
    with warehouse(evidence.settings(), READ_SECONDS) as connection:
        return list(connection.execute(text(query), values))
