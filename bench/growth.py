"""What 100,000 rates cost where few are in their table and where many are; disk, memory and charts at each size."""

from collections import defaultdict
from contextlib import ExitStack, closing
from time import monotonic

from playwright.sync_api import Error
from sqlalchemy import text

from bench import processor_time
from bench.dashboards import charts_of
from bench.held import wait_until_read
from bench.report.figures import Measured, Name, Options, WrongCount, ratios
from bench.send import TOOK, asked, quiet, rates_file, sent
from drills.memory import take_samples
from feeds.insurance_rate.simulator import FEED
from instruments.browser.chromium import opened_site
from instruments.interrupted import go_on_ending
from instruments.tools import Sum
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from lab.screen.output import console
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.settings import load_lab

SIZES = (100_000, 1_000_000, 5_000_000, 12_700_000)
MEASURED_ROWS = 100_000
COST = Name("cost", f"core-s per {MEASURED_ROWS:,}")
PARTS = ("kafka", "spark", "mysql")
APPLICATION = ("driver", "driver's Python", "executors", "tasks' Python")
DASHBOARD = "insurance"
ROWS = "SELECT COALESCE(SUM(table_rows), 0) FROM pipeline_feed WHERE feed = :feed"
DISK = (
    "SELECT SUM(data_length + index_length) / 1e6 FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name REGEXP CONCAT('^', :feed, '(_|$)')"
)
MEGABYTE = 1e6


def measure(options: Options, _number: int) -> Measured:
    """Grows the table by files of made-up rates, of each of which one row stays in the end.

    A table that has more rows than a size is measured as it is: how many there were is a figure too.
    """
    found: dict[Name, float | Refused] = {}
    costs: list[Name] = []
    with ExitStack() as grown, quiet(), closing(Broker(settings().kafka_account)) as broker:
        wait_until_read(broker)  # what takes the rows of the run before out again, for minutes
        for size in (size for size in SIZES if size <= max(options.rows, SIZES[0])):
            there = int(one(ROWS))
            if size > there:
                console(stderr=True).print(f"growth: {size - there:,} rows more")
                send_all_of(grown, size - there)
            found |= {name._replace(figure=f"{size:,} rows: {name.figure}"): value for name, value in at_this_size()}
            costs.append(COST._replace(figure=f"{size:,} rows: {COST.figure}"))
    return found | {name: ratio for cost in costs[1:] for name, ratio in ratios(cost, costs[:1], found).items()}


def send_all_of(grown: ExitStack, rows: int) -> None:
    """Sends that many new rows; they stay until the stack is left."""
    file = grown.enter_context(rates_file(rows))
    if (printed := sent(file)) != Sum(rows, rows, 0, 0, 0):
        raise WrongCount(f"Of {rows:,} rows `make send` says {printed}.")


def at_this_size() -> list[tuple[Name, float | Refused]]:
    """What a file more costs now, and what there is."""
    with rates_file(MEASURED_ROWS) as file:
        there, before = one(ROWS), processor_time.of_machines()
        printed = sent(file)
        spent = processor_time.since(before)
        if printed != Sum(MEASURED_ROWS, MEASURED_ROWS, 0, 0, 0):
            raise WrongCount(f"Of {MEASURED_ROWS:,} rows `make send` says {printed}.")
        found: dict[Name, float | Refused] = {
            Name("rows before", "rows"): there,
            COST: sum(spent[part] for part in PARTS),
            Name("from send to MySQL", "rows/s"): MEASURED_ROWS / asked(TOOK, file),
            Name("tables and rollups", "MB on disk"): one(DISK),
        }
        return [*found.items(), *memory().items(), *charts().items()]


def memory() -> dict[Name, float | Refused]:
    """Anonymous memory of the streaming application, void where a part of it was not seen, and of each other."""
    taken: defaultdict[str, float] = defaultdict(float)
    samples = take_samples(monotonic())
    for sample in samples:
        taken["streaming application" if sample.kind in APPLICATION else sample.kind] += sample.size
    found: dict[Name, float | Refused] = {
        Name(f"memory of {kind}", "MB"): size / MEGABYTE for kind, size in taken.items()
    }
    if missing := set(APPLICATION) - {sample.kind for sample in samples}:
        found[Name("memory of streaming application", "MB")] = Refused(f"Without its {min(missing)} it is not known.")
    return found


def charts() -> dict[Name, float | Refused]:
    """The dashboard from the list, and its slowest chart past the cache; void where it does not open."""
    from_list, slowest = Name(f"{DASHBOARD}, from the list", "s"), Name(f"{DASHBOARD}, slowest chart", "s")
    try:
        with opened_site(load_lab()) as site:
            opened = site.seconds_from_the_list(DASHBOARD)
            seconds = [chart.uncached for chart in charts_of(site.open(site.log_in("viewer"), DASHBOARD))]
    except (Error, AssertionError) as failed:
        return dict.fromkeys((from_list, slowest), Refused(f"It did not open: {str(failed).splitlines()[0]}"))
    except Refused as why:
        return dict.fromkeys((from_list, slowest), why)
    finally:
        go_on_ending()
    return {from_list: opened, slowest: max(seconds)}


def one(query: str) -> float:
    """The one number that MySQL answers about the feed."""
    with warehouse(settings()) as connection:
        connection.execute(text("SET SESSION information_schema_stats_expiry = 0"))
        return float(connection.execute(text(query), {"feed": FEED}).scalar_one())
