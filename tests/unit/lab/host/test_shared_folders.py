"""A folder that is new is seen by machines that are up already, once they have started anew."""

import os
import subprocess
from pathlib import Path

import pytest

from lab.host import provisioning_digest, vagrant
from lab.host.vagrant import Machine

KAFKA, MYSQL = Machine("kafka", "lxc", "running"), Machine("mysql", "lxc", "running")


def test_only_a_machine_that_lacks_a_folder_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    lacks, asked = {"kafka": "", "mysql": "millrace\n"}, []
    monkeypatch.setattr(vagrant.remote, "run", lambda name, _script: lacks[name])
    monkeypatch.setattr(vagrant, "run", lambda _title, jobs: asked.extend(each.command for each in jobs))
    vagrant.share_folders([KAFKA, MYSQL])
    assert asked == [["vagrant", "reload", "--no-provision", "mysql", "--no-color"]]


@pytest.mark.parametrize("sees_all", [True, False])
def test_a_machine_that_sees_the_whole_cache_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sees_all: bool
) -> None:
    mounted = tmp_path / "mountpoint"
    mounted.write_text(f'#!/bin/sh\n[ "$*" = "--quiet /var/cache/millrace" ] && exit {0 if sees_all else 32}\n')
    mounted.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def run(_name: str, script: str) -> str:
        return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout

    asked: list[list[str]] = []
    monkeypatch.setattr(vagrant, "guest_folders", tuple)
    monkeypatch.setattr(vagrant.remote, "run", run)
    monkeypatch.setattr(vagrant, "run", lambda _title, jobs: asked.extend(each.command for each in jobs))
    vagrant.share_folders([KAFKA])
    assert asked == [["vagrant", "reload", "--no-provision", "kafka", "--no-color"]] * sees_all


def test_only_a_machine_that_was_provisioned_before_may_lack_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provisioning_digest, "state_folder", lambda: tmp_path)
    monkeypatch.setattr(vagrant, "CHECKOUT", tmp_path)
    identity = tmp_path / ".vagrant" / "machines" / "kafka" / "lxc" / "id"
    identity.parent.mkdir(parents=True)
    identity.write_text("1")
    assert not provisioning_digest.is_known(KAFKA)
    provisioning_digest.keep(KAFKA, "one")
    assert provisioning_digest.is_known(KAFKA)
    identity.write_text("another")
    assert not provisioning_digest.is_known(KAFKA)
