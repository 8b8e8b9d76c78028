"""How the services are: complaints, one sentence each."""

from collections.abc import Iterator
from typing import Any

import httpx
from sqlalchemy import text

from lab.doctor.examination import Evidence
from lab.location import is_host
from lab.observe.access import kafka_account
from lab.observe.services import STREAM_UNIT
from lab.observe.status import KAFKA_MS
from lab.observe.warehouse import warehouse
from lab.sentences import doctor as sentences
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.kafka.broker import NO_TOPIC, Broker
from millrace.kafka.declared_rights import USERS
from millrace.kafka.topic_retention import changes
from millrace.kafka.topic_settings import declared
from millrace.settings import Settings
from sql.migrate import current, revisions

READ_SECONDS = 5
HTTP_SECONDS = 3.0
SPARK_PORT = 8080


def silent_services(evidence: Evidence) -> Iterator[str]:
    """Services that do not answer, on machines that do."""
    found = evidence.status()
    up = {machine.machine for machine in found.machines if machine.up}
    for service in found.services:
        if not service.up and service.machine in up:
            yield sentences.SERVICE_SILENT.format(service=service.service, address=service.address)


def missing_topics(evidence: Evidence) -> Iterator[str]:
    """Topics of the feeds that are switched on, and are not there."""
    for feed, settings in topic_settings(evidence).items():
        if not settings:
            yield NO_TOPIC.format(topic=feed)


def topics_of_another_kind(evidence: Evidence) -> Iterator[str]:
    """Topics whose settings are not what their contract and the disk ask for."""
    found = {feed: settings for feed, settings in topic_settings(evidence).items() if settings}
    kept = {feed: int(settings["retention.bytes"]) for feed, settings in found.items()}
    sizes = kept | changes(evidence.lab(), kept)
    for feed, settings in found.items():
        for name, wanted in declared(load_contract(feed), sizes[feed])["configs"].items():
            if settings.get(name) != wanted:
                yield sentences.TOPIC_DIFFERS.format(topic=feed, name=name, found=settings.get(name), wanted=wanted)


def topic_settings(evidence: Evidence) -> dict[str, dict[str, str]]:
    """By feed that is switched on, its topic's settings; none where it has no topic."""
    broker, feeds = Broker(evidence.settings().kafka_account, timeout_ms=KAFKA_MS), evidence.lab().feeds
    try:
        found = broker.topic_settings(feeds)
        return {feed: found.get(feed, {}) for feed in feeds}
    finally:
        broker.close()


def accounts_kafka_refuses(evidence: Evidence) -> Iterator[str]:
    """Accounts that Kafka does not let in with the password that this lab has given them."""
    known = evidence.settings()
    there = map(kafka_account, USERS) if is_host() else (known.kafka_account, known.kafka_as("producer"))
    for account in there:
        broker = Broker(account, timeout_ms=KAFKA_MS)
        try:
            broker.topics()
        except Refused as refused:
            yield sentences.CLOSED_ACCOUNT.format(user=account.user, why=refused)
        finally:
            broker.close()


def files_that_mysql_refuses(evidence: Evidence) -> Iterator[str]:
    """Whether LOAD DATA LOCAL is on, by which everything is loaded."""
    if not _one(evidence, "SELECT @@local_infile"):
        yield sentences.NO_LOCAL_INFILE


def accounts_that_are_closed(evidence: Evidence) -> Iterator[str]:
    """Accounts that MySQL does not let in with the password that this lab has given them."""
    _one(evidence, "SELECT 1")
    for account in accounts(evidence.settings()):
        try:
            with warehouse(account, READ_SECONDS) as connection:
                connection.execute(text("SELECT 1"))
        except Refused as refused:
            yield sentences.CLOSED_ACCOUNT.format(user=account.mysql_user, why=refused)


def accounts(known: Settings) -> Iterator[Settings]:
    """Every account that may come in from here, but the reader, as whom all else is asked."""
    if not is_host():
        yield known.model_copy(update={"mysql_user": "producer", "mysql_password": known.mysql_producer_password})


def schema_that_is_behind(evidence: Evidence) -> Iterator[str]:
    """Whether every migration of this release was applied."""
    with warehouse(evidence.settings(), READ_SECONDS) as connection:
        found = current(connection)
    newest = revisions()[-1]
    if found != [newest]:
        yield sentences.OLD_SCHEMA.format(found=", ".join(found) or "nothing", newest=newest)


def spark_without_hands(evidence: Evidence) -> Iterator[str]:
    """Whether the master has a living worker, and the streaming application has cores of it."""
    yield from complaints_of_master(master(evidence.lab().address("spark")))


def complaints_of_master(found: dict[str, Any]) -> Iterator[str]:
    """What is missing in what Spark's master tells."""
    if not found.get("aliveworkers"):
        yield sentences.NO_WORKER
    streams = [app for app in found.get("activeapps", []) if app.get("name") == STREAM_UNIT]
    if not streams:
        yield sentences.NO_APPLICATION
    elif not any(app.get("cores") for app in streams):
        yield sentences.NO_CORES


def master(host: str) -> dict[str, Any]:
    """What Spark's master tells of its workers and applications."""
    try:
        found: dict[str, Any] = httpx.get(f"http://{host}:{SPARK_PORT}/json/", timeout=HTTP_SECONDS).json()
    except (httpx.HTTPError, ValueError) as error:
        raise Refused(sentences.NO_MASTER.format(host=host, port=SPARK_PORT)) from error
    return found


def _one(evidence: Evidence, query: str) -> Any:
    with warehouse(evidence.settings(), READ_SECONDS) as connection:
        return connection.execute(text(query)).scalar_one()
