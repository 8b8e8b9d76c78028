"""`make notebook`: JupyterLab on the spark machine, installed when it is first asked for."""

from typing import Annotated

import typer

from lab.host import remote, vagrant
from lab.location import need_host
from lab.observe.access import secret
from lab.screen.output import say
from lab.sentences import general as sentences
from millrace.settings import load_lab

UNIT = "millrace-notebook.service"
PORT = 8888
STEPS = "secrets-upload,secrets,notebook"


def notebook(off: Annotated[bool, typer.Option("--off", help="stop it; what was installed stays")] = False) -> None:
    """Starts JupyterLab on the spark machine and prints its address, and the token that its log-in page asks for."""
    need_host("make notebook")
    if off:
        remote.run("spark", f"if systemctl cat {UNIT} > /dev/null 2>&1; then sudo systemctl disable --now {UNIT}; fi")
        say(sentences.NOTEBOOK_OFF)
        return
    job = vagrant.job("notebook", "provision", "spark", "--provision-with", STEPS)
    vagrant.run(sentences.NOTEBOOK_STARTS, [job])
    address = f"http://{load_lab().address('spark')}:{PORT}/lab"
    say(sentences.NOTEBOOK.format(address=address, token=secret("notebook_token")))
