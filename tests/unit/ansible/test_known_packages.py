"""MySQL's packages are those that the project knows, or they are refused."""

import re

import yaml

from millrace.lab_files import CHECKOUT

ROLE = CHECKOUT / "ansible" / "roles" / "mysql"
PACKAGES = {"mysql-server", "mysql-server-core", "mysql-client", "mysql-client-core"}


def test_the_list_has_a_sum_for_each_package_of_the_version() -> None:
    version = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())["mysql_version"]
    lines = (ROLE / "files" / "packages.sha256").read_text().splitlines()
    found = [re.fullmatch(r"[0-9a-f]{64}  (.+)_(.+)_amd64\.deb", line) for line in lines]
    assert {match.groups() for match in found if match} == {(name, version) for name in PACKAGES}
    assert len(lines) == len(PACKAGES)


def test_what_is_fetched_held_and_summed_are_the_same_packages() -> None:
    fetched = re.findall(r'"(mysql-[a-z-]+)=\$1"', (ROLE / "files" / "fetch.sh").read_text())
    held = re.search(r"argv: \[apt-mark, hold, (.+)\]", (ROLE / "tasks" / "install.yml").read_text())
    assert held
    assert set(fetched) == set(held[1].split(", ")) == PACKAGES
