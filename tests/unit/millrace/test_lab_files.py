"""lab.yml under lab.local.yml: Python merges, Ruby reads alike for hosts with Vagrant only, Ansible asks Python."""

import json
import os
import shutil
import subprocess
import sys
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.location import code_folders, guest_folders
from millrace.errors import Refused
from millrace.lab_files import CHECKOUT, LOCAL, files_of
from millrace.yaml_file import merged, read_yaml

DOUBLE = Path(__file__).parents[1] / "vagrant" / "double"
RUBY = "puts JSON.generate(Millrace::Settings.read(ARGV.fetch(0)))"
FOLDERS = "puts JSON.generate(Millrace::Lab.new(ARGV.fetch(0)).guest_folders)"
LAB = """
provider: auto
subnet: 192.168.33
machines:
  kafka: {address: 13, memory: 1536, box: trixie}
  mysql: {address: 14, memory: 2048, box: trixie}
feeds: [a, b]
simulators:
  a: {seed: 1, per_second: 0.5}
"""
HAS_RUBY = pytest.mark.skipif(shutil.which("ruby") is None, reason="no ruby on this host: `make up` installs it")

# (lab.local.yml or None, the overlay or None, what is other than in LAB)
CASES: dict[str, tuple[str | None, str | None, dict[str, Any]]] = {
    "no file of one's own": (None, None, {}),
    "an empty one": ("", None, {}),
    "comments alone": ("---\n# provider: lxc\n", None, {}),
    "a key": ("provider: lxc\n", None, {"provider": "lxc"}),
    "quotes and a comment": ("provider: 'lxc'  # here\n", None, {"provider": "lxc"}),
    "a new key": ("cache: ~/müll\n", None, {"cache": "~/müll"}),
    "a key inside": (
        "simulators: {a: {seed: 7}}\n",
        None,
        {"simulators": {"a": {"seed": 7, "per_second": 0.5}}},
    ),
    "one more inside": (
        "simulators: {b: {seed: 7}}\n",
        None,
        {"simulators": {"a": {"seed": 1, "per_second": 0.5}, "b": {"seed": 7}}},
    ),
    "a list is another": ("feeds: [c]\n", None, {"feeds": ["c"]}),
    "nothing instead of a list": ("feeds: []\n", None, {"feeds": []}),
    "nothing instead of keys": ("simulators:\n", None, {"simulators": None}),
    "a word instead of keys": ("simulators: none\n", None, {"simulators": "none"}),
    "keys instead of a word": ("provider: {a: 1}\n", None, {"provider": {"a": 1}}),
    "numbers, truth and texts": (
        "x: [1, -2, 1.5, 010, 1_000, yes, Off, ~, '1', \"a\\tb\"]\n",
        None,
        {"x": [1, -2, 1.5, 8, 1000, True, False, None, "1", "a\tb"]},
    ),
    "an anchor": (
        "x: &x {seed: 2}\nsimulators: {a: *x}\ny: {<<: *x, z: 1}\n",
        None,
        {"x": {"seed": 2}, "simulators": {"a": {"seed": 2, "per_second": 0.5}}, "y": {"seed": 2, "z": 1}},
    ),
    "an overlay": (None, "subnet: 192.168.234\n", {"subnet": "192.168.234"}),
    "an overlay over one's own": (
        "subnet: 192.168.56\nprovider: lxc\n",
        "subnet: 192.168.234\n",
        {"subnet": "192.168.234", "provider": "lxc"},
    ),
}
REFUSED = {
    "no YAML": b"subnet: [\n",
    "a list": b"[1]\n",
    "a word": b"lxc\n",
    "no text": b"provider: \xff\n",
    "an object of a program's": b"x: !ruby/object:Object {}\n",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "lab.yml").write_text(LAB)
    return tmp_path


def by_python(checkout: Path) -> dict[str, Any]:
    return reduce(merged, (read_yaml(file, may_be_empty=file.name != "lab.yml") for file in files_of(checkout)))


