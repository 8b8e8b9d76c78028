"""What is a person's own comes back; what is this host's, or this broker's, stays."""

import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from lab.backup.archive import DamagedError, add
from lab.backup.host_files import SECRETS, feeds_of, keep, own_files, put, read
from millrace.lab_files import LOCAL

pytestmark = pytest.mark.host


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a feed of the release, and one of a person's own."""
    folder = tmp_path / "checkout"
    for name in ("feeds/sales/contract.yaml", "superset/assets/charts/sales/a.yaml"):
        written(folder / name, "the release's")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    for name in ("feeds/shop/contract.yaml", "feeds/shop/sample.csv", "superset/assets/charts/shop/b.yaml"):
        written(folder / name, "my own")
    written(folder / SECRETS, "superset_secret_key: old\nkafka_cluster_id: Mold\n")
    written(folder / LOCAL, "# mine\nsubnet: 10.1.2\nfeeds: [sales, shop]\n")
    return folder


def written(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def kept(checkout: Path, tmp_path: Path) -> dict[str, bytes]:
    keep(tmp_path / "host.tar", checkout)
    return read(tmp_path / "host.tar")


def test_what_is_kept(kept: dict[str, bytes]) -> None:
    own = {"feeds/shop/contract.yaml", "feeds/shop/sample.csv", "superset/assets/charts/shop/b.yaml"}
    assert set(kept) == {SECRETS, LOCAL, *own}
    assert feeds_of(kept) == {"shop"}


def test_without_git_all_feeds_are_kept(tmp_path: Path) -> None:
    written(tmp_path / "feeds/sales/contract.yaml", "")
    assert own_files(tmp_path) == ["feeds/sales/contract.yaml"]


def test_on_a_fresh_checkout_all_is_as_it_was(kept: dict[str, bytes], tmp_path: Path) -> None:
    put(kept, tmp_path / "aside", tmp_path / "new", has_broker=False)
    assert {name: (tmp_path / "new" / name).read_bytes() for name in kept} == kept
    assert (tmp_path / "new" / SECRETS).stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "aside").exists()


def test_settings_of_the_host_stay_and_so_does_what_the_release_has(kept: dict[str, bytes], tmp_path: Path) -> None:
    new = tmp_path / "new"
    written(new / LOCAL, "subnet: 192.168.77\nprovider: lxc\nfeeds: [weather]\n")
    written(new / SECRETS, "superset_secret_key: new\nkafka_cluster_id: Mnew\nkafka_admin_password: new\n")
    written(new / "feeds/shop/contract.yaml", "there already")
    put(kept, tmp_path / "aside", new, has_broker=True)
    assert yaml.safe_load((new / LOCAL).read_text()) == {
        "subnet": "192.168.77",
        "provider": "lxc",
        "feeds": ["sales", "shop"],
    }
    assert yaml.safe_load((new / SECRETS).read_text()) == {
        "superset_secret_key": "old",
        "kafka_cluster_id": "Mnew",
        "kafka_admin_password": "new",
    }
    assert (new / "feeds/shop/contract.yaml").read_text() == "there already"
    assert "192.168.77" in (tmp_path / "aside" / LOCAL).read_text()
    assert (tmp_path / "aside" / SECRETS).stat().st_mode & 0o777 == 0o600


def test_of_a_lab_without_settings_only_the_hosts_stay(kept: dict[str, bytes], tmp_path: Path) -> None:
    new = tmp_path / "new"
    written(new / LOCAL, "subnet: 192.168.77\nfeeds: [weather]\n")
    put({SECRETS: kept[SECRETS]}, tmp_path / "aside", new, has_broker=False)
    assert yaml.safe_load((new / LOCAL).read_text()) == {"subnet": "192.168.77"}


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "feeds/../../x", "lab/cli.py", "feeds"])
def test_a_file_that_would_lie_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "host.tar", "w") as tar:
        add(tar, name, b"")
    with pytest.raises(DamagedError, match="does not belong"):
        read(tmp_path / "host.tar")
