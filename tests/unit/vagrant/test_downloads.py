"""Downloads of all checkouts: one place in Ruby and Python; a tree that a guest has changed is not unpacked."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.host import downloads as kept
from tests.unit.vagrant.ruby import NEEDS_RUBY, ROOT, ruby

pytestmark = NEEDS_RUBY
TREE, TABLES = "spark/trees/spark-trixie-0.tar.zst", "superset/tables/tables-0.sql"
ANSIBLE = "kafka/venvs/ansible-0.tar"
RESTORE = ROOT / "ansible" / "roles" / "cached_tree" / "files" / "restore.sh"


def call(checkout: Path, what: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Ruby with the lab of this checkout as `lab`."""
    done = ruby("-e", f"require '{ROOT}/vagrant/lab'; lab = Millrace.lab('{checkout}'); {what}", **environment)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def downloads(checkout: Path) -> Path:
    """Where the checkout's downloads lie."""
    return checkout / "user" / "millrace"


def keep(folder: Path, content: bytes, name: str = TREE) -> Path:
    """A finished tree in a cache."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def line(content: bytes, name: str = TREE) -> str:
    """What the host writes down of it."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n"


@pytest.mark.parametrize(
    ("named", "cache_home"),
    [("", "/tmp/x"), ("", ""), ("~/here", ""), ("below", "/tmp/x"), ("/abs", "")],  # noqa: S108
)
def test_ruby_and_python_name_the_same_place(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, cache_home: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", cache_home)
    monkeypatch.setattr(kept, "CHECKOUT", checkout)
    monkeypatch.setattr(kept, "load_lab", lambda: type("Lab", (), {"cache": named}))
    program = f"lab.settings['cache'] = '{named}'; def (FileUtils).mkdir_p(*) = nil; print lab.downloads('cache')"
    assert call(checkout, program).stdout == str(kept.downloads_folder() / "cache")


def test_a_checkouts_own_cache_moves_there_and_is_written_down(checkout: Path, downloads: Path) -> None:
    old = keep(checkout / ".lab" / "cache", b"tree")
    machines = {downloads / "cache" / name for name in ("kafka", "mysql", "spark", "superset")}
    for folder in machines:  # as they are to be shared, from the Vagrantfile on
        folder.mkdir(parents=True)
    call(checkout, "Millrace::Downloads.new(lab).prepare")
    assert set((downloads / "cache").iterdir()) == machines, "each can be shared"
    assert (downloads / "cache" / TREE).read_bytes() == b"tree"
    assert old.read_bytes() == b"tree", "machines that were made before find it under its old name"
    assert (downloads / "trees.sha256").read_text() == line(b"tree")
    assert (checkout / ".lab" / "host" / "trees.sha256").read_text() == line(b"tree"), "the guests' copy"


def test_a_cache_that_is_in_use_is_not_replaced(checkout: Path, downloads: Path) -> None:
    keep(downloads / "cache", b"shared")
    keep(checkout / ".lab" / "cache", b"own")
    call(checkout, "Millrace::Downloads.new(lab).prepare")
    assert keep_text(downloads) == line(b"shared")


def keep_text(downloads: Path) -> str:
    """What is written down."""
    return (downloads / "trees.sha256").read_text()


@pytest.mark.parametrize("name", [TREE, ANSIBLE, TABLES])
def test_a_tree_is_written_down_once_and_a_changed_one_is_removed(checkout: Path, downloads: Path, name: str) -> None:
    file = keep(downloads / "cache", b"first", name)
    (file.parent / f"{file.name}.x3Fq9a").write_bytes(b"half")
    assert call(checkout, "Millrace::Downloads.new(lab).record").stderr == ""
    before = file.stat()
    file.write_bytes(b"other")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert f"{file} was not what" in call(checkout, "Millrace::Downloads.new(lab).record").stderr
    assert not file.exists()
    assert keep_text(downloads) == line(b"first", name)


def test_a_link_in_the_place_of_a_tree_is_removed(checkout: Path, downloads: Path) -> None:
    file = keep(downloads / "cache", b"")
    file.unlink()
    file.symlink_to("/etc/hostname")
    assert "no plain file" in call(checkout, "Millrace::Downloads.new(lab).record").stderr
    assert not file.is_symlink()
    assert keep_text(downloads) == ""


@pytest.mark.skipif(shutil.which("zstd") is None, reason="no zstd on this host")
@pytest.mark.parametrize(("sum_", "code"), [("right", 0), ("any", 0), ("no", 3), ("0" * 64, 3)])
@pytest.mark.parametrize("broken", [False, True])
def test_a_tree_is_unpacked_only_by_its_sum(tmp_path: Path, sum_: str, code: int, broken: bool) -> None:
    made, target, file = tmp_path / "made" / "venv", tmp_path / "opt" / "venv", tmp_path / "venv.tar.zst"
    made.mkdir(parents=True)
    (made / "new").touch()
    target.mkdir(parents=True)
    (target / "old").touch()
    subprocess.run(["tar", "--zstd", "-cf", file, "-C", made.parent, "venv"], check=True)
    if broken:
        file.write_bytes(file.read_bytes()[:40])
    wanted = hashlib.sha256(file.read_bytes()).hexdigest() if sum_ == "right" else sum_
    done = subprocess.run(["bash", RESTORE, file, target, wanted], check=False, timeout=60)
    worked = code == 0 and not broken
    assert done.returncode == (0 if worked else 3)
    assert [path.name for path in target.iterdir()] == ["new" if worked else "old"]
    assert [path.name for path in target.parent.iterdir()] == ["venv"], "nothing is left beside it"


def test_a_folder_that_a_guest_has_made_a_link_leads_nowhere(checkout: Path, downloads: Path, tmp_path: Path) -> None:
    file = keep(tmp_path / "own", b"of the host")
    (downloads / "cache" / "spark").mkdir(parents=True)
    (downloads / "cache" / "spark" / "trees").symlink_to(file.parent)
    call(checkout, "Millrace::Downloads.new(lab).record")
    assert (keep_text(downloads), file.read_bytes()) == ("", b"of the host")
