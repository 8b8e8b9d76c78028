"""What tests ask of the spark machine: what the pages there tell, and whether somebody there opens a file or folder."""

import re
from typing import Any

import httpx

from instruments.stream import EXECUTOR
from lab.host import remote
from lab.observe.services import APPLICATION_PORT, MASTER_PORT, STREAM_UNIT
from millrace.settings import Lab

SECONDS = 120
OF_THE_STREAM = (
    "/etc/millrace/millrace-stream.env",
    f"/run/credentials/{STREAM_UNIT}.service/{STREAM_UNIT}.env",
    f"/proc/$(systemctl show --property=MainPID --value {STREAM_UNIT}.service)/environ",
    f"/proc/$({EXECUTOR})/environ",
    "/var/lib/millrace/.",
    "/var/lib/spark/scratch/.",
    "/var/lib/spark/work/.",
)
"""Files and folders of the streaming application, and of its executors, which are given the secret of the cluster."""
NOTEBOOKS_ACCOUNT = "notebook"
"""That of JupyterLab: it comes with `make notebook`."""
AS_WHOM = {
    "vagrant": "--reuid=vagrant --regid=vagrant --init-groups",
    "people": "--reuid=nobody --regid=nogroup --groups=people",
    NOTEBOOKS_ACCOUNT: f"--reuid={NOTEBOOKS_ACCOUNT} --regid={NOTEBOOKS_ACCOUNT} --init-groups",
}
ASKED = """thing="{thing}"
sudo test -e "$thing" || exit 9
sudo setpriv {options} sh -c '[ -r "$0" ] || [ -w "$0" ]' "$thing" && echo open || echo closed
"""
PROPERTY = re.compile(r"<td>(spark\.[^<]+)</td><td>([^<]*)</td>")


def access_of(who: str, thing: str) -> str:
    """Whether they may read or write it."""
    return remote.run("spark", ASKED.format(options=AS_WHOM[who], thing=thing)).strip()


def of_the_stream(lab: Lab, what: str) -> Any:
    """What the streaming application's page tells."""
    api = f"http://{lab.address('spark')}:{APPLICATION_PORT}/api/v1/applications"
    (app,) = httpx.get(api, timeout=30).raise_for_status().json()
    return httpx.get(f"{api}/{app['id']}/{what}", timeout=30).raise_for_status().json()


def master_page(lab: Lab) -> str:
    """The address of the page of Spark's master."""
    return f"http://{lab.address('spark')}:{MASTER_PORT}"


def of_the_master(lab: Lab) -> dict[str, str]:
    """The properties that the running master says it has."""
    page = httpx.get(f"{master_page(lab)}/environment/", timeout=30).raise_for_status().text
    return dict(PROPERTY.findall(page))
