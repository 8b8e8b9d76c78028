"""`make up`: what it does only when needed, and what it keeps of a run."""

from pathlib import Path

import pytest

from lab.host import provisioning_digest, up, vagrant
from lab.screen.progress import Phase, Phases, record, recorded
from millrace.errors import Refused
from tests.unit.lab.host.jobs import machine

pytestmark = pytest.mark.host


def test_running_machines_are_left_alone(state: Path) -> None:
    phase = Phase("machines")
    assert up.start_machines([machine()], phase) == [machine()]
    assert phase.note == "nothing changed"


def test_no_box_is_built_where_no_machine_is_to_be_made(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up.boxes, "build", lambda _boxes: pytest.fail("built a box"))
    phase = Phase("boxes")
    stopped = [machine(state="poweroff")]
    assert up.prepare_boxes(vagrant.LabCheck("lxc", "why", (), (), stopped), phase) == stopped
    assert phase.note == "there already"


def test_the_first_failed_check_refuses() -> None:
    found = vagrant.LabCheck("lxc", "why", ("No room: make some.", "Other."), (), [machine(state="not_created")])
    with pytest.raises(Refused, match=r"^No room: make some\.$"):
        up.prepare_boxes(found, Phase("boxes"))


def test_a_provisioned_machine_is_current_until_something_changes(state: Path) -> None:
    identity = state.parent / ".vagrant" / "machines" / "kafka" / "lxc" / "id"
    identity.parent.mkdir(parents=True)
    identity.write_text("millrace-kafka-1")
    assert not provisioning_digest.is_current(machine(), "one")
    provisioning_digest.keep(machine(), "one")
    assert provisioning_digest.is_current(machine(), "one")
    assert not provisioning_digest.is_current(machine(), "two")
    identity.unlink()
    assert not provisioning_digest.is_current(machine(), "one"), "the machine is gone"


def test_inputs_change_with_a_files_content_but_not_with_scratch(state: Path) -> None:
    source = state.parent / "sql" / "one.sql"
    source.parent.mkdir()
    source.write_text("select 1")
    first = provisioning_digest.inputs()
    scratch = source.parent / "__pycache__"
    scratch.mkdir()
    (scratch / "one.pyc").touch()
    assert provisioning_digest.inputs() == first
    known = state / "host" / "trees.sha256"
    known.parent.mkdir()
    known.write_text("what the host knows of the cache grows with every provisioning")
    assert provisioning_digest.inputs() == first
    source.write_text("select 2")
    assert provisioning_digest.inputs() != first


def test_whoever_asks_for_fresh_lists_has_every_machine_provisioned(state: Path) -> None:
    before = provisioning_digest.inputs()
    up.ask_for_fresh_lists()
    first = provisioning_digest.inputs()
    up.ask_for_fresh_lists()
    assert len({before, first, provisioning_digest.inputs()}) == 3


def test_times_add_up() -> None:
    done = Phases(2)
    done.add("host packages", 2.0)
    with done.step("boxes") as phase:
        phase.note = "there already"
    assert done.rows() == [["host packages", "2", ""], ["boxes", "0", "there already"], ["together", "2", ""]]


def test_the_steps_of_every_run_are_kept_and_tell_what_it_did(state: Path) -> None:
    assert recorded() == []
    for note in ("starting kafka", "nothing changed"):
        done = Phases(2)
        done.add("host packages", 2.5)
        with done.step("machines") as phase:
            phase.note = note
        record(done)
    kept = recorded()
    assert [[(one.title, one.note) for one in each.phases] for each in kept] == [
        [("host packages", ""), ("machines", "starting kafka")],
        [("host packages", ""), ("machines", "nothing changed")],
    ]
    assert kept[0].phases[0].seconds == 2.5
    assert [each.did for each in kept] == [("machines",), ()]
    (state / "log" / "up-phases.json").write_text("[{")
    assert recorded() == []


SQL = 'make sql Q="select feed, table_rows, quarantined from v_feed_health"'
CONSUMER = "vagrant ssh kafka -c 'kafka-console-consumer.sh --topic {} --max-messages 3'"
SEND = "make send FEED={feed} FILE=feeds/{feed}/sample.csv"


@pytest.mark.parametrize(
    ("on", "commands"),
    [
        (
            ("shares", "insurance_network", "insurance_rate"),
            [SEND.format(feed="insurance_network"), SQL, CONSUMER.format("insurance_rate")],
        ),
        (("shares", "weather"), [SEND.format(feed="shares"), SQL, CONSUMER.format("shares")]),
        (("of_my_own",), [SQL, CONSUMER.format("of_my_own")]),
        ((), [SQL, "make feed-on FEED=insurance_network"]),
    ],
)
def test_things_to_try_are_of_feeds_that_are_on(on: tuple[str, ...], commands: list[str]) -> None:
    assert [command for command, _ in up.things_to_try(on)] == commands
