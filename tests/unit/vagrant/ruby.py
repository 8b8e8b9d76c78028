"""Ruby over the project's own, with a stand-in for Vagrant."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOUBLE = Path(__file__).parent / "double"
NEEDS_RUBY = [
    pytest.mark.host,
    pytest.mark.skipif(shutil.which("ruby") is None, reason="no ruby on this host: `make up` installs it"),
]


def ruby(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Ruby with the stand-in for Vagrant on its load path."""
    command = ["ruby", "-I", str(DOUBLE), *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
