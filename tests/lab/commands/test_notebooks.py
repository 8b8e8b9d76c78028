"""`make notebook`: off until asked for, on the lab address only, behind its token, and every notebook runs as it is."""

import json
from collections.abc import Iterator

import httpx
import pytest

from instruments.tools import run_python
from lab.commands.notebook import PORT, UNIT
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import kafka_account, secret, settings
from millrace.kafka_account import AUTHORITY, PEOPLES
from millrace.settings import Lab
from tests.lab.commands.test_readme import shell
from tests.lab.machines.spark.spark_machine import NOTEBOOKS_ACCOUNT, OF_THE_STREAM, access_of

INSTALL_SECONDS = 1800
pytestmark = pytest.mark.timeout(INSTALL_SECONDS + 600)

NOTEBOOKS = sorted(path.name for path in (CHECKOUT / "spark" / "notebooks").glob("*.ipynb"))
VENV = "/opt/millrace/notebook-venv"
FOLDER = "/var/lib/millrace-notebook/examples"
EXECUTE = """
exec systemd-run --quiet --pipe --wait --collect --uid={account} --working-directory={folder} \
  -p EnvironmentFile=/etc/millrace/millrace-batch.env -p Environment=HOME=/var/lib/millrace-notebook \
  -p LoadCredential=millrace-notebook.env:/etc/millrace/millrace-notebook.env \
  {venv}/bin/python -P - {name} <<'END'
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
print(sum(len(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"), "outputs")
END
"""

# Environment and cells come as JSON and run as a plain script. What draws comes with JupyterLab, and is left out.
AS_SCRIPT = """
import json, os, sys
from unittest.mock import MagicMock
import pandas
pandas.DataFrame.plot = pandas.Series.plot = pandas.DataFrame.style = MagicMock()
environment, notebooks = json.load(sys.stdin)
os.environ.update(environment)
for name, cells in notebooks.items():
    print(name, flush=True)
    shared = {}
    for cell in cells:
        exec(cell, shared)
"""


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[str]:
    """JupyterLab's address, put in place anew; it is stopped at the end."""
    remote.run("spark", f"sudo rm -rf {VENV}", timeout=120)
    done = shell("make notebook", timeout=INSTALL_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"the token {secret('notebook_token')}\n" in done.stdout
    assert f"http://{lab.address('spark')}:{PORT}/lab\n" in done.stdout
    yield f"http://{lab.address('spark')}:{PORT}"
    assert shell("make notebook OFF=1").returncode == 0


def code_cells(name: str) -> list[str]:
    """The code of a notebook, cell by cell."""
    cells = json.loads((CHECKOUT / "spark" / "notebooks" / name).read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_the_cells_of_every_notebook_run(lab: Lab) -> None:
    """As the account that reads, and without JupyterLab, which takes minutes to install."""
    reader, person = settings(), kafka_account("person")
    given = {
        "MILLRACE_KAFKA": reader.kafka,
        "MILLRACE_KAFKA_USER": person.user,
        "MILLRACE_KAFKA_PASSWORD": person.password.get_secret_value(),
        "MILLRACE_MYSQL_HOST": reader.mysql_host,
        "MILLRACE_MYSQL_USER": reader.mysql_user,
        "MILLRACE_MYSQL_PASSWORD": reader.mysql_password.get_secret_value(),
        "MILLRACE_MYSQL_CA": str(AUTHORITY),
        **({"MILLRACE_KAFKA_CA": str(AUTHORITY)} if lab.encrypts else {}),
    }
    said = run_python("spark", AS_SCRIPT, [given, {name: code_cells(name) for name in NOTEBOOKS}], timeout=300)
    assert said.splitlines() == NOTEBOOKS


@pytest.mark.full
def test_it_asks_for_the_token(notebook: str) -> None:
    assert httpx.get(f"{notebook}/api/contents").status_code == 403
    assert "Password or token" in httpx.get(f"{notebook}/lab", follow_redirects=True).text
    token = {"Authorization": f"token {secret('notebook_token')}"}
    assert httpx.get(f"{notebook}/api/contents/examples", headers=token).status_code == 200


@pytest.mark.full
def test_it_listens_on_the_lab_address_only(lab: Lab, notebook: str) -> None:
    heard = remote.run("spark", f"ss -Hltn 'sport = :{PORT}' | awk '{{print $4}}'").split()
    assert heard == [f"{lab.address('spark')}:{PORT}"]


@pytest.mark.full
def test_it_runs_as_an_account_of_its_own(notebook: str) -> None:
    """Its process is asked, not its unit: what a cell may do is what that may."""
    process = f"$(systemctl show --property=MainPID --value {UNIT})"
    assert remote.run("spark", f"ps -o user= -p {process}").strip() == NOTEBOOKS_ACCOUNT


@pytest.mark.full
@pytest.mark.parametrize("thing", OF_THE_STREAM)
def test_what_is_the_streams_is_closed_to_its_account(notebook: str, thing: str) -> None:
    assert access_of(NOTEBOOKS_ACCOUNT, thing) == "closed"


@pytest.mark.full
def test_what_is_peoples_is_open_to_its_account(notebook: str) -> None:
    assert access_of(NOTEBOOKS_ACCOUNT, str(PEOPLES)) == "open"


@pytest.mark.full
def test_its_journal_does_not_tell_the_token(notebook: str) -> None:
    journal = remote.run("spark", f"sudo journalctl --no-pager -o cat -u {UNIT}")
    assert secret("notebook_token") not in journal


@pytest.mark.full
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_from_top_to_bottom(notebook: str, name: str) -> None:
    script = EXECUTE.format(account=NOTEBOOKS_ACCOUNT, folder=FOLDER, venv=VENV, name=name)
    out = remote.run("spark", ["sudo", "bash", "-c", script], timeout=600)
    assert int(out.split()[0]) >= 2, out
