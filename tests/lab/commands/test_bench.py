"""`make bench` on the running lab, with a small file: some seconds that CI can spare, and no figure that it judges."""

import pytest

from instruments.tools import Warehouse
from millrace.settings import Lab
from tests.lab.benchmarks import measured

SEND_SECONDS = 1800


@pytest.mark.timeout(SEND_SECONDS + 60)
def test_send_is_measured_and_one_row_stays(lab: Lab, mysql: Warehouse) -> None:
    figures, sources = measured(mysql, "send", rows=20_000, timeout=SEND_SECONDS, units=("rows/s", "s"))
    assert figures == {"from send to MySQL", "make send"}
    of = ", ".join(map(str, sources))
    assert mysql.one(f"SELECT COUNT(*) FROM v_insurance_rate WHERE source_id IN ({of})") == 1
