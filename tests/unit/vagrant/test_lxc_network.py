"""The networks of LXC machines: a bridge whose name service is gone does not count; the rules in the firewall."""

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
    done = ruby("-e", f"require '{ROOT}/vagrant/lxc/network'; print Millrace::LxcNetwork.dnsmasq('{file}').inspect")
    assert done.returncode == 0, done.stderr
    return done.stdout != "nil"


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
    """What guard ran, on a host whose iptables is this script and finds its rules in the file `rules`."""
    tools, log = tmp_path / "tools", tmp_path / "log"
    tools.mkdir(exist_ok=True)
    log.write_text("")
    scripts = {"sudo": 'exec "$@"'} if iptables is None else {"sudo": 'exec "$@"', "iptables": iptables}
    for name, script in scripts.items():
        (tools / name).write_text(f"#!/bin/sh\nrules={tmp_path}/rules\nlog={log}\nPATH=/usr/bin:/bin:$PATH\n{script}\n")
        (tools / name).chmod(0o755)
    program = f"""require '{ROOT}/vagrant/refused'; require '{ROOT}/vagrant/lxc/network'
        Millrace::LxcNetwork.new(Struct.new(:bridge, :clients).new('lab-10-0-9', ['10.7.0.0/16'])).guard"""
    done = subprocess.run(
        [shutil.which("ruby") or "", "-e", program],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return log.read_text().splitlines()


OUTSIDE = "FORWARD ! -i lab-10-0-9 -o lab-10-0-9 -j DROP"
CLIENT = "FORWARD -s 10.7.0.0/16 -o lab-10-0-9 -j ACCEPT"
NEIGHBOURS = "FORWARD -i lab-10-0-9 -o lab-10-0-9 -j ACCEPT"
IPTABLES = """echo "$*" >> "$log"
case $2 in -C) shift 2; grep -qxF -e "$*" "$rules";; -I) shift 2; echo "$*" >> "$rules";; esac"""


def test_machines_and_clients_may_reach_the_lab_and_nobody_else(tmp_path: Path) -> None:
    """Each rule goes before those that are there: the last one made is asked first."""
    ran = on_host(tmp_path, IPTABLES)
    assert [line.split(" -I ")[1] for line in ran if " -I " in line] == [OUTSIDE, CLIENT, NEIGHBOURS]
    assert not any(" -I " in line for line in on_host(tmp_path, IPTABLES)), "the rules were there"


def test_a_host_without_iptables_needs_no_rule(tmp_path: Path) -> None:
    assert on_host(tmp_path, None) == []


def test_the_rules_go_with_the_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [
        "-P FORWARD ACCEPT",
        "-A FORWARD -i lab-10-0-99 -o lab-10-0-99 -j ACCEPT",
        "-A FORWARD -o docker0 -j DOCKER",
    ]
    listed = [*others, *(f"-A {rule}" for rule in (NEIGHBOURS, CLIENT, OUTSIDE))]
    ran: list[str] = []

    def output(command: list[str]) -> str:
        ran.append(" ".join(command))
        return "\n".join(listed) if "-S" in command else ""

    monkeypatch.setattr(destroy, "as_root", list)
    monkeypatch.setattr(destroy, "output", output)
    monkeypatch.setattr(destroy.shutil, "which", lambda tool, path=None: tool)
    destroy.remove_rules("lab-10-0-9")
    assert ran[1:] == [f"iptables --wait -D {rule}" for rule in (NEIGHBOURS, CLIENT, OUTSIDE)]


EVERYWHERE, ON_THE_BRIDGE = " on every address, ", " on 10.0.3.1, the address of LXC's bridge, "
OWN = 7
HEARD = {
    'udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:* users:(("unbound",pid=9,fd=3))': f"unbound (process 9){EVERYWHERE}",
    'tcp LISTEN 0 9 [::]:53 [::]:* users:(("docker-proxy",pid=9,fd=3))': f"docker-proxy (process 9){EVERYWHERE}",
    "udp UNCONN 0 0 *:53 *:*": f"another program{EVERYWHERE}",
    'udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=9,fd=3))': None,
    'udp UNCONN 0 0 10.0.3.1:53 0.0.0.0:* users:(("dnsmasq",pid=7,fd=3))': None,
    'udp UNCONN 0 0 10.0.3.1:53 0.0.0.0:* users:(("dnsmasq",pid=77,fd=3))': f"dnsmasq (process 77){ON_THE_BRIDGE}",
    'tcp LISTEN 0 9 10.0.3.1%lxcbr0:53 0.0.0.0:* users:(("named",pid=9,fd=3))': f"named (process 9){ON_THE_BRIDGE}",
    'udp UNCONN 0 0 10.0.3.11:53 0.0.0.0:* users:(("dnsmasq",pid=9,fd=3))': None,
}


@pytest.mark.parametrize(("line", "belongs"), HEARD.items())
def test_who_holds_the_port_of_names_is_named(tmp_path: Path, line: str, belongs: str | None) -> None:
    said = told(tmp_path, f"class << Millrace::LxcNetwork; def dnsmasq = {OWN}; def address = '10.0.3.1'; end", line)
    assert said.startswith(f"Port 53 of this host belongs to {belongs}") if belongs else said == ""


def test_who_holds_it_is_named_where_lxc_has_no_name_service(tmp_path: Path) -> None:
    line = 'udp UNCONN 0 0 10.0.4.1:53 0.0.0.0:* users:(("dnsmasq",pid=9,fd=3))'
    said = told(tmp_path, "class << Millrace::LxcNetwork; def dnsmasq = nil; def address = '10.0.4.1'; end", line)
    assert said == (
        "Port 53 of this host belongs to dnsmasq (process 9) on 10.0.4.1, the address of LXC's bridge, so LXC's own "
        "name service cannot start: have it listen on other addresses only, or stop it."
    )


def told(tmp_path: Path, stubs: str, line: str) -> str:
    """What is said where ss prints this line."""
    (tmp_path / "ss").write_text(f"#!/bin/sh\ncat <<'END'\n{line}\nEND\n")
    (tmp_path / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    for tool in tmp_path.iterdir():
        tool.chmod(0o755)
    asking = "print Millrace::LxcNetwork.new(nil).name_service_taken"
    done = subprocess.run(
        [shutil.which("ruby") or "", "-e", f"require '{ROOT}/vagrant/lxc/network'; {stubs}; {asking}"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (None, "10.0.3.1"),
        ('USE_LXC_BRIDGE="true"\n#LXC_ADDR="10.9.9.1"\n', "10.0.3.1"),
        ('LXC_ADDR="10.0.4.1"\n', "10.0.4.1"),
        ("LXC_ADDR=10.0.5.1\n", "10.0.5.1"),
    ],
)
def test_the_bridges_address_is_the_one_that_lxc_is_told(tmp_path: Path, settings: str | None, address: str) -> None:
    file = tmp_path / "lxc-net"
    if settings is not None:
        file.write_text(settings)
    done = ruby("-e", f"require '{ROOT}/vagrant/lxc/network'; print Millrace::LxcNetwork.address('{file}')")
    assert done.stdout == address
