#!/usr/bin/python
"""Ansible module: a systemd unit runs with what it reads as that stands now.

One module where builtin ones would be seven: a lab has a dozen units, and each module costs a third of a second.
"""

import hashlib
import os
import socket
import subprocess
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

# Defaults and their meaning stand with the role.
OPTIONS = {
    "unit": {"type": "str", "required": True},
    "reads": {"type": "list", "elements": "path", "required": True},  # its own file among them
    "mark": {"type": "path", "required": True},  # keeps what it was started with, from one run to the next
    "waits": {"type": "bool", "required": True},
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "timeout": {"type": "int", "required": True},
}
JOURNAL_LINES = 30


def digest(paths: list[str]) -> str:
    """One digest of files, links and built folders."""
    whole = hashlib.sha256()
    for path in map(Path, paths):
        whole.update(f"{path}\n{state_of(path)}\n".encode())
    return whole.hexdigest()


def state_of(path: Path) -> str:
    """The content of a file, where a link leads, which tree a folder holds."""
    if path.is_symlink():
        return os.path.realpath(path)
    if path.is_dir():
        return " ".join(sorted(tree.name for tree in path.glob(".tree-*")))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def systemctl(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["systemctl", *arguments], check=False, capture_output=True, text=True)


def is_enabled(unit: str) -> bool:
    return systemctl("is-enabled", "--quiet", unit).returncode == 0


def is_up(unit: str) -> bool:
    """Whether it runs or is on its way there."""
    return systemctl("is-active", unit).stdout.strip() in ("active", "activating", "reloading")


def answers(host: str, port: int, seconds: float) -> bool:
    """Whether the port took a connection within that time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        else:
            return True


def last_words(unit: str) -> str:
    command = ["journalctl", "--no-pager", f"--lines={JOURNAL_LINES}", "--output=cat", f"--unit={unit}"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def bring_up(unit: str, *, is_fresh: bool, waits: bool) -> str:
    """Starts or restarts the unit, now and at boot; what systemctl complained of, or nothing."""
    verb = "start" if is_fresh else "restart"
    steps = [["daemon-reload"]] if not is_fresh else []
    steps += [["enable", unit], [verb, unit] if waits else [verb, "--no-block", unit]]
    for step in steps:
        done = systemctl(*step)
        if done.returncode != 0:
            return done.stderr.strip()
    return ""


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS)
    unit, mark = module.params["unit"], Path(module.params["mark"])
    try:
        now = digest(module.params["reads"])
    except OSError as error:
        module.fail_json(msg=f"{unit} reads {error.filename}, which is not there.")
    is_fresh = mark.is_file() and mark.read_text(encoding="utf-8").strip() == now
    changed = not (is_fresh and is_enabled(unit) and is_up(unit))
    if changed and (complaint := bring_up(unit, is_fresh=is_fresh, waits=module.params["waits"])):
        module.fail_json(msg=f"{unit} did not start: {complaint}\nIts last words:\n{last_words(unit)}")
    host, port, timeout = (module.params[name] for name in ("host", "port", "timeout"))
    if port and not answers(host, port, timeout):
        module.fail_json(
            msg=f"{unit} did not answer at {host}:{port} in {timeout} s. Its last words:\n{last_words(unit)}"
        )
    if not is_fresh:
        # Written last: a run that is stopped in between restarts the unit the next time.
        mark.write_text(now + "\n", encoding="utf-8")
    module.exit_json(changed=changed)


if __name__ == "__main__":
    main()
