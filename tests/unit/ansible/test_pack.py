"""What a machine's release is named by, and what of it is code that a running stream must start anew for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PACK = Path(__file__).parents[3] / "ansible" / "roles" / "app" / "files" / "pack.py"
FILES = {
    "feeds/shop/contract.yaml": "contract",
    "feeds/shop/views.sql": "views",
    "feeds/shop/sample.csv": "sample",
    "feeds/shop/transform.py": "code",
    "millrace/contract/column.py": "code",
    "sql/migrations/0001_ledger.sql": "code",
}


def names(checkout: Path, temporary: Path) -> tuple[str, str]:
    """The release and its code."""
    run = [sys.executable, PACK, checkout, "feeds,millrace,sql"]
    done = subprocess.run(run, env={"TMPDIR": str(temporary)}, capture_output=True, text=True, check=True)
    packed = json.loads(done.stdout)
    return packed["release"], packed["code"]


@pytest.mark.parametrize("changed", FILES)
def test_a_contract_changes_the_release_and_not_its_code(tmp_path: Path, changed: str) -> None:
    for name, content in FILES.items():
        file = tmp_path / "checkout" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    before = names(tmp_path / "checkout", tmp_path)
    assert names(tmp_path / "checkout", tmp_path) == before
    (tmp_path / "checkout" / changed).write_text("other")
    release, code = names(tmp_path / "checkout", tmp_path)
    assert release != before[0]
    assert (code != before[1]) == (FILES[changed] == "code")
