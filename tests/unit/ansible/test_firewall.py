"""Each machine's firewall lets in by docs/security.md's table: no rule without a row, no row without a rule."""

import json
import re
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from lab.location import CHECKOUT
from tests.open_ports import PEOPLE, open_ports

ANSIBLE = CHECKOUT / "ansible"
ROLE = ANSIBLE / "roles" / "firewall"
SUBNET = "192.0.2"
NUMBERS = {"kafka": 13, "mysql": 14, "spark": 12, "superset": 10}
ADDRESSES = {machine: f"{SUBNET}.{number}" for machine, number in NUMBERS.items()}
PEOPLES = {f"{SUBNET}.1", "198.51.100.7", "203.0.113.0/24"}
GATEWAY = "10.0.3.1"
"""This host on the network that Vagrant made beside the lab's."""
VAGRANT, HOSTS_OF_ONES_OWN = "/vagrant", "/home/somebody/millrace"
NO_SERVICE = {
    "type filter hook input priority filter; policy accept;",
    "iif lo accept",
    "ct state { established, related } accept",
    "meta l4proto { 1, 58 } accept",
    "udp sport { 67, 547 } udp dport { 68, 546 } accept",
}
"""What passes whoever sends it, and opens no connection to a service."""
RULE = re.compile(r"(?:ip saddr \{ (?P<from>[^}]*) \} )?tcp dport (?P<first>\d+)(?:-(?P<last>\d+))? accept")


def rules(machine: str, checkout: str) -> list[str]:
    """The lines of the machine's input chain that Ansible writes, without comments."""
    loader = DataLoader()
    known: dict[str, Any] = {}
    for file in (ANSIBLE / "group_vars" / "all.yml", ROLE / "defaults" / "main.yml"):
        known |= loader.load_from_file(str(file), trusted_as_template=True)
    known |= {
        "lab": {
            "subnet": SUBNET,
            "clients": sorted(PEOPLES - {f"{SUBNET}.1"}),
            "machines": {name: {"address": number} for name, number in NUMBERS.items()},
        },
        "millrace_machine": machine,
        "millrace_checkout": checkout,
        "firewall_routes": {"stdout": json.dumps([{"dst": "default", "gateway": GATEWAY}, {"dst": "default"}])},
    }
    template = (ROLE / "templates" / "firewall.nft.j2").read_text()
    written = Templar(loader, known).template(trust_as_template(template))
    chain = re.search(r"chain input \{\n(.*?)\n  \}", written, re.DOTALL)
    assert chain
    return [line for line in map(str.strip, chain[1].splitlines()) if line and not line.startswith("#")]


def let_in(lines: list[str]) -> dict[range, set[str]]:
    """By ports who may come there: addresses and networks, nothing where everybody may."""
    found: dict[range, set[str]] = {}
    for line in lines:
        if rule := RULE.fullmatch(line):
            ports = range(int(rule["first"]), int(rule["last"] or rule["first"]) + 1)
            assert ports not in found, line
            found[ports] = set(rule["from"].split(", ")) if rule["from"] else set()
        else:
            assert line in NO_SERVICE or line.endswith(" jump refuse"), line
    return found


@pytest.mark.parametrize("checkout", [VAGRANT, HOSTS_OF_ONES_OWN], ids=["vagrant", "real-hosts"])
@pytest.mark.parametrize("machine", NUMBERS)
def test_rules_and_rows_say_the_same(machine: str, checkout: str) -> None:
    by_table = {
        row.ports: {ADDRESSES[caller] for caller in row.callers - {PEOPLE}}
        | (PEOPLES if PEOPLE in row.callers else set())
        for row in open_ports()
        if row.machine == machine
    }
    *lines, last = rules(machine, checkout)
    by_rules = let_in(lines)
    assert by_rules.pop(range(22, 23)) == (PEOPLES | {GATEWAY} if checkout == VAGRANT else set())
    assert by_rules == by_table
    assert last == "jump refuse"


@pytest.mark.parametrize("machine", NUMBERS)
def test_ssh_of_real_hosts_is_closed_to_the_other_machines_alone(machine: str) -> None:
    own, by_link, everybody = (line for line in rules(machine, HOSTS_OF_ONES_OWN) if "dport 22 " in line)
    others = re.fullmatch(r"ip saddr \{ (.*) \} tcp dport 22 jump refuse", own)
    assert others and set(others[1].split(", ")) == set(ADDRESSES.values()) - {ADDRESSES[machine]}
    assert (by_link, everybody) == ("ip6 saddr fe80::/10 tcp dport 22 jump refuse", "tcp dport 22 accept")
