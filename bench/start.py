"""The first load after a start of the stream: how long records that wait for it wait."""

from sqlalchemy import text

from bench.held import Held, held, own_course
from bench.peers.table import FEED
from bench.report.figures import Measured, Name, Options
from bench.send import quiet, rates_file
from instruments.tools import source_of
from lab.observe.access import settings
from lab.observe.warehouse import warehouse

MOST_ROWS = 20_000
"""One load: more would be cut into several."""
FIRST_LOAD = (
    "SELECT TIMESTAMPDIFF(MICROSECOND, l.started_at, l.finished_at) / 1e6"
    " FROM pipeline_load_source s JOIN pipeline_load l USING (load_id)"
    " WHERE s.source_id = :source AND l.state = 'committed' ORDER BY l.load_id LIMIT 1"
)


def measure(options: Options, _number: int) -> Measured:
    """Starts the stream where records wait in one topic. All of them must be new rows."""
    rows = min(options.rows, MOST_ROWS)
    with (
        rates_file(rows) as file,
        quiet(),
        held(file, source_of(FEED, file), rows) as records,
    ):
        committed_after, _ = own_course(records).points[0]
        return {
            Name("from its start to the first commit", "s"): committed_after,
            Name("the first load itself", "s"): first_load_seconds(records),
        }


def first_load_seconds(records: Held) -> float:
    """From the moment when its records were read until it was committed."""
    with warehouse(settings()) as connection:
        return float(connection.execute(text(FIRST_LOAD), {"source": records.source}).scalar_one())
