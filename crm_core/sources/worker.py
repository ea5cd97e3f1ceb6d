"""What the child process does: one line of JSON comes in, lines of JSON go out.

First its progress, then one result or one error. It ends by itself when the process that started it is gone.
"""

from __future__ import annotations

import importlib.abc
import json
import os
import resource
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import IO, Any, Final, NoReturn

from crm_core.base import CrmError, refused
from crm_core.sources.formats import format_of
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import SourceOptions, load_mapping
from crm_core.sources.unpacking import Source

_TOLD_EVERY: Final = 0.005
_LONGEST_VALUE: Final = 500
_ORPHANED: Final = 2
_STUCK: Final = 3
_IDLE_SHARE: Final = 0.002
"""Processor time per second on the clock below which nothing is computed: the watching itself takes less."""


def main() -> int:
    """Read the request, do it, answer."""
    request = json.loads(sys.stdin.readline())
    answers = sys.stdout
    sys.stdout = sys.stderr
    limits = Limits(**request.pop("limits"))
    _limit(limits)
    sys.meta_path.insert(0, _WithoutPandas())
    threading.Thread(target=end_with_parent, daemon=True).start()
    threading.Thread(target=end_when_idle, args=(limits.idle_seconds,), daemon=True).start()
    try:
        result = _done(request, limits, answers)
        told = {"result": result}
    except CrmError as error:
        told = {"error": _error(error)}
    except MemoryError:  # Arrow's own is one, too
        told = {"error": _memory_error(request, limits)}
    except OSError as error:
        told = {"error": _error(refused(error))}
    except Exception:  # noqa: BLE001 - whatever it is, the one who asked gets an answer and the log the reason
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


def _done(request: dict[str, Any], limits: Limits, answers: IO[str]) -> dict[str, Any]:
    if request["do"] == "stage":
        return _stage(request, limits, answers)
    return _read_plain(request, limits) if request["do"] == "read_plain" else _read_header(request, limits)


def _read_plain(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    from crm_core.sources.plain import read_plain

    return {"ragged": read_plain(Path(request["path"]), Path(request["target"]), limits)}


def _stage(request: dict[str, Any], limits: Limits, answers: IO[str]) -> dict[str, Any]:
    path = Path(request["path"])
    begun = None
    if format_of(path, limits) == "delimited":
        begun = Source(path, limits)
        begun.read_ahead(limits.row_bytes)
    # Loaded only now: what takes a third of a second to load may as well do so while the file is unpacked.
    from crm_core.sources.staging import stage

    told = 0.0

    def progress(share: float) -> None:
        nonlocal told
        if share - told >= _TOLD_EVERY or share >= 1:
            told = share
            _tell(answers, {"progress": share})

    staged = stage(
        path,
        load_mapping(request["mapping"]),
        Path(request["directory"]),
        source_name=request["source_name"],
        money_scale=request["money_scale"],
        base_currency=request["base_currency"],
        limits=limits,
        progress=progress,
        time_zone_name=request["time_zone_name"],
        begun=begun,
    )
    return staged.to_json()


def _read_header(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    from crm_core.sources.canonical import Units
    from crm_core.sources.previewing import read_header

    options = SourceOptions(**request["options"])
    told = request["mapping"]
    return read_header(
        Path(request["path"]),
        options,
        limits,
        request["table"],
        None if told is None else load_mapping(told),
        Units(request["money_scale"], request["base_currency"]),
        request["time_zone_name"],
    ).to_json()


def _tell(answers: IO[str], told: dict[str, Any]) -> None:
    answers.write(json.dumps(told) + "\n")
    answers.flush()


def _error(error: CrmError) -> dict[str, Any]:
    values = {name: _value(value) for name, value in error.values.items()}
    return {"kind": type(error).__name__, "key": error.key, "values": values}


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
