"""A provision that fails where it handles secrets says so without them, however much it is asked to tell."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.host import remote
from lab.location import state_folder
from lab.observe.services import MACHINES
from millrace.settings import Lab
from tests.lab import control_machine
from tests.lab.secret_search import names_in, words

pytestmark = [pytest.mark.full, pytest.mark.timeout(control_machine.SECONDS + 60)]
FILES = {"kafka": "lab.env", "spark": "millrace-stream.env", "superset": "superset.env"}
HIDDEN = "output has been hidden due to the fact that"
CLIENT = "/usr/local/bin/mysql"
# Says that there is no account, so that all are to be made; then, as MySQL's client, the statement that it cannot read.
SAYS_ALL = f"""
sudo tee {CLIENT} > /dev/null << 'END'
#!/bin/sh
statements=$(cat)
case $statements in SELECT*) exit 0 ;; esac
echo "$statements" >&2
exit 1
END
sudo chmod 755 {CLIENT}
"""


@pytest.fixture(params=MACHINES)
def failing(lab: Lab, request: pytest.FixtureRequest) -> Iterator[str]:
    """A machine on which a task that has secrets in its hands fails."""
    machine = request.param
    if machine == "mysql":
        break_it, mend_it = SAYS_ALL, f"sudo rm -f {CLIENT}"
    else:
        file = f"/etc/millrace/{FILES[machine]}"
        # Something else stands there, and nothing can be put in the place of what is mounted.
        break_it = f"echo '# other' | sudo tee --append {file} > /dev/null; sudo mount --bind {file} {file}"
        mend_it = f"sudo umount {file}; sudo sed -i '/^# other$/d' {file}"
    try:
        remote.run(machine, break_it)
        yield machine
    finally:
        remote.run(machine, mend_it)


def test_it_fails_and_no_secret_is_told(lab: Lab, failing: str, tmp_path: Path) -> None:
    done = control_machine.provision(lab, failing, tmp_path, "-vvv")
    told = done.stdout + done.stderr
    assert done.returncode != 0 and HIDDEN in " ".join(told.split()), told[-3000:]
    secrets = words(yaml.safe_load((state_folder() / "secrets.yml").read_text(encoding="utf-8")))
    assert names_in(told.encode(), secrets) == []
