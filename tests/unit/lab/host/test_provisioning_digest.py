"""A machine is provisioned again when its inputs have changed, or something on it has."""

from pathlib import Path

import pytest

from lab.host import provisioning_digest
from lab.host.vagrant import Machine

MACHINE = Machine("kafka", "lxc", "running")


def test_what_was_outdated_is_known_and_not_current(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(provisioning_digest, "state_folder", lambda: tmp_path)
    monkeypatch.setattr(Machine, "id", lambda _machine: "c0ffee 1764364800")
    provisioning_digest.outdate()
    provisioning_digest.keep(MACHINE, "digest")
    assert provisioning_digest.is_current(MACHINE, "digest")
    for _ in range(2):
        provisioning_digest.outdate()
        assert provisioning_digest.is_known(MACHINE)
        assert not provisioning_digest.is_current(MACHINE, "digest")
