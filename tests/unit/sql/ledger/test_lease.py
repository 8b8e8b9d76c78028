"""When an owner counts as alive: also after MySQL, which holds its lease, has been away."""

from datetime import datetime, timedelta

import pytest

from sql.ledger.lease import is_alive

NOON = datetime(2026, 1, 1, 12)


@pytest.mark.parametrize(
    ("renewed", "started", "is_connected", "alive"),
    [
        pytest.param(-3, -9000, True, True, id="it renews"),
        pytest.param(-3, -9000, False, False, id="its process has died"),
        pytest.param(-16, -9000, True, False, id="it has not renewed for long"),
        pytest.param(None, -9000, True, False, id="it has given the lease back"),
        pytest.param(None, -1, False, False, id="it had given the lease back before MySQL started"),
        pytest.param(-6, -1, False, True, id="MySQL has just started, and the owner is not connected yet"),
        pytest.param(-300, -1, False, True, id="MySQL was away longer than the lease"),
        pytest.param(-300, -14, False, True, id="the owner may still come back"),
        pytest.param(-300, -16, False, False, id="it has not come back"),
        pytest.param(-3, -10, False, False, id="it came back, and has died since"),
    ],
)
def test_an_owner_is_alive(renewed: int | None, started: int, is_connected: bool, alive: bool) -> None:
    lease_until = None if renewed is None else NOON + timedelta(seconds=renewed + 15)
    assert is_alive(lease_until, NOON, NOON + timedelta(seconds=started), is_connected=is_connected) is alive
