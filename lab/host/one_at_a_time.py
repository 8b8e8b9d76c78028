"""The commands that make, start or remove machines: two of them beside each other would undo each other's work."""

import os
from contextlib import AbstractContextManager
from datetime import datetime

from lab.location import state_folder
from lab.sentences import machines as sentences
from millrace.lock import alone


def only(command: str) -> AbstractContextManager[None]:
    """Refuses while another of these commands runs in this checkout, naming it, its process and when it began."""
    me = sentences.HOLDER.format(command=command, process=os.getpid(), since=datetime.now().astimezone())
    return alone(state_folder() / "machines.lock", sentences.MACHINES_BUSY, me)
