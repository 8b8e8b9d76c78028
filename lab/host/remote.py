"""Commands on the machines over ssh. The settings come from Vagrant once and are kept in .lab/ssh.

Commands share one connection per machine, which ssh keeps for a minute after the last of them.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, TextIO, TypeVar

from lab.location import CHECKOUT, state_folder
from lab.screen.output import is_reader_gone, visible
from lab.sentences import general as sentences
from millrace.errors import Refused

SSH_FAILED, INTERRUPTED = 255, 130
SENDER = "kafka"
"""The machine that the producers run on."""
COPY_CHUNK = 1 << 20
SHARED_SECONDS = 60
# A machine that was stopped hard leaves a connection that nobody answers on: it is given up after these.
ALIVE_SECONDS, ALIVE_TIMES = 5, 3

QUIET: dict[str, Any] = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL}
Done = TypeVar("Done", subprocess.CompletedProcess[str], subprocess.CompletedProcess[bytes])


def config_file(machine: str) -> Path:
    """Where the machine's ssh settings are kept."""
    return state_folder() / "ssh" / machine


def write_config(machine: str) -> Path:
    """Asks Vagrant for the machine's ssh settings and keeps them; refuses when the machine is not running."""
    asked = subprocess.run(["vagrant", "ssh-config", machine], cwd=CHECKOUT, check=False, **QUIET)
    if asked.returncode != 0:
        raise Refused(sentences.MACHINE_DOWN.format(machine=machine))
    kept = config_file(machine)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(asked.stdout)
    return kept


def command(machine: str, script: str, *, tty: bool = False) -> list[str]:
    """The ssh command line that runs `script` with the machine's shell."""
    kept = config_file(machine)
    if not kept.is_file():
        write_config(machine)
    options = ["-F", str(kept), "-o", "ConnectTimeout=5", "-o", "LogLevel=ERROR", *shared_connection()]
    return ["ssh", *options, "-t" if tty else "-T", machine, script]


def shared_connection() -> list[str]:
    """Options by which this user's commands to a machine share a connection; its socket's path must be short."""
    home = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(home) / "millrace-ssh"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    alive = ["-o", f"ServerAliveInterval={ALIVE_SECONDS}", "-o", f"ServerAliveCountMax={ALIVE_TIMES}"]
    sharing = ["-o", "ControlMaster=auto", "-o", f"ControlPath={folder}/%C", "-o", f"ControlPersist={SHARED_SECONDS}"]
    return [*sharing, *alive]


def let_go(machine: str) -> None:
    """The next command takes a new connection: groups that a provisioning gives count from then on."""
    kept = config_file(machine)
    if kept.is_file():
        ending = ["ssh", "-F", str(kept), *shared_connection(), "-O", "stop", machine]
        subprocess.run(ending, check=False, **QUIET)


def run(machine: str, arguments: Sequence[str] | str, *, timeout: float | None = 60) -> str:
    """What the command printed there; refuses with its last line of errors when it failed, and what takes too long."""
    script = arguments if isinstance(arguments, str) else shlex.join(arguments)

    def once() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command(machine, script), check=False, **QUIET, timeout=timeout)

    try:
        done = with_fresh_config(machine, once)
    except subprocess.TimeoutExpired as late:
        why = sentences.REMOTE_LATE.format(seconds=late.timeout)
        raise Refused(sentences.REMOTE_FAILED.format(command=script, machine=machine, why=why)) from late
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise Refused(sentences.REMOTE_FAILED.format(command=script, machine=machine, why=lines[-1]))
    return done.stdout


def attach(machine: str, script: str) -> int:
    """Runs the script with our own terminal (or none) as the machine's and returns its exit code.

    Raises BrokenPipeError where nobody reads any more what it prints.
    """
    tty = sys.stdin.isatty() and sys.stdout.isatty()

    def once() -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(command(machine, script, tty=tty), stdin=None if tty else subprocess.DEVNULL, check=False)
        if done.returncode == SSH_FAILED and is_reader_gone():
            raise BrokenPipeError
        return done

    return with_fresh_config(machine, once).returncode


def show(machine: str, script: str) -> int:
    """Prints each line of the script's as it comes, with its control characters written out; returns the exit code.

    A journal has words of whoever speaks to a service. Raises BrokenPipeError where nobody reads what it prints.
    """

    def once() -> subprocess.CompletedProcess[bytes]:
        asked, pipe = command(machine, script), subprocess.PIPE
        with (
            subprocess.Popen(asked, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe) as process,
            ThreadPoolExecutor(max_workers=1) as beside,
        ):
            try:
                errors = beside.submit(_print_visible, process.stderr, sys.stderr)
                _print_visible(process.stdout, sys.stdout)
                errors.result()
                return subprocess.CompletedProcess(asked, process.wait())
            except BaseException:
                process.terminate()
                process.wait()
                raise

    try:
        return with_fresh_config(machine, once).returncode
    except KeyboardInterrupt:
        return INTERRUPTED


def _print_visible(lines: IO[bytes] | None, out: TextIO) -> None:
    for line in lines or ():
        out.write(visible(line.decode(errors="replace")))
        out.flush()


def put(machine: str, local: Path, remote: str, advance: Callable[[int], None] = lambda _: None) -> None:
    """Copies a file to the machine, telling `advance` the bytes of each step."""
    run(machine, "true")
    with subprocess.Popen(command(machine, f"cat > {shlex.quote(remote)}"), stdin=subprocess.PIPE) as copy:
        assert copy.stdin is not None  # noqa: S101 - PIPE was asked for
        with local.open("rb") as file:
            while chunk := file.read(COPY_CHUNK):
                copy.stdin.write(chunk)
                advance(len(chunk))
    if copy.returncode != 0:
        raise Refused(sentences.COPY_FAILED.format(file=local, machine=machine))


def pull(machine: str, script: str, local: Path) -> None:
    """What the script prints there, into a file here; refuses with its last line of errors when it failed."""
    run(machine, "true")
    with local.open("wb") as out:
        done = subprocess.run(
            command(machine, script), check=False, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE
        )
    _refuse_failed(machine, script, done)


def push(machine: str, script: str, local: Path) -> None:
    """A file here as what the script reads there; refuses with its last line of errors when it failed."""
    run(machine, "true")
    with local.open("rb") as content:
        done = subprocess.run(
            command(machine, script), check=False, stdin=content, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
    _refuse_failed(machine, script, done)


def _refuse_failed(machine: str, script: str, done: subprocess.CompletedProcess[bytes]) -> None:
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise Refused(sentences.REMOTE_FAILED.format(command=script, machine=machine, why=lines[-1]))


def with_fresh_config(machine: str, once: Callable[[], Done]) -> Done:
    """Runs ssh; when it cannot connect, asks Vagrant anew (a rebuilt machine has another key) and tries once more."""
    done = once()
    if done.returncode != SSH_FAILED:
        return done
    write_config(machine)
    done = once()
    if done.returncode == SSH_FAILED:
        raise Refused(sentences.MACHINE_DOWN.format(machine=machine))
    return done


def on_kafka(*arguments: str) -> int:
    """Runs the same command on the kafka machine; its exit code."""
    return attach(SENDER, shlex.join(["millrace", *arguments]))
