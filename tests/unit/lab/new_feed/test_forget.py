"""`make forget`: what is asked and refused, what goes where and in which order, and that nothing else goes."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from lab.cli import app
from lab.commands import forget as command
from lab.commands.new_feed import asking
from lab.host import remote, vagrant
from lab.location import CHECKOUT
from lab.new_feed import forget as module
from lab.new_feed.feed_files import write_all
from lab.new_feed.proposal import Choices
from lab.new_feed.scaffold import make
from lab.operate import feed_switch
from millrace import feed_names
from millrace.errors import Refused
from sql import contracts_in_use
from tests.unit.lab.new_feed.csv_files import ORDERS

pytestmark = pytest.mark.host
OWN, KEPT = "my_orders", "my_others"
UNSAID = "✗ Forgetting {feed} deletes its contract and all that it has brought: say so with YES=1.\n"


@pytest.fixture
def checkout(tmp_path: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """One with two proposed feeds, both on, and nothing else but what proposals look at."""
    assets = module.ASSETS
    for name in ("databases/millrace", "datasets/millrace/v_load", "datasets/millrace/v_feed_origin"):
        copy(tmp_path, assets / f"{name}.yaml")
    copy(tmp_path, assets / "dashboards/pipeline-health.yaml")
    copy(tmp_path, Path("lab.yml"))
    monkeypatch.setattr(feed_names, "FOLDER", tmp_path / "feeds")
    for feed in (OWN, KEPT):
        made = make(files[ORDERS], feed, tmp_path, tmp_path, Choices(asking("day-first")))
        write_all(made.files, tmp_path)
    (tmp_path / "lab.local.yml").write_text(
        "".join(f"{key}:\n  - {OWN}\n  - {KEPT}\n" for key in ("feeds", "begin_empty", "typing"))
    )
    monkeypatch.setattr(module, "load_lab", lambda: lab_of(tmp_path))
    return tmp_path


def copy(checkout: Path, name: Path) -> None:
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_bytes((CHECKOUT / name).read_bytes())


def lab_of(checkout: Path, **named: Any) -> Any:
    own = {key: tuple(names) for key, names in yaml.safe_load((checkout / "lab.local.yml").read_text()).items()}
    typed = own.get("typing", ())
    return SimpleNamespace(**{"pollers": {}, "simulators": {}, **own, "typed": lambda _feeds: typed, **named})


def content(checkout: Path) -> dict[str, bytes]:
    return {str(path.relative_to(checkout)): path.read_bytes() for path in checkout.rglob("*") if path.is_file()}


def test_all_that_a_proposal_wrote_goes_and_nothing_of_another(checkout: Path) -> None:
    before = content(checkout)
    removed = module.from_checkout(OWN, checkout)
    after = content(checkout)
    assert {name for name in before.keys() - after.keys() if not_of(OWN, name)} == set()
    assert {name for name in after if "my_orders" in name or "my-orders" in name} == set()
    assert {name for name in before if after.get(name) != before[name]} - (before.keys() - after.keys()) == {
        "lab.local.yml"
    }
    left = "".join(f"{key}:\n  - {KEPT}\n" for key in ("feeds", "begin_empty", "typing"))
    assert (checkout / "lab.local.yml").read_text() == left
    assert removed[0] == "lab.local.yml"
    assert f"feeds/{OWN}" in removed
    assert module.from_checkout(OWN, checkout) == [], "nothing is left to remove"


def not_of(feed: str, name: str) -> bool:
    return feed not in name and feed.replace("_", "-") not in name


def test_files_that_are_gone_already_are_no_trouble(checkout: Path) -> None:
    (checkout / f"feeds/{OWN}/contract.yaml").unlink()
    removed = module.from_checkout(OWN, checkout)
    assert f"feeds/{OWN}" in removed
    assert OWN not in (checkout / "lab.local.yml").read_text()


@pytest.mark.parametrize("feed", ["sales", "shares", "insurance_rate"])
def test_a_feed_of_the_release_is_refused(feed: str) -> None:
    with pytest.raises(Refused, match=rf"^{feed} came with Millrace.*`make feed-off FEED={feed}` stops it"):
        module.refuse(feed)


@pytest.mark.parametrize("word", ["memory", "address", "kafka"])
def test_a_word_of_lab_yml_is_no_feed_of_the_release(word: str) -> None:
    assert not module.is_shipped(word)


def test_a_feed_that_settings_name_is_refused(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = lab_of(checkout, simulators={OWN: {}})
    monkeypatch.setattr(module, "load_lab", lambda: lab)
    with pytest.raises(Refused, match=rf"^lab\.local\.yml names {OWN} under simulators: take it out there"):
        module.refuse(OWN, checkout)


def test_a_feed_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "has_tables", lambda _: False)
    with pytest.raises(Refused, match=r"^There is no feed 'salse'; did you mean sales\?$"):
        module.refuse("salse")


def test_a_feed_without_a_contract_that_has_tables_may_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "has_tables", lambda feed: feed == "thrown_away")
    ended = CliRunner().invoke(app, ["forget", "thrown_away"])
    assert (ended.exit_code, ended.stderr) == (1, UNSAID.format(feed="thrown_away"))


def test_without_a_terminal_it_must_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "refuse", lambda *_: None)
    ended = CliRunner().invoke(app, ["forget", OWN])
    assert (ended.exit_code, ended.stderr) == (1, UNSAID.format(feed=OWN))


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """What was done, in order, by a command on a lab of that many machines."""
    log: list[str] = []
    answer = json.dumps({"forgotten": True})
    monkeypatch.setattr(module, "refuse", lambda *_: None)
    monkeypatch.setattr(module, "from_checkout", lambda *_: log.append("files") or [f"feeds/{OWN}"])  # type: ignore[func-returns-value]
    monkeypatch.setattr(remote, "run", lambda at, words, **_: log.append(f"{at}: {' '.join(words)}") or answer)  # type: ignore[func-returns-value]
    monkeypatch.setattr(remote, "on_kafka", lambda *words: log.append(f"kafka: {' '.join(words)}") or 0)  # type: ignore[func-returns-value]
    monkeypatch.setattr(command, "bring_up", lambda: log.append("make up"))
    monkeypatch.setattr("lab.host.one_at_a_time.state_folder", lambda: tmp_path)
    yield log


def lab_with(monkeypatch: pytest.MonkeyPatch, *states: str) -> None:
    machines: list[Any] = [SimpleNamespace(made=state != "none", runs=state == "runs") for state in states]
    monkeypatch.setattr(vagrant, "check", lambda: SimpleNamespace(machines=machines))


def test_the_machines_forget_it_before_the_checkout_does(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lab_with(monkeypatch, "runs", "runs")
    ended = CliRunner().invoke(app, ["forget", "--yes", OWN])
    assert ended.exit_code == 0, ended.output
    assert done == [
        f"kafka: sudo /usr/local/sbin/millrace-units --off {OWN}",
        f"mysql: sudo /usr/local/sbin/millrace-migrate --forget {OWN}",
        f"kafka: forget --yes -- {OWN}",
        f"spark: sudo rm -rf /var/lib/spark/lake/{OWN} /var/lib/spark/lake/.days/{OWN}",
        "files",
        "make up",
    ]
    assert ended.stdout.endswith(f"{OWN} is forgotten.\n")


def test_where_there_is_no_lab_the_files_go(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lab_with(monkeypatch, "none", "none")
    assert CliRunner().invoke(app, ["forget", "--yes", OWN]).exit_code == 0
    assert done == ["files"]


def test_a_lab_that_rests_is_started_first(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lab_with(monkeypatch, "runs", "rests")
    ended = CliRunner().invoke(app, ["forget", "--yes", OWN])
    assert ended.stderr == "✗ The machines rest, and hold what the feed has brought: `make up` first.\n"
    assert done == []


def test_the_kafka_machine_waits_for_mysql(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {OWN: object()}
    monkeypatch.setattr(command, "is_host", lambda: False)
    monkeypatch.setattr(command, "warehouse", lambda _: pytest.MonkeyPatch.context())
    monkeypatch.setattr(contracts_in_use, "read", lambda _: known)
    gone: list[str] = []
    monkeypatch.setattr(feed_switch, "forget", lambda _settings, feed: gone.append(feed))
    ended = CliRunner().invoke(app, ["forget", "--yes", OWN])
    assert (ended.exit_code, gone) == (1, [])
    assert (
        ended.stderr == f"✗ {OWN} has its tables: `make forget FEED={OWN}` on the host takes it from every machine.\n"
    )
