"""Jars are the ones that the project knows, or they are refused."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from millrace.lab_files import CHECKOUT

ROLES = CHECKOUT / "ansible" / "roles"
CHECK = ROLES / "maven_jars" / "files" / "check.sh"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "jars"
    folder.mkdir()
    for name in ("a-1.jar", "b-2.jar"):
        (folder / name).write_text(name)
    sums = sorted(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in folder.iterdir())
    (tmp_path / "known").write_text("".join(sums))
    (folder / "pom.xml").touch()
    return folder


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(CHECK), str(folder), str(folder.parent / "known")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_known_jars_pass(folder: Path) -> None:
    done = check(folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("what", ["changed", "missing", "unknown", "none"])
def test_others_are_refused_by_name(folder: Path, what: str) -> None:
    if what == "changed":
        (folder / "b-2.jar").write_text("other")
    elif what == "missing":
        (folder / "b-2.jar").unlink()
    elif what == "unknown":
        (folder / "b-3.jar").touch()
    else:
        for jar in folder.glob("*.jar"):
            jar.unlink()
    done = check(folder)
    assert done.returncode == 1
    assert re.search(r"\bb-\d\.jar$", done.stdout, re.MULTILINE)


def test_what_copies_them_has_a_version() -> None:
    role = ROLES / "maven_jars"
    goal = yaml.safe_load((role / "defaults" / "main.yml").read_text())["maven_jars_goal"]
    assert re.fullmatch(r"org\.apache\.maven\.plugins:maven-dependency-plugin:\d+\.\d+\.\d+:copy-dependencies", goal)
    tasks = yaml.safe_load((role / "tasks" / "build.yml").read_text())
    (words,) = (task["ansible.builtin.command"]["argv"] for task in tasks if "ansible.builtin.command" in task)
    assert [word for word in words if not word.startswith("-")] == ["mvn", "{{ maven_jars_goal }}"]
    assert "--strict-checksums" in words


@pytest.mark.parametrize("role", ["kafka", "spark"])
def test_each_list_holds_what_its_pom_names(role: str) -> None:
    files = ROLES / role / "files"
    listed = (files / "jars.sha256").read_text()
    pom = (files / "pom.xml").read_text()
    named = re.findall(r"<artifactId>([\w.-]+)</artifactId>\s*<version>([\w.${}-]+)</version>", pom)
    own = dict(re.findall(r"<([\w.]+\.version)>([\w.-]+)</", pom))
    wanted = [f"{name}-{own.get(version.strip('${}'), version)}.jar" for name, version in named[1:]]
    assert len(wanted) >= 3
    assert listed.splitlines() == sorted(set(listed.splitlines()))
    for jar in wanted:
        assert re.search(rf"^[0-9a-f]{{64}}  {re.escape(jar)}$", listed, re.MULTILINE), jar
