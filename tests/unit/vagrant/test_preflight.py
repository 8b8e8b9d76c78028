"""What is checked before a machine is made."""

import hashlib
from pathlib import Path

import pytest

from tests.unit.vagrant.ruby import NEEDS_RUBY, ROOT, ruby

pytestmark = NEEDS_RUBY

REFUSED = (
    "VirtualBox refuses the network 192.168.33.0/24: either put the line `* 192.168.33.0/24` into {file}, "
    "or `subnet: 192.168.56` into lab.local.yml."
)


def range_refusal(subnet: str, file: Path, version: str, *, windows: bool = False) -> str:
    """The sentence of the VirtualBox range check, empty when it passes."""
    script = (
        f"require '{ROOT}/vagrant/preflight/host_only_range'; "
        f"print Millrace::HostOnlyRange.new('{subnet}', file: '{file}', "
        f"version: Gem::Version.new('{version}'), windows: {str(windows).lower()}).refusal"
    )
    done = ruby("-e", script)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("subnet", "allowed", "version", "refused"),
    [
        ("192.168.33", None, "7.0.10", True),
        ("192.168.33", None, "6.1.28", True),
        ("192.168.33", None, "6.1.26", False),
        ("192.168.56", None, "7.0.10", False),
        ("192.168.63", None, "7.0.10", False),
        ("192.168.64", None, "7.0.10", True),
        ("192.168.33", "* 192.168.33.0/24\n", "7.0.10", False),
        ("192.168.33", "# * 192.168.33.0/24\n* 10.0.0.0/8 192.168.0.0/16\n", "7.0.10", False),
        ("192.168.33", "* 10.0.0.0/8\n* 192.168.33.0/25\n", "7.0.10", True),
        ("192.168.56", "* 10.0.0.0/8\n", "7.0.10", True),
        ("192.168.33", "* nonsense\n* 2001::/64\n", "7.0.10", True),
    ],
)
def test_virtualbox_range(tmp_path: Path, subnet: str, allowed: str | None, version: str, *, refused: bool) -> None:
    file = tmp_path / "networks.conf"
    if allowed is not None:
        file.write_text(allowed)
    assert range_refusal(subnet, file, version) == (
        REFUSED.format(file=file).replace("192.168.33", subnet) if refused else ""
    )


def test_windows_takes_any_range(tmp_path: Path) -> None:
    assert range_refusal("192.168.33", tmp_path / "networks.conf", "7.0.10", windows=True) == ""


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("Millrace::Resources.interface_in('127.0.0.0/24', except: 'x')", "lo"),
        ("Millrace::Resources.interface_in('127.0.0.0/24', except: 'lo').inspect", "nil"),
        ("Millrace::Resources.interface_in('203.0.113.0/24', except: 'x').inspect", "nil"),
        ("Millrace::Resources.memory.positive?", "true"),
        ("Millrace::Resources.disk_free('/').positive?", "true"),
    ],
)
def test_what_the_host_has(expression: str, printed: str) -> None:
    done = ruby("-e", f"require '{ROOT}/vagrant/preflight/resources'; print {expression}")
    assert (done.stdout, done.stderr) == (printed, "")


VIRTUALBOX = """def (Millrace::Resources).virtualbox_version = Gem::Version.new('6.1.26')
def (Millrace::Resources).memory = 20_000"""


NOTHING_LEFT = "class Millrace::OtherLabs; def left_behind(*) = []; end"


def failures(checkout: Path, stubs: str, provider: str = "lxc", left_behind: str = NOTHING_LEFT) -> list[str]:
    """What the checks find on a host that `stubs` describes; tools and plugins are all there."""
    script = f"""
        module Vagrant; def self.has_plugin?(_) = true; end
        require '{ROOT}/vagrant/lab'
        class Millrace::OtherLabs; def on_our_subnet(_) = nil; end
        {left_behind}
        class Millrace::LxcNetwork; def serves? = false; end
        module Millrace::Shell; def self.try(*) = "ok"; end
        module Millrace::Resources
          class << self
            def memory_available = 20_000
            def disk_free(_) = 50_000
            def interface_in(*, **) = nil
          end
        end
        {stubs}
        puts Millrace::Preflight.new(Millrace::Lab.new('{checkout}'), '{provider}').failures
    """
    done = ruby("-e", script)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_good_host_passes(checkout: Path) -> None:
    assert failures(checkout, "") == []


