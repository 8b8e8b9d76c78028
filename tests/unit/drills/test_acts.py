"""What acts find out by themselves, without a lab."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from drills.acts import database, lab_state, machines, network
from drills.all_drills import DRILLS
from drills.replacements import FEED, RECORDS
from drills.waiting import Skipped
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from spark.app.watchdog import SILENT_SECONDS, STANDSTILL_SECONDS
from sql.connection import READ_SECONDS
from sql.errors import RETRY_SECONDS
from sql.ledger.load_guard import BEGIN_SECONDS


def test_a_restore_takes_back_versions_and_parts_of_them() -> None:
    """One that is in the backup twice over makes up for none."""
    read = {(FEED, 1): RECORDS, (FEED, 2): RECORDS + 3, (FEED, 3): 200, (FEED, 4): 0, ("sales", 5): 0}
    scene: Any = SimpleNamespace(counts=lambda: {one: {"read_count": count} for one, count in read.items()})
    assert lab_state._not_in_the_backup(scene) == RECORDS - 200 + RECORDS


def test_a_column_comes_back_whatever_happens() -> None:
    asked: list[str] = []
    scene: Any = SimpleNamespace(as_root=asked.append)
    with pytest.raises(RuntimeError), database.column_gone(scene):
        assert asked == ["ALTER TABLE millrace.sales RENAME COLUMN description TO description_of_before"]
        raise RuntimeError
    assert asked[1:] == ["ALTER TABLE millrace.sales RENAME COLUMN description_of_before TO description"]
    assert "description" in load_contract("sales").names


class Machines:
    """What is run on machines; some scripts fail there."""

    def __init__(self, failing: str = " no script", virt: str = "lxc") -> None:
        self.lab = SimpleNamespace(address=lambda name: f"10.0.0.{len(name)}")
        self.traffic = SimpleNamespace(start=lambda: None, stop=lambda: self.ran.append("traffic stops"))
        self.failing, self.virt = failing, virt
        self.ran: list[str] = []

    def run(self, machine: str, script: Sequence[str] | str) -> str:
        said = script if isinstance(script, str) else " ".join(script)
        if "detect-virt" in said:
            return f"{self.virt}\n"
        self.ran.append(f"{machine}: {said}")
        if self.failing in said:
            raise Refused("Specified qdisc kind is unknown.")
        return ""

    def wait_for_more(self, what: str, than: int = 0) -> None:
        self.ran.append(f"{what} ({than})")

    def index(self, words: str) -> int:
        """Where what was run last with those words stands."""
        return max(number for number, said in enumerate(self.ran) if words in said)


def test_packets_that_a_kernel_cannot_delay_are_told_and_nothing_is_left() -> None:
    scene: Any = Machines(failing="dev lo root netem")
    said = r"kernel of kafka cannot delay packets, it has no sch_netem \(Specified qdisc"
    with pytest.raises(Skipped, match=said), network.late("kafka", "spark")(scene):
        pass
    assert len(scene.ran) == 1


def test_packets_are_late_on_all_of_them_and_in_time_again() -> None:
    scene: Any = Machines()
    with network.late("kafka", "spark", "mysql")(scene):
        hurt = [said for said in scene.ran if "delay 100ms loss 1%" in said]
        assert [said.partition(":")[0] for said in hurt] == ["kafka", "spark", "mysql"]
    for name in ("kafka", "spark", "mysql"):
        healed = scene.index(f"{name}: sudo sh -c tc qdisc del dev")
        assert healed < scene.index(f"{name}: sudo systemctl stop millrace-drill-heal.timer")


@pytest.mark.parametrize("failing", ["sudo sh -c nft add table", "sudo sh -c tc qdisc del"])
def test_no_timer_is_left_of_a_network_that_could_not_be_hurt_or_healed(failing: str) -> None:
    """The next one of that name would be refused."""
    scene: Any = Machines(failing=failing)
    with pytest.raises(Refused), network.slow("spark", "mysql")(scene):
        pass
    assert scene.ran[-1] == "spark: sudo systemctl stop millrace-drill-heal.timer"


def test_a_slow_network_loses_packets_too_and_none_of_a_machines_own() -> None:
    scene: Any = Machines()
    with network.slow("spark", "mysql")(scene):
        hurt = scene.ran[-1]
        assert "output oifname != lo numgen random mod 100 0 drop; tc qdisc add dev" in hurt
        assert "tbf rate 2mbit" in hurt
    assert scene.ran[-2].endswith("; nft delete table inet millrace_drill")


@pytest.mark.parametrize(("machine", "unit"), [("kafka", "kafka"), ("mysql", "mysql"), ("spark", "millrace-stream")])
def test_a_containers_service_sees_a_clock_of_its_own(machine: str, unit: str) -> None:
    scene: Any = Machines()
    with machines.clock_moved(machine, 1, -1)(scene):
        assert f"{machine}: sudo systemctl restart {unit}" in scene.ran
        assert ("traffic stops" in scene.ran) is (machine == "kafka")
        assert scene.ran[-4:] == [
            "records stream in again (0)",
            f"{machine}: sudo sh -c echo +1h > /run/millrace-drill-clock",
            "it goes on at that time (3500)",
            f"{machine}: sudo sh -c echo -1h > /run/millrace-drill-clock",
        ]
    assert scene.ran[-1] == f"{machine}: sudo sh -c echo +0 > /run/millrace-drill-clock"


def test_a_machines_own_clock_jumps_from_where_it_is() -> None:
    scene: Any = Machines(virt="none")
    with machines.clock_moved("spark", 1, -1)(scene):
        jumps = [said for said in scene.ran if "date -s" in said]
        assert [said.partition("date -s ")[2] for said in jumps] == ["'+1 hour'", "'-2 hour'"]
    assert "set-ntp true" in scene.ran[-1]


def test_the_lab_is_held_for_longer_than_anybody_waits_for_it() -> None:
    """systemd ends the application whose watchdog it hears nothing of: another one starts meanwhile."""
    (held,) = (drill for drill in DRILLS if drill.name == "lab-held")
    longest = max(SILENT_SECONDS, STANDSTILL_SECONDS, BEGIN_SECONDS, READ_SECONDS, RETRY_SECONDS)
    assert held.seconds >= longest + 20
    assert f"{held.seconds:.0f} s, longer than anybody waits for what hangs: {longest} s" in held.does
    assert held.expects.application == "starts anew"
