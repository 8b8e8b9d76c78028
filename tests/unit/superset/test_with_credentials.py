"""What Superset is told in secret is in its environment, and not in the one that it was started with."""

import os
import subprocess
import sys
from pathlib import Path

from millrace.lab_files import CHECKOUT

RUNNER = CHECKOUT / "superset" / "with_credentials.py"
PROGRAM = """
import os, sys
import beside
started = open("/proc/self/environ").read()
print(os.environ["MYSQL_PWD"], os.environ["HOST"], "hush" in started, sys.argv[1:], __name__, beside.HERE)
"""


def test_a_program_runs_with_variables_that_proc_does_not_show(tmp_path: Path) -> None:
    credentials, programs = tmp_path / "credentials", tmp_path / "programs"
    credentials.mkdir()
    programs.mkdir()
    (credentials / "superset.env").write_text("MYSQL_PWD=hush=\nHOST=far\n")
    (programs / "program").write_text(PROGRAM)
    (programs / "beside.py").write_text("HERE = True\n")
    done = subprocess.run(
        [sys.executable, RUNNER, programs / "program", "one", "--two"],
        env={"PATH": os.environ["PATH"], "HOST": "near", "CREDENTIALS_DIRECTORY": str(credentials)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "hush= near False ['one', '--two'] __main__ True\n"
