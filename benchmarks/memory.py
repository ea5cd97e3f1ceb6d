"""The memory that a command and all the processes that it starts hold at once."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.settings import REPOSITORY

_EVERY_SECONDS: Final = 0.05
_MEGABYTE: Final = 1e6


@dataclass
class Held:
    """What a command held.

    Args:
        status: Its exit status.
        peak: Most megabytes of the whole tree at one time, by phase.
        largest: Most megabytes that one of its processes ever held, shared ones included, as the kernel
            kept count.
        errors: What it wrote on standard error.
    """

    status: int = -1
    peak: dict[str, float] = field(default_factory=dict)
    largest: float = 0.0
    errors: str = ""


def memory_of(command: Sequence[str], phase: Callable[[], str]) -> Held:
    """Run a command from the repository's directory and watch its memory.

    Args:
        command: Program and arguments.
        phase: Says in which part of its work it is.
    """
    held = Held()
    process = subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY_SECONDS):
            now, tree = phase(), _tree(process.pid)
            together = sum(_kilobytes(pid, "smaps_rollup", "Pss:") for pid in tree)
            held.peak[now] = max(held.peak.get(now, 0.0), together * 1024 / _MEGABYTE)
            alone = max(_kilobytes(pid, "status", "VmHWM:") for pid in tree)
            held.largest = max(held.largest, alone * 1024 / _MEGABYTE)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        _, held.errors = process.communicate()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        ended.set()
        watching.join()
    held.status = process.returncode
    return held


def _tree(root: int) -> list[int]:
    """A process and all that it started and they did."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            waiting += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _kilobytes(pid: int, file: str, name: str) -> int:
    """A figure that the kernel tells of a process; 0 when the process has ended."""
    try:
        told = Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith(name))
