"""Processes of their own that work on a base, started quickly and killed by the tests.

`python -m tests.engine.processes` imports what it needs once and forks for each line of JSON that it reads,
so that fifty processes cost little more than one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_core.base import BaseDamaged, CrmError
from crm_core.engine.derived import open_or_build
from crm_core.engine.versions import BaseDirectory
from crm_core.workspace import programmes
from crm_core.workspace.catalogue import DERIVATIONS
from tests.engine.bases import LIMITS, bring, ids, some_lines
from tests.engine.faults import Faults

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Process:
    """One that was forked."""

    pid: int
    _server: Processes

    def kill(self) -> None:
        """SIGKILL: it stops between two instructions, whatever it does."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit status once it has ended; negative when a signal ended it."""
        return int(self._server.say({"wait": self.pid}))


class Processes:
    """Starts processes through a server that has imported everything already."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def start(self, work: Callable[..., None], **options: object) -> Process:
        """Begin one of the works of this module in a process of its own."""
        return Process(int(self.say({"work": work.__name__, "options": options})), self)

    def say(self, told: dict[str, Any]) -> str:
        """One line to the server, and one back."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(told) + "\n")
        self._server.stdin.flush()
        return self._server.stdout.readline()


@contextmanager
def processes() -> Iterator[Processes]:
    """A server of processes, which ends with all that it started."""
    command = [sys.executable, "-m", "tests.engine.processes"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            yield Processes(server)
        finally:
            assert server.stdin is not None
            server.stdin.close()
            server.wait(timeout=30)


def bring_one(base: str, number: int) -> None:
    """One import, known by its number."""
    chance = random.Random(number)
    lines = some_lines(chance, 40, customers=[*ids("c", 9), None], orders=ids("o", 20))
    bring(BaseDirectory(Path(base)), f"import-{number}", orders=lines, rejects=f"rejects of {number}\n")


def bring_many(base: str, first: int, log: str, count: int = 10_000) -> None:
    """One import after the other; the number of each goes to a file when it has landed."""
    for number in range(first, first + count):
        bring_one(base, number)
        with Path(log).open("a") as landed:
            landed.write(f"{number}\n")


def bring_with_fault(base: str, number: int, at: int, kind: str, told: str) -> None:
    """One import in which a file operation goes wrong; tells how it ended, after how many operations."""
    faults = Faults(Path(base), at, kind)
    ended = "landed"
    with faults:
        try:
            bring_one(base, number)
        except (OSError, BaseDamaged) as error:
            ended = type(error).__name__
    Path(told).write_text(f"{ended} {faults.count}")


def save_programme(base: str, text: str, told: str) -> None:
    """Keep a programme as the next version again and again until it is in; tells which one it became."""
    after = 0
    while not Path(told).exists():
        try:
            kept = programmes.save(base, text, after=after)
        except programmes.ProgrammeChanged as changed:
            after = changed.newest
        else:
            Path(told).write_text(str(kept.version))


def save_programme_with_fault(base: str, text: str, after: int, at: int, kind: str, told: str) -> None:
    """Keep a programme while a file operation goes wrong; tells how it ended, after how many operations."""
    faults = Faults(Path(base), at, kind)
    ended = "landed"
    with faults:
        try:
            programmes.save(base, text, after=after)
        except CrmError as error:
            ended = error.key
    Path(told).write_text(f"{ended} {faults.count}")


def stay_in_staging(base: str, told: str) -> None:
    """Begin an import and never end it."""
    with BaseDirectory(Path(base)).staging() as directory:
        (directory / "orders.parquet").write_bytes(b"half of it")
        Path(told).write_text(str(directory))
        time.sleep(600)


def open_derived(base: str, told: str) -> None:
    """Open the derived tables of the current version; tells its progress and the count of lines."""
    directory = BaseDirectory(Path(base))
    manifest = directory.current()
    assert manifest is not None
    shares: list[float] = []
    connection, tables = open_or_build(directory, manifest, DERIVATIONS, LIMITS, shares.append)
    lines = connection.run(tables.orders.count().as_table()).to_pylist()
    connection.close()
    Path(told).write_text(json.dumps({"progress": shares, "lines": lines}))


_WORKS = {
    work.__name__: work
    for work in (
        *(bring_one, bring_many, bring_with_fault, stay_in_staging, open_derived),
        *(save_programme, save_programme_with_fault),
    )
}


def _serve() -> None:
    statuses: dict[int, int] = {}
    for line in sys.stdin:
        told = json.loads(line)
        if "wait" in told:
            _, status = os.waitpid(told["wait"], 0)
            statuses.pop(told["wait"], None)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if not answer:
                _work(told)
            statuses[answer] = 0
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in statuses:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _work(told: dict[str, Any]) -> None:
    status = 1
    try:
        os.close(0)
        _WORKS[told["work"]](**told["options"])
        status = 0
    except BaseException as error:  # noqa: BLE001 - a forked process must never return into its parent's code
        sys.stderr.write(f"{told['work']}: {error!r}\n")
    finally:
        os._exit(status)


if __name__ == "__main__":
    _serve()
