"""What people are told of a simulator that has become slower."""

from lab.operate.simulation import PLACE, notices
from producer.simulate.pace import Pace
from sql.notices import Notice

PACE = Pace(20, first=200_000, halves_every=500_000)


def test_a_simulator_at_its_full_rate_tells_nothing() -> None:
    assert notices("shop", 200_000, PACE) == []
    assert notices("shop", 699_999, PACE) == []
    assert notices("shop", 10**9, Pace(20)) == []


def test_a_slower_one_tells_its_rate_and_is_no_trouble() -> None:
    message = (
        "its simulator has sent 1,700,000 records and adds 2.5 a second now, half as many after each further 500,000: "
        "`simulators` in lab.yml says so, that disks do not fill."
    )
    assert notices("shop", 1_700_000, PACE) == [Notice("shop", PLACE, "", "tells", message)]
