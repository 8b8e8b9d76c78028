"""The networks of LXC machines: a bridge without its name service is not taken for a working one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.test_vagrantfile import ROOT, ruby

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(shutil.which("ruby") is None, reason="no ruby on this host: `make up` installs it"),
]


def is_alive(file: Path) -> bool:
    """Whether the process whose number stands in the file is taken for dnsmasq."""
    done = ruby("-e", f"require '{ROOT}/vagrant/lxc_network'; print Millrace::LxcNetwork.dnsmasq?('{file}')")
    assert done.returncode == 0, done.stderr
    return done.stdout == "true"


def test_a_running_dnsmasq_is_alive(tmp_path: Path) -> None:
    program, file = tmp_path / "dnsmasq", tmp_path / "dnsmasq.pid"
    shutil.copy(shutil.which("sleep") or "", program)
    with subprocess.Popen([program, "60"]) as process:
        file.write_text(f"{process.pid}\n")
        try:
            assert is_alive(file)
        finally:
            process.kill()
    assert not is_alive(file)


@pytest.mark.parametrize("content", [pytest.param(str(os.getpid()), id="our own"), "", "x", "0", "999999999"])
def test_a_stale_number_is_not(tmp_path: Path, content: str) -> None:
    file = tmp_path / "dnsmasq.pid"
    file.write_text(content)
    assert not is_alive(file)


def test_without_a_number_there_is_none(tmp_path: Path) -> None:
    assert not is_alive(tmp_path / "dnsmasq.pid")
