"""JupyterLab runs code of whoever has its token: as an account that is a person's, not as the one that loads."""

import re
from typing import Any

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from millrace.lab_files import CHECKOUT

ROLES = CHECKOUT / "ansible" / "roles"
USER = re.compile(r"^User=(.*)$", re.MULTILINE)


def account(role: str) -> dict[str, Any]:
    """The one that a role makes."""
    tasks = yaml.safe_load((ROLES / role / "tasks" / "configure.yml").read_text(encoding="utf-8"))
    (found,) = (task["ansible.builtin.user"] for task in tasks if "ansible.builtin.user" in task)
    return dict(found)


def users(*units: str) -> list[str]:
    """As whom the units of those templates run."""
    return [user for unit in units for user in USER.findall((ROLES / unit).read_text(encoding="utf-8"))]


def test_jupyterlab_runs_as_the_account_that_its_role_makes() -> None:
    assert users("notebook/templates/millrace-notebook.service.j2") == [account("notebook")["name"]]


def test_that_account_belongs_to_people_and_to_nobody_else() -> None:
    made = account("notebook")
    assert (made["groups"], made["shell"]) == ("{{ people_group }}", "/usr/sbin/nologin")
    of_spark = users(*(f"spark/templates/spark-{part}.service.j2" for part in ("master", "worker")))
    of_stream = users("stream/templates/millrace-stream.service.j2")
    assert of_spark == [account("spark")["name"]] * 2 and of_stream
    assert made["name"] not in {"root", *of_spark, *of_stream}


def test_its_token_is_all_of_the_file_that_it_reads() -> None:
    """Jupyter compares what a person gives with the whole of it."""
    template = (ROLES / "notebook" / "templates" / "notebook.token.j2").read_text(encoding="utf-8")
    written = Templar(DataLoader(), {"secrets_own": {"notebook_token": "abc"}}).template(trust_as_template(template))
    assert written == "abc"
