"""The same work in a process of its own, which may be killed by what it reads and takes nothing with it.

The child reads one line of JSON and writes lines of JSON: its progress, then one result or one error. It ends
by itself when the process that started it is gone.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import json
import logging
import os
import queue
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final, NoReturn

import crm_core
from crm_core.base import Cancelled, CrmError, InputError
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import Mapping, SourceOptions, load_mapping
from crm_core.sources.staged import Preview, Staged

_LOG: Final = logging.getLogger(__name__)
_ROOT: Final = Path(crm_core.__file__).resolve().parent.parent
_POLL_SECONDS: Final = 0.1
_TOLD_EVERY: Final = 0.005
_LONGEST_VALUE: Final = 500
_ORPHANED: Final = 2
_STUCK: Final = 3
_IDLE_SHARE: Final = 0.002
"""Processor time per second on the clock below which nothing is computed: the watching itself takes less."""
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
    path: Path, options: SourceOptions | None = None, limits: Limits | None = None
) -> Preview:
    """`staging.read_header` in a child process.

    Raises:
        InputError: As `read_header` does, or as `stage_in_child` does.
    """
    stated = (options or SourceOptions()).stated()
    request = {"do": "read_header", "path": str(path), "options": stated}
    return Preview.from_json(_ask(request, path.name, limits or Limits(), None, None))


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
        [sys.executable, "-P", "-m", "crm_core.sources.child"],
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


def main() -> int:
    """What the child does."""
    request = json.loads(sys.stdin.readline())
    answers = sys.stdout
    sys.stdout = sys.stderr
    limits = Limits(**request.pop("limits"))
    _limit(limits)
    sys.meta_path.insert(0, _WithoutPandas())
    threading.Thread(target=end_with_parent, daemon=True).start()
    threading.Thread(target=end_when_idle, args=(limits.idle_seconds,), daemon=True).start()
    try:
        result = (
            _stage(request, limits, answers) if request["do"] == "stage" else _read_header(request, limits)
        )
        told = {"result": result}
    except CrmError as error:
        values = {name: _value(value) for name, value in error.values.items()}
        told = {"error": {"kind": type(error).__name__, "key": error.key, "values": values}}
    except MemoryError:  # Arrow's own is one, too
        told = {"error": _memory_error(request, limits)}
    except Exception:  # noqa: BLE001  # whatever it is, the one who asked gets an answer and the log the reason
        traceback.print_exc()
        return 1
    _tell(answers, told)
    return 0


class _WithoutPandas(importlib.abc.MetaPathFinder):
    """Hides pandas: Arrow imports it on meeting a numpy array, which takes longer than a usual file."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        """Refuse pandas, and leave the rest to others."""
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def _stage(request: dict[str, Any], limits: Limits, answers: IO[str]) -> dict[str, Any]:
    from crm_core.sources.staging import stage

    told = 0.0

    def progress(share: float) -> None:
        nonlocal told
        if share - told >= _TOLD_EVERY or share >= 1:
            told = share
            _tell(answers, {"progress": share})

    staged = stage(
        Path(request["path"]),
        load_mapping(request["mapping"]),
        Path(request["directory"]),
        source_name=request["source_name"],
        money_scale=request["money_scale"],
        base_currency=request["base_currency"],
        limits=limits,
        progress=progress,
        time_zone_name=request["time_zone_name"],
    )
    return staged.to_json()


def _read_header(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    from crm_core.sources.staging import read_header

    return read_header(Path(request["path"]), SourceOptions(**request["options"]), limits).to_json()


def _tell(answers: IO[str], told: dict[str, Any]) -> None:
    answers.write(json.dumps(told) + "\n")
    answers.flush()


def _value(value: object) -> object:
    return value if isinstance(value, int | float) else str(value)[:_LONGEST_VALUE]


def _memory_error(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    values = {"file": Path(request["path"]).name, "megabytes": limits.address_space_bytes >> 20}
    return {"kind": "InputError", "key": "import.too_much_memory", "values": values}


def _limit(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.address_space_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with_parent() -> NoReturn:
    """End this process when nobody holds the other end of its input any more."""
    sys.stdin.read()
    os._exit(_ORPHANED)


def end_when_idle(seconds: float) -> NoReturn:
    """End this process when it has computed nothing for a while.

    Where memory runs out while a thread starts, libraries wait for that thread for ever.
    """
    spent, since = time.process_time(), time.monotonic()
    while True:
        time.sleep(min(seconds / 4, 1))
        if time.process_time() - spent > _IDLE_SHARE * seconds:
            spent, since = time.process_time(), time.monotonic()
        elif time.monotonic() - since > seconds:
            os._exit(_STUCK)


if __name__ == "__main__":
    # Not by way of the interpreter's own end: it would wait for the thread that listens to the parent.
    code = main()
    sys.stderr.flush()
    os._exit(code)
