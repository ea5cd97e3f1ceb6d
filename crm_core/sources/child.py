"""The same work in a process of its own, which may be killed by what it reads and takes nothing with it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final

import crm_core
from crm_core.base import Cancelled, CrmError, InputError
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import Mapping, SourceOptions
from crm_core.sources.schemas import FOREIGN_MONEY_SCALE
from crm_core.sources.staged import Preview, Staged

_LOG: Final = logging.getLogger(__name__)
_ROOT: Final = Path(crm_core.__file__).resolve().parent.parent
_POLL_SECONDS: Final = 0.1
_KEPT_BYTES: Final = 1 << 26


def stage_in_child(
    path: Path,
    mapping: Mapping,
    directory: Path,
    *,
    source_name: str,
    money_scale: int,
    base_currency: str,
    limits: Limits | None = None,
    progress: Callable[[float], None] | None = None,
    cancelled: threading.Event | None = None,
    time_zone_name: str | None = None,
) -> Staged:
    """`staging.stage` in a child process.

    Args:
        cancelled: Set by somebody else to stop the work.

    Raises:
        InputError: As `stage` does, or the file costs more memory or time than the limits allow, or reading
            it ended the child.
        Cancelled: `cancelled` was set.
    """
    request = {
        "do": "stage",
        "path": str(path),
        "mapping": mapping.to_yaml(),
        "directory": str(directory),
        "source_name": source_name,
        "money_scale": money_scale,
        "base_currency": base_currency,
        "time_zone_name": time_zone_name,
    }
    try:
        told = _ask(request, path.name, limits or Limits(), progress, cancelled)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return Staged.from_json(told)


def read_header_in_child(
    path: Path,
    options: SourceOptions | None = None,
    limits: Limits | None = None,
    table: str | None = None,
    *,
    mapping: Mapping | None = None,
    money_scale: int = FOREIGN_MONEY_SCALE,
    base_currency: str = "",
    time_zone_name: str | None = None,
) -> Preview:
    """`previewing.read_header` in a child process.

    Raises:
        InputError: As `read_header` does, or as `stage_in_child` does.
    """
    stated = (options or SourceOptions()).stated()
    request = {
        "do": "read_header",
        "path": str(path),
        "options": stated,
        "table": table,
        "mapping": None if mapping is None else mapping.to_yaml(),
        "money_scale": money_scale,
        "base_currency": base_currency,
        "time_zone_name": time_zone_name,
    }
    return Preview.from_json(_ask(request, path.name, limits or Limits(), None, None))


def read_plain_in_child(path: Path, target: Path, limits: Limits | None = None) -> int:
    """`plain.read_plain` in a child process.

    Raises:
        InputError: As `read_plain` does, or as `stage_in_child` does.
    """
    request = {"do": "read_plain", "path": str(path), "target": str(target)}
    return int(_ask(request, path.name, limits or Limits(), None, None)["ragged"])


def _ask(
    request: dict[str, Any],
    file: str,
    limits: Limits,
    progress: Callable[[float], None] | None,
    cancelled: threading.Event | None,
) -> dict[str, Any]:
    """Have a child do something; its result as JSON."""
    line = json.dumps({**request, "limits": asdict(limits)})
    with tempfile.TemporaryFile() as errors, _started(errors) as child:
        answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_listen, args=(child.stdout, answers), daemon=True)
        reader.start()
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(line + "\n")
            child.stdin.flush()
        deadline = time.monotonic() + limits.seconds
        while True:
            if cancelled is not None and cancelled.is_set():
                raise Cancelled("import.cancelled", file=file)
            if time.monotonic() > deadline:
                raise InputError("import.too_slow", file=file, seconds=limits.seconds)
            try:
                answer = answers.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if answer is None:
                raise _fate(child.wait(), errors, file, limits)
            told = json.loads(answer)
            if "result" in told:
                found: dict[str, Any] = told["result"]
                return found
            if "error" in told:
                raise _error(told["error"])
            if progress is not None:
                progress(told["progress"])


def _error(told: dict[str, Any]) -> CrmError:
    kind = InputError if told["kind"] == InputError.__name__ else CrmError
    return kind(told["key"], **told["values"])


class _Child(subprocess.Popen[str]):
    """A child whose ends of the pipes are there."""

    stdin: IO[str]
    stdout: IO[str]


@contextlib.contextmanager
def _started(errors: IO[bytes]) -> Iterator[_Child]:
    """A child that is gone afterwards."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(_ROOT),
        "PYTHONIOENCODING": "utf-8",
        # It computes with one thread; more of them would only cost address space and time at the start.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        # glibc, told to keep what is freed: the blocks of a file follow each other in the same memory.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_MMAP_THRESHOLD_": str(_KEPT_BYTES),
        "MALLOC_TRIM_THRESHOLD_": str(_KEPT_BYTES),
    }
    child = _Child(
        [sys.executable, "-P", "-m", "crm_core.sources.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        encoding="utf-8",
        env=environment,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
        # The listening thread may still hold the other pipe; it ends with the child.


def _listen(stream: IO[str], answers: queue.SimpleQueue[str | None]) -> None:
    with stream:
        for line in stream:
            answers.put(line)
    answers.put(None)


def _fate(code: int, errors: IO[bytes], file: str, limits: Limits) -> InputError:
    """What is said of a child that ended without an answer."""
    errors.seek(0)
    _LOG.error(
        "import of %s ended with %s: %s", file, code, errors.read()[-4_000:].decode("utf-8", "replace")
    )
    if code == -signal.SIGXCPU:
        return InputError("import.too_slow", file=file, seconds=limits.cpu_seconds)
    return InputError("import.reader_died", file=file)
