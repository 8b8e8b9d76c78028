"""Where this command runs: in a checkout on the host, or inside a machine of the lab."""

from pathlib import Path
from typing import Any

from lab.sentences import general as sentences
from millrace.errors import Refused
from millrace.yaml_file import read_yaml

CHECKOUT = Path(__file__).resolve().parents[1]


def is_host() -> bool:
    """Whether we stand in a checkout that makes machines; the copy inside a machine has no Vagrantfile."""
    return (CHECKOUT / "Vagrantfile").is_file()


def state_folder() -> Path:
    """`.lab` of the checkout: secrets, cached ssh settings, boxes, logs; git ignores it."""
    folder = CHECKOUT / ".lab"
    folder.mkdir(exist_ok=True)
    return folder


def code_folders() -> list[str]:
    """Folders of the checkout with the code that every machine runs."""
    return list(_group_vars()["millrace_code"])


def guest_folders() -> list[str]:
    """Folders of the checkout that every machine is shown; the same as in vagrant/lab.rb."""
    return sorted([*code_folders(), *_group_vars()["millrace_provisioning"]])


def _group_vars() -> dict[str, Any]:
    return read_yaml(CHECKOUT / "ansible" / "group_vars" / "all.yml")


def need_host(command: str) -> None:
    """Refuses a command that only makes sense on the host."""
    if not is_host():
        raise Refused(sentences.HOST_ONLY.format(command=command))
