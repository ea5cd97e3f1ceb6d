"""Answers that took long to work out and are small: kept beside the version of the base that they are of.

    BASE/derived/answers/<version>-<seal>-<program>/<question>.answer

The directory's name says what every answer in it depends on: the version, the seal of its manifest, and a sum
of the program that worked it out with the libraries that it computes with. A file is named by a sum of what
was asked, so that a question has one, and begins with a sum of the question and of the Parquet that follows.
What does not agree with that is as if it were not there, and is worked out again; the newest takes the place
of what is there.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import itertools
import logging
import os
import platform
import re
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
"""What the answers of one version may take when it is swept; those not asked for longest go first."""
SWEPT_EVERY: Final = 50
"""After how many answers that are written it is swept again."""

_LOG: Final = logging.getLogger(__name__)
_LIBRARIES: Final = (
    *("duckdb", "ibis-framework", "numpy", "pandas"),
    *("pyarrow", "scipy", "scikit-learn", "threadpoolctl"),
)
_SUM: Final = 16
_SUM_BYTES: Final = 32
_ABANDONED_SECONDS: Final = 3_600
_DIRECTORY: Final = re.compile(rf"(\d{{6,}})-[0-9a-f]{{{_SUM}}}-[0-9a-f]{{{_SUM}}}", re.ASCII)
_ANSWER: Final = re.compile(rf"[0-9a-f]{{{2 * _SUM}}}\.answer")
_ASIDE: Final = re.compile(rf"\.[0-9a-f]{{{2 * _SUM}}}\.[0-9a-f]{{32}}")


class LastingAnswers:
    """The answers of one version that are kept on the disk.

    Readers and writers need no lock: a file appears in one step, and tells itself whether it is whole.

    Args:
        derived: Where the base keeps what is made of it.
        version: The version's number.
        seal: Seal of its manifest.
    """

    def __init__(self, derived: Path, version: int, seal: str) -> None:
        self._all = derived / "answers"
        self._version = version
        self._directory = self._all / f"{version:06d}-{seal[:_SUM]}-{_PROGRAM}"
        self._written = itertools.count()

    def read(self, question: str) -> pa.Table | None:
        """The answer that was kept, or None where there is none that is sound."""
        path = self._path(question)
        with contextlib.suppress(OSError, pa.ArrowException):
            with path.open("rb") as file:
                told, content = file.read(_SUM_BYTES), file.read(LARGEST_BYTES + 1)
            if told != _seal_of(question, content):
                return None
            rows = pq.read_table(pa.BufferReader(content))
            # A base that may only be read is read all the same.
            with contextlib.suppress(OSError):
                os.utime(path)
            return rows
        return None

    def write(self, question: str, rows: pa.Table) -> None:
        """Keep an answer, if it is small; a disk that is full or cannot be written keeps nothing."""
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        if len(content) > LARGEST_BYTES:
            return
        path = self._path(question)
        aside = path.with_name(f".{path.stem}.{uuid.uuid4().hex}")
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            try:
                aside.write_bytes(_seal_of(question, content) + content)
                aside.replace(path)
            finally:
                aside.unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning("an answer could not be kept in %s: %s", self._directory, error)
            return
        if next(self._written) % SWEPT_EVERY == 0:
            self._sweep()

    def _path(self, question: str) -> Path:
        return self._directory / f"{hashlib.sha256(question.encode()).hexdigest()[: 2 * _SUM]}.answer"

    def _sweep(self) -> None:
        """Remove what is of no more use: of versions before the last, and what is too much of this one.

        What does not have a name that is given here is somebody else's, and stays.
        """
        for other in _entries(self._all):
            named = _DIRECTORY.fullmatch(other.name)
            if named is None or other == self._directory:
                continue
            number = int(named[1])
            if number < self._version - 1 or number == self._version:
                shutil.rmtree(other, ignore_errors=True)
        answers = []
        for path in _entries(self._directory):
            # Another writer may sweep at the same time, and what is odd is in nobody's way.
            with contextlib.suppress(OSError):
                if _ANSWER.fullmatch(path.name):
                    answers.append((path, path.stat()))
                elif _ASIDE.fullmatch(path.name) and path.stat().st_mtime < _now() - _ABANDONED_SECONDS:
                    path.unlink()
        left = ALL_BYTES
        for path, status in sorted(answers, key=lambda one: -one[1].st_mtime):
            left -= status.st_size
            if left < 0:
                with contextlib.suppress(OSError):
                    path.unlink()


def _entries(directory: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return list(directory.iterdir())
    return []


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


def _seal_of(question: str, content: bytes) -> bytes:
    """What a file begins with: of another question, or of other content, it is another."""
    return hashlib.sha256(hashlib.sha256(question.encode()).digest() + content).digest()


def _sum_of_program() -> str:
    """A sum of all that decides what is worked out: our own code and what it computes with."""
    root = Path(crm_core.__file__).parent
    versions = [f"{name} {version_of(name)}" for name in _LIBRARIES]
    versions.append(f"{platform.python_implementation()} {platform.python_version()}")
    digest = hashlib.sha256(" ".join(versions).encode())
    for path in sorted(root.rglob("*.py")):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_SUM]


_PROGRAM: Final = _sum_of_program()
"""Taken at once: a newer program may lie on the disk by the time that a base is opened."""
