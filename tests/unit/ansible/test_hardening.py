"""What all services of the lab have in common reaches each of them by its name alone."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from millrace.lab_files import CHECKOUT

ROLES = CHECKOUT / "ansible" / "roles"
UNITS = sorted(ROLES.glob("*/templates/*.service.j2"))
CALLERS = ("lab", "drills", "instruments", "bench", "tests/lab", "tests/faults", "tests/browser")
"""Folders of programs that run commands on the machines; `python` within backquotes is one for people, on the host."""
CALLED_BY_HOST = {"scripts.py", "traffic.py", "validator.py", "tools.py", "own_feed.py", "test_kafka_access.py"}
PYTHON = r"(?<!`)(?<!prog=\")\b(?:python[\d.]*|PYTHON)[\"}]?,? "
CALL = re.compile(PYTHON + r"(?:.* )?\"?-(?:[mc]\b| )")
SAFE_CALL = re.compile(PYTHON + r"\"?-P\"?,? \"?-(?:[mc]\b| )")
COMMON = {"NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp"}

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this host"),
]


def test_no_folder_that_happens_to_be_the_current_one_is_run() -> None:
    """Python puts it first on its path with -m, -c, -: who may write there would run code as the service, or root."""
    roles = (file for kind in ("templates/*", "files/*.sh", "tasks/*.yml") for file in ROLES.glob(f"*/{kind}"))
    guest = (CHECKOUT / "vagrant" / "guest").glob("*.sh")
    by_host = (file for folder in CALLERS for file in (CHECKOUT / folder).rglob("*.py"))
    called = [
        (file.name, line)
        for file in (*roles, *guest, *by_host)
        if file.is_file()
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
        if CALL.search(line)
    ]
    assert {"ansible.sh", "build.sh", "millrace.j2", *CALLED_BY_HOST} <= {name for name, _ in called}
    assert [each for each in called if not SAFE_CALL.search(each[1])] == []


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine's units with what the role base puts beside them."""
    root = tmp_path_factory.mktemp("root")
    folder = root / "etc" / "systemd" / "system"
    folder.mkdir(parents=True)
    for unit in UNITS:
        (folder / installed(unit)).write_text(re.sub(r"{%.*?%}", "", re.sub(r"{{.*?}}", "/x", unit.read_text())))
    for name in yaml.safe_load((ROLES / "base" / "defaults" / "main.yml").read_text())["base_services"]:
        (folder / f"{name}.service.d").mkdir()
        shutil.copy(ROLES / "base" / "files" / "hardening.conf", folder / f"{name}.service.d")
    return root


def installed(unit: Path) -> str:
    """The name a template's unit has on its machine; batch jobs' units are made of one."""
    name = unit.name.removesuffix(".j2")
    return "millrace-batch-x.service" if name == "batch.service" else name


@pytest.mark.parametrize("unit", UNITS, ids=installed)
def test_every_service_of_the_lab_is_hardened(root: Path, unit: Path) -> None:
    name = installed(unit).replace("@.", "@x.")
    command = ["systemd-analyze", "security", "--offline=true", f"--root={root}", "--no-pager", "--json=short", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert {one["json_field"] for one in found if one["set"]} >= COMMON
    assert not COMMON & set(re.findall(r"^(\w+)=", unit.read_text(), re.MULTILINE)), "said once is enough"
