"""`make up` switches `encrypt` to the other and back; meanwhile the tests of encryption run, and records go through.

It comes before the drills: a provisioning takes back what the tests' own feed has of Kafka's rules.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from instruments.tools import send
from lab.location import CHECKOUT
from millrace.settings import Lab, load_lab
from tests.lab.commands.test_readme import shell
from tests.lab.machines.test_encryption import (  # noqa: F401 - the same tests, on the lab of this module
    encrypting,
    other_authority,
    speaking_plainly,
    test_another_kafka_is_not_spoken_to,
    test_another_superset_is_not_spoken_to,
    test_where_nothing_is_encrypted_both_speak_plainly_and_only_so,
    test_who_speaks_plainly_to_kafka_is_refused,
    test_who_speaks_plainly_to_superset_is_refused,
)

UP_SECONDS = 1800
pytestmark = [pytest.mark.full, pytest.mark.timeout(2 * UP_SECONDS + 300)]
OVERLAY = "MILLRACE_OVERLAY"
SENT = ("insurance_network", CHECKOUT / "feeds" / "insurance_network" / "sample.csv")


def bring_up() -> None:
    done = shell("make up", timeout=UP_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def lab(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The same lab, which encrypts if it did not, and otherwise does not; afterwards it is as it was."""
    overlay: Path = tmp_path_factory.mktemp("settings") / "other.yml"
    overlay.write_text(f"encrypt: {str(not lab.encrypts).lower()}\n")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(OVERLAY, str(overlay))
            assert load_lab().encrypts is not lab.encrypts
            bring_up()
            yield load_lab()
    finally:
        bring_up()


def test_records_go_through(lab: Lab) -> None:
    assert send(*SENT).sent > 0
