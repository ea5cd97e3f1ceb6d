"""Estimates worked out in a process of their own, so that those who read meanwhile do not wait for them."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, TypeAlias

import pyarrow as pa

import crm_core
from crm_core.base import CrmError
from crm_core.tables import Estimate, Selection
from crm_core.workspace.wanted import Unwanted, awaited

USUAL_IDLE_SECONDS: Final = 600.0
RETIRED_IDLE_SECONDS: Final = 5.0

_LOG: Final = logging.getLogger(__name__)
_ROOT: Final = Path(crm_core.__file__).resolve().parent.parent
_END_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Opening:
    """The first thing that is said to the process: the base, which version of it (None on an engine), and
    how long to wait for questions. Said again it changes how long.
    """

    location: str
    version: int | None
    idle_seconds: float


@dataclass(frozen=True)
class Asked:
    """A question."""

    number: int
    build: Estimate
    selection: Selection
    as_of: dt.date
    options: Mapping[str, object]


@dataclass(frozen=True)
class Unasked:
    """Nobody waits for the answer to a question any more."""

    number: int


Said: TypeAlias = Opening | Asked | Unasked
"""What the process is told."""


@dataclass(frozen=True)
class Answered:
    """Its answer: rows, or what went wrong; text when it is our fault."""

    number: int
    rows: pa.Table | None
    error: CrmError | str | None


class Child:
    """The process that works out the estimates of one version of a base; started when first asked.

    Args:
        location: The directory or the URL.
        version: Of a base in a directory.
        idle_seconds: After which a process that nobody asks ends and gives back its memory; the next question
            starts another.
    """

    def __init__(
        self, location: str, version: int | None, *, idle_seconds: float = USUAL_IDLE_SECONDS
    ) -> None:
        self._opening = Opening(location, version, idle_seconds)
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._running: _Running | None = None
        self._closed = False

    def ask(
        self, build: Estimate, selection: Selection, as_of: dt.date, options: Mapping[str, object]
    ) -> pa.Table:
        """The rows of an estimate.

        Raises:
            CrmError: As the estimate does, or the process ended without an answer.
            Unwanted: Nobody waits for them any more; the process is told, and ends that with its next
                question to the base.
        """
        asked = Asked(next(self._numbers), build, selection, as_of, options)
        while True:
            running = self._process()
            try:
                return awaited(running.ask(asked))
            except _EndedIdle:
                continue
            except Unwanted:
                running.tell(Unasked(asked.number))
                raise

    def _process(self) -> _Running:
        with self._lock:
            if self._closed:
                raise CrmError("error.estimate_ended")
            if self._running is None or self._running.over:
                self._running = _Running(self._opening)
            return self._running

    @property
    def process_id(self) -> int | None:
        """The process that was started last, None where none was."""
        return None if self._running is None else self._running.process_id

    def retire(self) -> None:
        """Let the process end once nothing is asked any more: a newer version is read instead."""
        with self._lock:
            self._opening = replace(self._opening, idle_seconds=RETIRED_IDLE_SECONDS)
            if self._running is not None:
                self._running.tell(self._opening)

    def close(self) -> None:
        """End the process; nothing can be asked after it."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                self._running.close()


class _EndedIdle(Exception):
    """The process ended because nobody had asked for a while, just when somebody did."""


class _Running:
    """A process that was started, and the questions that it has not answered yet."""

    def __init__(self, opening: Opening) -> None:
        self.over = False
        self._location = opening.location
        self._closed = False
        self._waiting: dict[int, Future[pa.Table]] = {}
        self._lock = threading.Lock()
        # Apart from the other: whoever hands out answers must never wait for a question that is on its way.
        self._sending = threading.Lock()
        ours, its = Pipe()
        self._connection: Connection[Said, Answered] = ours
        with its:
            self._process = subprocess.Popen(  # noqa: S603 - nothing of it is a reader's
                [sys.executable, "-P", "-m", "crm_core.workspace.worker", str(its.fileno())],
                env={**os.environ, "PYTHONPATH": str(_ROOT)},
                stdin=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
            )
        self._connection.send(opening)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def process_id(self) -> int:
        """The process, by its number."""
        return self._process.pid

    def ask(self, asked: Asked) -> Future[pa.Table]:
        """Put a question; its answer comes later."""
        answer: Future[pa.Table] = Future()
        with self._lock:
            if self.over:
                answer.set_exception(_EndedIdle())
                return answer
            self._waiting[asked.number] = answer
        self.tell(asked)
        return answer

    def tell(self, message: Said) -> None:
        """Send something; if the process has just ended, whoever listens to it tells those who wait."""
        with self._sending, contextlib.suppress(OSError):
            self._connection.send(message)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closed = True
        self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self) -> None:
        while True:
            try:
                told = self._connection.recv()
            except (EOFError, OSError):
                break
            except Exception:  # noqa: BLE001 - whatever cannot be read must not leave anybody waiting
                _LOG.exception("an answer of the process for estimates could not be read")
                self._process.kill()
                break
            self._hand_out(told)
        code = self._process.wait()
        with self._lock:
            self.over = True
            self._connection.close()
            for answer in self._waiting.values():
                answer.set_exception(_EndedIdle() if code == 0 else CrmError("error.estimate_ended"))
        if code and not self._closed:
            _LOG.error("the process for estimates of %s ended with %s", self._location, code)

    def _hand_out(self, told: Answered) -> None:
        with self._lock:
            answer = self._waiting.pop(told.number)
        if isinstance(told.error, CrmError):
            answer.set_exception(told.error)
        elif told.error is not None:
            _LOG.error("an estimate failed: %s", told.error)
            answer.set_exception(RuntimeError("an estimate failed; the log says why"))
        else:
            answer.set_result(told.rows)
