"""All feeds at once under 1,000 records a second: how long one waits from sent to committed, and how far they lag."""

from collections.abc import Iterable, Sequence
from statistics import quantiles

from sqlalchemy import Connection, text

from bench.feeds_at_once import Traffic, send_all, simulators
from bench.processor_time import cores_busy
from bench.report.figures import Measured, Name, Options, WrongCount
from bench.send import quiet
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from millrace.errors import Refused
from millrace.settings import load_lab
from millrace.waiting import ask_until

PER_SECOND = 1_000
WARM_SECONDS = 15
DEADLINE_SECONDS = 600

# From the moment a record was sent until the load it came in was committed; of an upsert feed the newest of each key.
WAITED = (
    "SELECT TIMESTAMPDIFF(MICROSECOND, r.sent_at, l.finished_at) / 1e6"
    " FROM {feed} r JOIN pipeline_load l USING (load_id)"
    " WHERE l.state = 'committed' AND l.load_id > :first AND l.started_at > :warm AND r.sent_at IS NOT NULL"
)
# The sum of each feed's greatest lag: more than there ever was at one moment.
LAG = (
    "SELECT COALESCE(SUM(most), 0) FROM"
    " (SELECT MAX(lag_records) AS most FROM pipeline_sample WHERE sampled_at > :warm GROUP BY feed) AS by_feed"
)
SPAN = (
    "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(sent_at), MAX(sent_at)) / 1e6 FROM ({sent}) AS everything"
    " WHERE sent_at IS NOT NULL"
)


def measure(options: Options, _number: int) -> Measured:
    """One load of all feeds."""
    return under_traffic(simulators(load_lab()), PER_SECOND, options.seconds)


def under_traffic(feeds: Sequence[str], per_second: int, seconds: int) -> dict[Name, float]:
    """These feeds at that rate together, and nothing else. Every record must be in the ledger afterwards."""
    if not feeds:
        raise Refused("No feed that is switched on has a simulator: lab.yml names them.")
    with quiet(), warehouse(settings()) as connection:
        warm = connection.execute(text(f"SELECT NOW(3) + INTERVAL {min(WARM_SECONDS, seconds // 4)} SECOND"))
        since = warm.scalar_one()
        with cores_busy() as busy:
            traffic = send_all(connection, feeds, per_second * seconds // len(feeds), per_second)
            wait_until_committed(connection, traffic)
        values = {"first": traffic.first_load_id, "warm": since}
        waits = waits_of(connection, traffic.sent, values)
        if len(waits) < 2:
            raise Refused("The traffic was too short to tell: give it more SECONDS.")
        cuts = quantiles(waits, n=100)
        span = one(connection, SPAN.format(sent=" UNION ALL ".join(sent_of(traffic.sent))), values)
        return {
            **{Name(f"sent to committed, p{nth}", "s"): cuts[nth - 1] for nth in (50, 95, 99)},
            Name("greatest lag", "records"): one(connection, LAG, values),
            Name("rate reached", "records/s"): sum(traffic.sent.values()) / span,
            **busy,
        }


def wait_until_committed(connection: Connection, traffic: Traffic) -> None:
    """Returns when every record is in the ledger; a wrong count where they never are, or where there are more."""
    missing = ask_until(
        lambda: traffic.behind(connection), lambda behind: not behind, seconds=DEADLINE_SECONDS, pause=0.5
    )
    if missing:
        raise WrongCount(f"Not in the ledger after {DEADLINE_SECONDS} s: {missing}.")


def waits_of(connection: Connection, feeds: Iterable[str], values: dict[str, object]) -> list[float]:
    """The seconds that each record waited, of those that came when the traffic had been on for a while."""
    return [
        float(seconds)
        for feed in feeds
        for seconds in connection.execute(text(WAITED.format(feed=feed)), values).scalars()
    ]


def sent_of(feeds: Iterable[str]) -> list[str]:
    """For each feed the question when the first and the last of these records were sent."""
    return [
        f"SELECT {end}(sent_at) AS sent_at FROM {feed} WHERE load_id > :first"  # noqa: S608 - a feed's own name
        for feed in feeds
        for end in ("MIN", "MAX")
    ]


def one(connection: Connection, query: str, values: dict[str, object]) -> float:
    """The one number of an answer."""
    return float(connection.execute(text(query), values).scalar_one())
