"""Where this user keeps what was downloaded."""

import os
from pathlib import Path

from lab.location import CHECKOUT
from millrace.settings import load_lab


def downloads_folder() -> Path:
    """Where this user keeps what every checkout may use again; the same place as in vagrant/lab.rb."""
    named = load_lab().cache
    if named:
        return CHECKOUT / Path(named).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "millrace"
