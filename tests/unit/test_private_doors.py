"""Doors that libraries keep for themselves: each stands in one module, which was seen with the pinned version.

Who changes a pin looks at the module first.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOORS = {
    ("pyspark", "4.2.0"): ("spark/jvm.py", "spark/load/worker_daemon.py"),
    ("py4j", "0.10.9.9"): ("spark/jvm.py",),
    ("kafka-python", "3.0.12"): (
        "millrace/kafka/connection.py",
        "millrace/kafka/unpacking.py",
        "producer/kafka/publisher.py",
    ),
    ("mysql-connector-python", "26.10.0"): ("sql/connection.py",),
    ("mitogen", "0.3.54"): ("ansible/strategy_plugins/mitogen_unpinned.py",),
}
USERS = [
    pytest.param("spark", r"\._(jvm|jsc|jc|jdf|jsparkSession|gateway)\b", "spark/jvm.py", id="the JVM behind PySpark"),
    pytest.param("spark", r"\bpy4j\b", "spark/jvm.py", id="py4j, between the two"),
    pytest.param("spark", r"\bpyspark\.(daemon|worker)\b", "spark/load/worker_daemon.py", id="PySpark's workers"),
    pytest.param("producer", r"_producer\._", "producer/kafka/publisher.py", id="kafka-python's sender"),
    pytest.param("vagrant", r":batch_parallel_action\b", "vagrant/stop_once.rb", id="Vagrant's threads"),
]
VAGRANT = Path("/usr/share/rubygems-integration/all/gems/vagrant-2.3.4")
"""Where Debian and Ubuntu install the version that was seen; no file of ours pins Vagrant's."""


@pytest.mark.parametrize(("library", "version"), DOORS)
def test_the_module_was_seen_with_the_pinned_version(library: str, version: str) -> None:
    assert all((ROOT / module).is_file() for module in DOORS[library, version])
    pin = re.compile(rf"^{library}(?:\[[a-z0-9]+\])?==([\d.]+)", re.MULTILINE)
    pinned = {found for file in (ROOT / "requirements").glob("*.txt") for found in pin.findall(file.read_text())}
    assert pinned == {version}, f"see whether {DOORS[library, version]} still fit {library}"


@pytest.mark.parametrize(("folder", "door", "module"), USERS)
def test_a_door_is_used_by_one_module(folder: str, door: str, module: str) -> None:
    code = [file for file in (ROOT / folder).rglob("*") if file.suffix in {".py", ".rb"}]
    assert [file.relative_to(ROOT).as_posix() for file in code if re.search(door, file.read_text())] == [module]


@pytest.mark.host
@pytest.mark.skipif(not VAGRANT.is_dir(), reason="this host has another Vagrant than 2.3.4, or none")
def test_vagrants_threads_are_as_they_were_seen() -> None:
    batch = (VAGRANT / "lib/vagrant/batch_action.rb").read_text()
    assert "Thread.current[:batch_parallel_action] = " in batch
    assert "if thread[:exit_code]" in batch