def by_ruby(checkout: Path, script: str = RUBY) -> "subprocess.CompletedProcess[str]":
    needed = ["-r", "json", "-r", str(CHECKOUT / "vagrant" / "lab.rb")]
    command = ["ruby", "-I", str(DOUBLE), *needed, "-e", script, str(checkout)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.host
@HAS_RUBY
@pytest.mark.parametrize(("local", "overlay", "other"), CASES.values(), ids=CASES)
def test_ruby_reads_as_python_does(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, local: str | None, overlay: str | None, other: dict[str, Any]
) -> None:
    if local is not None:
        (checkout / LOCAL).write_text(local, encoding="utf-8")
    if overlay is not None:
        (checkout / "vm.yml").write_text(overlay)
        monkeypatch.setenv("MILLRACE_OVERLAY", "vm.yml")
    found = by_python(checkout)
    assert found == yaml.safe_load(LAB) | other
    done = by_ruby(checkout)
    assert json.loads(done.stdout) == found, done.stderr


@pytest.mark.host
@HAS_RUBY
@pytest.mark.parametrize(
    ("file", "content"), [("lab.yml", ""), *((file, wrong) for file in ("lab.yml", LOCAL) for wrong in REFUSED)]
)
def test_both_refuse_the_same_and_name_the_file(checkout: Path, file: str, content: str) -> None:
    (checkout / file).write_bytes(REFUSED.get(content, b""))
    with pytest.raises(Refused, match=file):
        by_python(checkout)
    done = by_ruby(checkout)
    assert done.returncode == 1
    assert file in done.stderr
    assert "Refused" in done.stderr


@pytest.mark.host
@HAS_RUBY
def test_the_list_of_folders_stands_once(checkout: Path) -> None:
    shutil.copytree(CHECKOUT / "ansible" / "group_vars", checkout / "ansible" / "group_vars")
    done = by_ruby(checkout, FOLDERS)
    assert json.loads(done.stdout) == guest_folders(), done.stderr
    assert all((CHECKOUT / name).is_dir() for name in guest_folders())
    assert set(code_folders()) < set(guest_folders())


@pytest.mark.host
@pytest.mark.parametrize(("written", "given"), [("auto", True), (False, False), (True, True)])
def test_ansible_on_a_control_machine_is_given_what_python_merges(
    checkout: Path, written: str | bool, given: bool
) -> None:
    """Where it is for lab.yml's readers to say whether to encrypt, real hosts do."""
    for name in ("ansible", "millrace"):
        shutil.copytree(CHECKOUT / name, checkout / name)
    (checkout / LOCAL).write_text(yaml.safe_dump({"simulators": {"a": {"seed": 7}}, "encrypt": written}))
    inventory = checkout / "ansible" / "inventory.yml"
    inventory.write_text("all: {hosts: {localhost: {ansible_connection: local}}}\n")
    (checkout / "ansible" / "show.yml").write_text(
        "- {hosts: all, gather_facts: false, tasks: [{copy: {content: '{{ lab | to_json }}', dest: '%s'}}]}\n"
        % (checkout / "shown.json")
    )
    command = [sys.executable, "-m", "ansible", "playbook", "--inventory", str(inventory), "show.yml"]
    environment = {**os.environ, "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    done = subprocess.run(
        command, cwd=checkout / "ansible", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((checkout / "shown.json").read_text()) == by_python(checkout) | {"encrypt": given}


def test_a_setting_is_told_to_the_shell() -> None:
    command = [sys.executable, "-m", "millrace.lab_files", "provider"]
    environment = {**os.environ, "MILLRACE_LAB": str(CHECKOUT / "lab.yml")}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "auto\n"


def test_a_file_that_cannot_be_read_is_told_to_the_shell(tmp_path: Path) -> None:
    (tmp_path / "lab.yml").write_text("x: [")
    command = [sys.executable, "-m", "millrace.lab_files", "provider"]
    environment = {**os.environ, "MILLRACE_LAB": str(tmp_path / "lab.yml")}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"✗ {tmp_path / 'lab.yml'} is not readable YAML")
