"""What was mistyped, through make itself: each ends in one sentence that names it, and fails."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import makefile
from lab.location import CHECKOUT
from lab.makefile import TYPED, refuse_unknown_options, unknown_command, unknown_option

pytestmark = pytest.mark.host

KNOWN = "known are employment, "
ALONE = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
"""`make check` runs these tests, and make says otherwise what another make has started."""


def make(*words: str) -> tuple[int, list[str], str]:
    """Make's exit code, and what was said but for make's own last line."""
    done = subprocess.run(
        ["make", f"PYTHON={sys.executable}", *words],
        cwd=CHECKOUT,
        env=ALONE,
        capture_output=True,
        text=True,
        check=False,
    )
    *said, own = done.stderr.splitlines()
    assert own.startswith("make: *** ")
    return done.returncode, said, done.stdout


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["send"], "✗ Say which feed and which file: make send FEED=insurance_network FILE=my.csv"),
        (["send", "FEED=sales"], "✗ Say which file: make send FEED=sales FILE=my.csv"),
        (["send", "FILE=a b.csv"], "✗ Say which feed: make send FEED=insurance_network FILE=a b.csv"),
        (["send", "feed=sales", "FILE=a b.csv"], "✗ There is no option feed=; did you mean FEED=?"),
        (
            ["send", "FEED=sales", "FILE=README.md", "REPALCE=1"],
            "✗ There is no option REPALCE=; did you mean REPLACE=?",
        ),
        (["reset", "YES=1"], f"✗ Say which feed: FEED=…; {KNOWN}"),
        (["peek"], f"✗ Say which feed: FEED=…; {KNOWN}"),
        (["feed-off", "FEED="], f"✗ Say which feed: FEED=…; {KNOWN}"),
        (["fetch"], f"✗ Say which feed: FEED=…; {KNOWN}"),
        (["new-feed"], "✗ Name the "),
        (["drill", "NAME=soak; exit"], "✗ There is no drill 'exit': make drill LIST=1 shows them."),
        (["bench", "NAME=`exit 7`"], "✗ There is no benchmark '7`': known are send, "),
        (["sned"], "✗ There is no command `make sned`; did you mean send?"),
        (["new_feed", "FILE=x"], "✗ There is no command `make new_feed`; did you mean new-feed?"),
    ],
)
def test_what_was_mistyped_is_one_sentence_that_names_it(typed: list[str], sentence: str) -> None:
    code, said, printed = make(*typed)
    assert code == 2
    assert [line[: len(sentence)] for line in said] == [sentence]
    assert printed == ""


def test_a_word_like_none_is_told_all() -> None:
    assert unknown_command("xyzzy").startswith("There is no command `make xyzzy`; known are up, down, ")
    assert (unknown_option(["FEED", "xyzzy"]) or "").startswith("There is no option xyzzy=; known are ALL=, ")


def test_every_option_that_a_recipe_uses_may_be_typed() -> None:
    assert unknown_option(["AS_NEW", "FEED", "Q", "NAME", "LINES", "PYTHON", "SECONDS", "OVER", "NEWEST"]) is None


@pytest.fixture
def not_mine() -> Iterator[Path]:
    """A checkout that the user of `as_stranger` may read and no more."""
    folder = Path(tempfile.mkdtemp())
    (folder / "vagrant").mkdir()
    for file in ("Makefile", "vagrant/rights.sh"):
        shutil.copy(CHECKOUT / file, folder / file)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def as_stranger(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Make by somebody who is not root: root may write everywhere."""
    who = 65534 if os.geteuid() == 0 else None
    command = ["make", *words]
    return subprocess.run(
        command, cwd=folder, env=ALONE, capture_output=True, text=True, check=False, user=who, group=who
    )


@pytest.mark.parametrize("command", ["status", "up", "sned"])
def test_who_has_no_rights_in_the_checkout_is_told_whose_it_is(not_mine: Path, command: str) -> None:
    done = as_stranger(not_mine, command)
    sentence = f"You may not write into {not_mine}, which belongs to {not_mine.owner()}: run make as {not_mine.owner()}"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert f"*** ✗ {sentence}, or in a clone of your own.  Stop." in done.stderr


def test_whoever_may_read_sees_the_list_of_commands(not_mine: Path) -> None:
    done = as_stranger(not_mine, "help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("make …")


@pytest.mark.parametrize("value", ["select '$x', $$ $(shell id) \"$HOME\"", "a b'c.csv", "${FEED}"])
@pytest.mark.parametrize("by_environment", [False, True])
@pytest.mark.parametrize("name", ["Q", "NAME"])
def test_a_value_reaches_the_command_as_it_was_typed(name: str, value: str, by_environment: bool) -> None:
    done = subprocess.run(
        [
            "make",
            "--silent",
            f'--eval=show: ; @printf "%s" "$${name}"',
            "show",
            *([] if by_environment else [f"{name}={value}"]),
        ],
        cwd=CHECKOUT,
        env=ALONE | ({name: value} if by_environment else {}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == value


@pytest.mark.parametrize(("by_environment", "counts"), [(False, True), (True, False)])
def test_a_name_counts_only_where_it_is_typed(by_environment: bool, counts: bool) -> None:
    """Some shells have a variable NAME of their own."""
    name = "soak$x"
    done = subprocess.run(
        ["make", "--dry-run", f"PYTHON={sys.executable}", *([] if by_environment else [f"NAME={name}"]), "drill"],
        cwd=CHECKOUT,
        env=ALONE | ({"NAME": name} if by_environment else {}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("-- $NAME" in done.stdout) is counts


def test_a_machine_without_a_makefile_refuses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(makefile, "CHECKOUT", tmp_path)
    monkeypatch.delenv(TYPED, raising=False)
    refuse_unknown_options()
    assert capsys.readouterr() == ("", "")
    with pytest.raises(FileNotFoundError):
        unknown_option(["FEED"])
