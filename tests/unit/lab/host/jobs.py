"""Machines and jobs, made up."""

import sys

from lab.host import command_log, vagrant


def machine(name: str = "kafka", state: str = "running") -> vagrant.Machine:
    """A machine of LXC."""
    return vagrant.Machine(name, "lxc", state)


def job(script: str, name: str = "kafka") -> command_log.Job:
    """A job that is a line of Python."""
    return command_log.Job(name, [sys.executable, "-c", script])
