"""`make destroy`: which lab goes, and what outlives it."""

import hashlib
from pathlib import Path

import pytest

from lab.host import destroy
from millrace.errors import Refused

pytestmark = pytest.mark.host
CONTAINER = """lxc.rootfs.path = dir:/var/lib/lxc/millrace-kafka-1/rootfs
# VAGRANT-BEGIN
lxc.environment=MILLRACE_LAB=192.168.33 /home/ada/my lab
lxc.net.1.link=lab-192-168-33
# VAGRANT-END
"""


def on_host(monkeypatch: pytest.MonkeyPatch, containers: dict[str, str]) -> list[list[str]]:
    """A host whose LXC has these containers; returns the commands that were run."""
    ran: list[list[str]] = []

    def output(command: list[str]) -> str:
        ran.append(command)
        if command[-1] == "-1":
            return "\n".join(containers)
        if command[-2] == "cat":
            return containers[Path(command[-1]).parent.name]
        return "/var/lib/lxc\n"

    monkeypatch.setattr(destroy, "output", output)
    monkeypatch.setattr(destroy, "as_root", list)
    monkeypatch.setattr(destroy.shutil, "which", lambda tool: tool)
    return ran


def test_containers_are_known_by_their_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    on_host(monkeypatch, {"millrace-kafka-1": CONTAINER, "millrace-old": "lxc.uts.name = x\n", "web": ""})
    assert destroy.containers() == [
        destroy.Container("millrace-kafka-1", "192.168.33", Path("/home/ada/my lab")),
    ]


def test_a_container_of_ours_that_was_never_started_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destroy, "CHECKOUT", Path("/home/ada/lab"))
    ours = hashlib.sha256(b"/home/ada/lab").hexdigest()[:6]
    on_host(
        monkeypatch, {f"millrace-mysql-{ours}": "lxc.uts.name = x\n", "millrace-mysql-0f0f0f": "lxc.uts.name = x\n"}
    )
    (found,) = destroy.containers()
    assert (found.name, found.checkout) == (f"millrace-mysql-{ours}", Path("/home/ada/lab"))


@pytest.mark.parametrize("everything", [False, True])
def test_downloads_outlive_the_lab_and_it_says_how_they_go(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], everything: bool
) -> None:
    downloads = state.parent / "user" / "millrace"
    downloads.mkdir(parents=True)
    on_host(monkeypatch, {})
    for name, gives in (("state_folder", state), ("downloads_folder", downloads), ("remove_network", None)):
        monkeypatch.setattr(destroy, name, lambda *_arguments, gives=gives: gives)
    monkeypatch.setattr(destroy.vagrant, "run", lambda _title, _jobs: None)
    monkeypatch.setattr(destroy, "remove_boxes", lambda: None)
    removed: list[Path] = []
    monkeypatch.setattr(destroy, "remove_path", removed.append)
    destroy.remove_own(everything=everything)
    assert (state in removed) == everything
    assert f"Kept: {downloads}, the boxes and downloads that all checkouts share; `rm -r {downloads}` removes" in (
        capsys.readouterr().out
    )
    assert not any(path == downloads or path in downloads.parents for path in removed)


def test_another_checkout_that_has_no_lab_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    on_host(monkeypatch, {"millrace-kafka-1": CONTAINER})
    with pytest.raises(Refused) as refused:
        destroy.remove_other(Path("/tmp/none"))  # noqa: S108 - a name that is not used
    assert str(refused.value) == ("There is no lab of /tmp/none on this host; the labs here: /home/ada/my lab.")
