"""The networks of LXC machines: a bridge whose name service is gone does not count; the rules in the firewall."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.host import destroy
from tests.unit.vagrant.ruby import DOUBLE, NEEDS_RUBY, ROOT, ruby

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


def on_host(tmp_path: Path, iptables: str | None, *clients: str) -> tuple[list[str], str]:
    """What guard ran and how it refused, on a host whose iptables is this script and has its rules in `rules`."""
    tools, log = tmp_path / "tools", tmp_path / "log"
    tools.mkdir(exist_ok=True)
    log.write_text("")
    (tmp_path / "rules").touch()
    scripts = {"sudo": 'exec "$@"'} if iptables is None else {"sudo": 'exec "$@"', "iptables": iptables}
    for name, script in scripts.items():
        (tools / name).write_text(f"#!/bin/sh\nrules={tmp_path}/rules\nlog={log}\nPATH=/usr/bin:/bin:$PATH\n{script}\n")
        (tools / name).chmod(0o755)
    program = f"""require '{ROOT}/vagrant/refused'; require '{ROOT}/vagrant/lxc/network'
        lab = Struct.new(:bridge, :clients).new('lab-10-0-9', ARGV)
        begin; Millrace::LxcNetwork.new(lab).guard; rescue Millrace::Refused => refused; print refused.message; end"""
    done = subprocess.run(
        [shutil.which("ruby") or "", "-I", str(DOUBLE), "-e", program, *clients],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return log.read_text().splitlines(), done.stdout


OUTSIDE = "FORWARD ! -i lab-10-0-9 -o lab-10-0-9 -j DROP"
CLIENT = "FORWARD -s 10.7.0.0/16 -o lab-10-0-9 -j ACCEPT"
NEIGHBOURS = "FORWARD -i lab-10-0-9 -o lab-10-0-9 -j ACCEPT"
# It lists rules as iptables does: of one address its network, of every address none.
IPTABLES = """echo "$*" >> "$log"
case $2 in --version) exit;; *) act=$2; shift 2; rule="$*";; esac
rule=$(echo "$rule" | sed -E 's# -s 0\\.0\\.0\\.0/0##; s#(-s [0-9.]+) #\\1/32 #')
case $act in
    -C) grep -qxF -e "$rule" "$rules";;
    -I) { echo "$rule"; cat "$rules"; } > "$rules.new" && mv "$rules.new" "$rules";;
    -D) grep -vxF -e "$rule" "$rules" > "$rules.new"; mv "$rules.new" "$rules";;
    -S) echo "-P FORWARD DROP"; sed "s/^/-A /" "$rules";;
esac"""


def test_machines_and_clients_may_reach_the_lab_and_nobody_else(tmp_path: Path) -> None:
    """Each rule goes before those that are there: the last one made is asked first."""
    ran, refused = on_host(tmp_path, IPTABLES, "10.7.0.0/16")
    assert [line.split(" -I ")[1] for line in ran if " -I " in line] == [OUTSIDE, CLIENT, NEIGHBOURS]
    assert (tmp_path / "rules").read_text().splitlines() == [NEIGHBOURS, CLIENT, OUTSIDE]
    again, _ = on_host(tmp_path, IPTABLES, "10.7.0.0/16")
    assert not [line for line in again if " -I " in line or " -D " in line], "the rules were there"
    assert refused == ""


OTHERS = [
    "FORWARD -s 10.7.0.0/16 -o lab-10-0-99 -j ACCEPT",
    "FORWARD -s 10.7.0.0/16 -o lab-10-0-9 -p tcp -j ACCEPT",
    "FORWARD -o docker0 -j ACCEPT",
]


@pytest.mark.parametrize("former", ["10.7.0.0/16", "198.51.100.7", "0.0.0.0/0"])
@pytest.mark.parametrize("stays", [(), ("203.0.113.9",), ("10.7.0.0/24", "203.0.113.0/24")])
def test_who_is_no_client_any_more_is_let_in_no_more(tmp_path: Path, former: str, stays: tuple[str, ...]) -> None:
    """Rules for another bridge, and of another kind, are somebody else's."""
    rules = tmp_path / "rules"
    rules.write_text("\n".join([*OTHERS, ""]))
    on_host(tmp_path, IPTABLES, *stays)
    without = sorted(rules.read_text().splitlines())
    assert len(without) == len(OTHERS) + 2 + len(stays)
    on_host(tmp_path, IPTABLES, *stays, former)
    assert len(rules.read_text().splitlines()) == len(without) + 1
    on_host(tmp_path, IPTABLES, *stays)
    assert sorted(rules.read_text().splitlines()) == without


@pytest.mark.parametrize("iptables", [None, "exit 1"])
def test_a_host_whose_iptables_does_not_run_is_refused(tmp_path: Path, iptables: str | None) -> None:
    """It would forward to the machines whatever comes from outside."""
    assert on_host(tmp_path, iptables, "10.7.0.0/16") == (
        [],
        "✗ iptables does not run on this host, so other computers could reach the lab's machines through it: install "
        "the package iptables, or bring the lab up by `make up`, which does.",
    )


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