@pytest.mark.parametrize(
    ("stubs", "sentence"),
    [
        (
            "def (Millrace::Resources).memory_available = 4_000",
            "The lab needs 8192 MB of memory and this host has 4000: close something large, or give the machines less "
            "`memory` in lab.local.yml.",
        ),
        (
            "def (Millrace::Resources).interface_in(*, **) = 'wlan0'",
            "The subnet 192.168.33.0/24 is in use by wlan0 on this host: give the lab another, such as "
            "`subnet: 192.168.56`, in lab.local.yml.",
        ),
        (
            "class Millrace::OtherLabs; def on_our_subnet(_) = '/home/ada/lab'; end",
            "Another lab, that of /home/ada/lab, runs on 192.168.33.0/24: remove it with "
            "`make destroy CHECKOUT=/home/ada/lab`, or give this one another `subnet` in lab.local.yml.",
        ),
        (
            "def (Vagrant).has_plugin?(_) = false",
            "Vagrant has no plugin vagrant-lxc: install the package vagrant-lxc, or let `make up` do it.",
        ),
        (
            "def (Millrace::Shell).try(*) = nil; class Millrace::OtherLabs; def on_our_subnet(_) = raise; end",
            "LXC is not installed: install the packages lxc and dnsmasq-base, or let `make up` do it.",
        ),
    ],
)
def test_each_failure_is_one_sentence_with_its_mend(checkout: Path, stubs: str, sentence: str) -> None:
    assert failures(checkout, stubs) == [sentence]


LISTED = {
    "lxc": (
        'def (Millrace::Shell).root(*) = "{names}"',
        "millrace-kafka-{mark}",
        "`make destroy` removes them.",
    ),
    "libvirt": (
        'def (Millrace::Shell).try(*) = "{names}"',
        "millrace-{mark}-kafka",
        "remove each with `virsh --connect qemu:///system destroy NAME` and then `undefine NAME --remove-all-storage`.",
    ),
    "virtualbox": (
        'def (Millrace::Shell).try(*) = %("{names}" {{5}})',
        "millrace-kafka-{mark}",
        "remove each with `VBoxManage controlvm NAME poweroff` and then `VBoxManage unregistervm NAME --delete`.",
    ),
}


def real_listing(checkout: Path, provider: str, mark: str) -> list[str]:
    """What the checks find where the provider lists one machine, whose name has the mark."""
    listed, name, _ = LISTED[provider]
    stubs = f"{VIRTUALBOX}; {listed.format(names=name.format(mark=mark))}"
    return failures(checkout, stubs, provider, left_behind="")


@pytest.mark.parametrize("provider", LISTED)
def test_machines_that_vagrant_does_not_know_are_told_with_what_removes_them(checkout: Path, provider: str) -> None:
    mark = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:6]
    _, name, mend = LISTED[provider]
    before = f"{name.format(mark=mark)}: left behind by an earlier lab of {checkout}, or being made by a command that"
    mend = f" still runs; where none does, {mend}"
    assert real_listing(checkout, provider, mark) == [before + mend]
    assert real_listing(checkout, provider, "0f0f0f") == []
    made = checkout / ".vagrant" / "machines" / "kafka" / provider
    made.mkdir(parents=True)
    (made / "id").write_text("an id")
    assert real_listing(checkout, provider, mark) == []


UNBOUND = """class Millrace::LxcNetwork; def name_service_taken = 'Port 53 belongs to unbound.'; end"""


def test_a_name_service_in_the_way_is_told_before_a_machine_is_made(checkout: Path) -> None:
    assert failures(checkout, UNBOUND) == ["Port 53 belongs to unbound."]


@pytest.mark.parametrize(
    ("provider", "serves"), [("lxc", "true"), ("virtualbox", "false")], ids=["it is LXC's own", "no LXC"]
)
def test_the_port_of_names_is_asked_for_only_where_lxc_needs_it(checkout: Path, provider: str, serves: str) -> None:
    stubs = f"{UNBOUND}; class Millrace::LxcNetwork; def serves? = {serves}; end"
    assert failures(checkout, f"{stubs}; {VIRTUALBOX}", provider) == []


def test_too_little_disk(checkout: Path) -> None:
    assert failures(checkout, "def (Millrace::Resources).disk_free(_) = 900") == [
        f"The lab needs 12288 MB of disk and {checkout} has 900 free: make room, or move the checkout."
    ]


def test_a_lab_that_is_made_may_use_what_it_uses(checkout: Path) -> None:
    made = checkout / ".vagrant" / "machines" / "kafka" / "lxc"
    made.mkdir(parents=True)
    (made / "id").write_text("millrace-kafka-1")
    assert failures(checkout, "def (Millrace::Resources).memory_available = 10") == []
