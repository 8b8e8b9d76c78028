"""Folders of jars for peers: Maven is asked with the plugin, and its version, that the machines' jars are copied by."""

from pathlib import Path

import pytest

from bench.peers import trees
from millrace.lab_files import CHECKOUT
from millrace.yaml_file import read_yaml

MAVEN = """#!/bin/sh
for word; do case $word in -DoutputDirectory=*) echo "$*" > "${word#*=}/asked" ;; esac; done
"""

pytestmark = pytest.mark.host


def test_maven_is_asked_as_on_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"mvn": MAVEN, "java": "#!/bin/sh\n"}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(trees, "downloads_folder", lambda: tmp_path)
    words = (trees.tree("spark") / "asked").read_text().split()
    goal = read_yaml(CHECKOUT / "ansible" / "roles" / "maven_jars" / "defaults" / "main.yml")["maven_jars_goal"]
    assert [word for word in words if not word.startswith("-")] == [goal]
    assert "--strict-checksums" in words
