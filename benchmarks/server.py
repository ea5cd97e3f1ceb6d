"""The app as users start it, in a process that ends with the benchmark."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.report import Check
from benchmarks.settings import REPOSITORY, Settings

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0
_EVERY_SECONDS: Final = 0.02


@dataclass(frozen=True)
class Served:
    """The app on a base.

    Args:
        port: Where it listens.
        process: Which it is.
        started: Whether it does listen, and what it wrote last where it does not.
        seconds: Until it did; NaN where it does not.
    """

    port: int
    process: subprocess.Popen[bytes]
    started: Check
    seconds: float


@contextmanager
def served(base: Path, settings: Settings) -> Iterator[Served]:
    """The app on a base, which ends afterwards."""
    port, log = free_port(), settings.directory / "server.log"
    command = [sys.executable, "-m", "crm_core", "serve", "--base", str(base), "--port", str(port)]
    begin = time.perf_counter()
    with started(command, REPOSITORY, log, MOSHTARI_THREADS=str(settings.threads)) as process:
        listens = wait_for(port, process, _START_SECONDS)
        seconds = time.perf_counter() - begin if listens else float("nan")
        found = "" if listens else tail_of(log)
        yield Served(port, process, Check("the server starts", listens, found), seconds)


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def started(
    command: Sequence[str], directory: Path, log: Path, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A command, and nothing that it started is left afterwards.

    Args:
        command: Program and arguments.
        directory: Where it runs.
        log: Takes what it writes.
        **settings: Environment variables beside those of this process.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=_environment(settings),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _stop(process)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """As a user's shell has it: nothing of the environment in which the benchmark runs."""
    ours = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("MOSHTARI_")
    }
    return {**kept, **settings}


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a command and its own group of processes, first by asking."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait until somebody listens on a port; False when the command ended or the time is over before that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(_EVERY_SECONDS)
        else:
            return True
    return False


def tail_of(log: Path) -> str:
    """The last line that a command wrote; empty when it wrote nothing."""
    written = log.read_text("utf-8", "replace").split("\n") if log.is_file() else []
    return next((line.strip() for line in reversed(written) if line.strip()), "")


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """Seconds for which a process has kept a processor busy; they do not grow when others keep it waiting."""
    told = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    user, system = int(told[11]), int(told[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")
