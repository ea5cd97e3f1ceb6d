"""Answers that took long to work out and are small: kept beside the version of the base that they are of.

    BASE/derived/answers/<version>-<seal>-<program>/<question>-<content>.parquet

The name says all that an answer depends on: the version and the seal of its manifest, a sum of the program
that worked it out, a sum of what was asked, and a sum of the file itself. What does not agree with its name
is as if it were not there, and is worked out again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import hashlib
import logging
import os
import shutil
import uuid
from dataclasses import fields, is_dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

import crm_core
from crm_core.tables import Estimate

LARGEST_BYTES: Final = 2**20
"""A larger answer is no small one, whatever its estimate says of itself."""
ALL_BYTES: Final = 2**25
"""What the answers of one version may take; those that were not asked for longest are the first to go."""

_LOG: Final = logging.getLogger(__name__)
_LIBRARIES: Final = ("numpy", "pandas", "pyarrow", "scipy", "scikit-learn")
_SUM: Final = 16
_ABANDONED_SECONDS: Final = 3_600


class LastingAnswers:
    """The answers of one version that are kept on the disk.

    Readers and writers need no lock: a file appears in one step under a name that holds the sum of it.

    Args:
        derived: Where the base keeps what is made of it.
        version: The version's number.
        seal: Seal of its manifest.
    """

    def __init__(self, derived: Path, version: int, seal: str) -> None:
        self._all = derived / "answers"
        self._version = version
        self._directory = self._all / f"{version:06d}-{seal[:_SUM]}-{_program()}"

    def read(self, question: str) -> pa.Table | None:
        """The answer that was kept, or None where there is none that is sound."""
        name = _sum_of(question.encode())
        for path in sorted(self._directory.glob(f"{name}-*.parquet")):
            with contextlib.suppress(OSError, pa.ArrowException, ValueError):
                content = path.read_bytes() if path.stat().st_size <= LARGEST_BYTES else b""
                if path.stem == f"{name}-{_sum_of(content)}":
                    os.utime(path)
                    return pq.read_table(pa.BufferReader(content))
        return None

    def write(self, question: str, rows: pa.Table) -> None:
        """Keep an answer, if it is small; a disk that is full or cannot be written keeps nothing."""
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        if len(content) > LARGEST_BYTES:
            return
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            name = f"{_sum_of(question.encode())}-{_sum_of(content)}"
            aside = self._directory / f".{name}.{uuid.uuid4().hex}"
            try:
                aside.write_bytes(content)
                aside.replace(self._directory / f"{name}.parquet")
            finally:
                aside.unlink(missing_ok=True)
            self._sweep()
        except OSError as error:
            _LOG.warning("an answer could not be kept in %s: %s", self._directory, error)

    def _sweep(self) -> None:
        """Remove what is of no more use: of versions before the last, and what is too much of this one."""
        for other in self._all.iterdir():
            number = other.name.split("-", 1)[0]
            past = not number.isdecimal() or int(number) < self._version - 1
            if past or (int(number) == self._version and other != self._directory):
                shutil.rmtree(other, ignore_errors=True)
        left = ALL_BYTES
        for path, status in sorted(_statuses(self._directory), key=lambda one: -one[1].st_mtime):
            left -= status.st_size
            abandoned = path.name.startswith(".") and status.st_mtime < _now() - _ABANDONED_SECONDS
            if left < 0 or abandoned:
                path.unlink(missing_ok=True)


def _statuses(directory: Path) -> list[tuple[Path, os.stat_result]]:
    found = []
    for path in directory.iterdir():
        # Another writer may sweep at the same time.
        with contextlib.suppress(FileNotFoundError):
            found.append((path, path.stat()))
    return found


def _now() -> float:
    return dt.datetime.now(dt.UTC).timestamp()


def question_of(build: Estimate, *told: object) -> str | None:
    """What is asked in words that are the same in every process; None where there are none."""
    try:
        return _in_words((build, *told))
    except TypeError:
        return None


def _in_words(value: Any) -> str:
    """A value in words.

    Raises:
        TypeError: It says nothing of itself that another process would understand.
    """
    if value is None or isinstance(value, bool | int | float | str | dt.date):
        return repr(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_in_words, value))})"
    if is_dataclass(value) and not isinstance(value, type):
        parts = (f"{field.name}={_in_words(getattr(value, field.name))}" for field in fields(value))
        return f"{type(value).__module__}.{type(value).__qualname__}({', '.join(parts)})"
    # Of what is defined inside a function, several may have one name.
    if callable(value) and "<" not in getattr(value, "__qualname__", "<"):
        return f"{value.__module__}.{value.__qualname__}"
    raise TypeError(value)


@functools.cache
def _program() -> str:
    """A sum of all that decides what is worked out: our own code and the libraries that compute."""
    root = Path(crm_core.__file__).parent
    digest = hashlib.sha256(" ".join(f"{name} {version_of(name)}" for name in _LIBRARIES).encode())
    for path in sorted(root.rglob("*.py")):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_SUM]


def _sum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[: 2 * _SUM]
