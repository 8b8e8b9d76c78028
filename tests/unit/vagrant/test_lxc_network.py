"""The networks of LXC machines: a bridge whose name service is gone does not count; the rule in the firewall."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.host import destroy
from tests.unit.vagrant.ruby import NEEDS_RUBY, ROOT, ruby

pytestmark = NEEDS_RUBY


def is_alive(file: Path) -> bool:
    """Whether the process whose number stands in the file is taken for dnsmasq."""
    done = ruby("-e", f"require '{ROOT}/vagrant/lxc/network'; print Millrace::LxcNetwork.dnsmasq?('{file}')")
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


def on_host(tmp_path: Path, iptables: str | None) -> list[str]:
    """What allow_neighbours ran, on a host whose iptables is this script and finds its rules in the file `rules`."""
    tools, log = tmp_path / "tools", tmp_path / "log"
    tools.mkdir(exist_ok=True)
    log.write_text("")
    scripts = {"sudo": 'exec "$@"'} if iptables is None else {"sudo": 'exec "$@"', "iptables": iptables}
    for name, script in scripts.items():
        (tools / name).write_text(f"#!/bin/sh\nrules={tmp_path}/rules\nlog={log}\nPATH=/usr/bin:/bin:$PATH\n{script}\n")
        (tools / name).chmod(0o755)
    program = f"""require '{ROOT}/vagrant/refused'; require '{ROOT}/vagrant/lxc/network'
        Millrace::LxcNetwork.new(Struct.new(:bridge).new('lab-10-0-9')).allow_neighbours"""
    done = subprocess.run(
        [shutil.which("ruby") or "", "-e", program],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return log.read_text().splitlines()


RULE = "FORWARD -i lab-10-0-9 -o lab-10-0-9 -j ACCEPT"
IPTABLES = """echo "$*" >> "$log"
case $2 in -C) [ -e "$rules" ];; -I) touch "$rules";; esac"""


def test_machines_may_reach_each_other_and_nobody_else_may_reach_them(tmp_path: Path) -> None:
    looks = ["--wait --version", f"--wait -C {RULE}"]
    assert on_host(tmp_path, IPTABLES) == [*looks, f"--wait -I {RULE}"]
    assert on_host(tmp_path, IPTABLES) == looks, "the rule was there"


def test_a_host_without_iptables_needs_no_rule(tmp_path: Path) -> None:
    assert on_host(tmp_path, None) == []


@pytest.mark.parametrize("rules", [0, 1, 2])
def test_the_rule_goes_with_the_bridge(monkeypatch: pytest.MonkeyPatch, rules: int) -> None:
    ran: list[str] = []

    def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
        ran.append(" ".join(command))
        return subprocess.CompletedProcess(command, 0 if len(ran) <= rules else 1)

    monkeypatch.setattr(destroy, "run", run)
    monkeypatch.setattr(destroy, "as_root", list)
    monkeypatch.setattr(destroy, "output", lambda _command: "")
    monkeypatch.setattr(destroy.shutil, "which", lambda tool, path=None: tool)
    destroy.remove_network("10.0.9")
    assert ran == [f"iptables --wait -D {RULE}"] * (rules + 1), "until there is none"
