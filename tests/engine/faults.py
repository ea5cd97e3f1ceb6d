"""File operations that go wrong: each of those that a piece of work performs, one at a time."""

from __future__ import annotations

import errno
import fcntl
import io
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, cast

STOPPED = 9
"""Exit status of a process that a fault has stopped."""

_OPERATIONS = (
    (os, "replace"),
    (os, "unlink"),
    (os, "mkdir"),
    (os, "rmdir"),
    (os, "open"),
    (os, "fsync"),
    (fcntl, "flock"),
    (io, "open"),
)
_NEED_ROOM = frozenset({"mkdir", "write", "fsync"})


class Faults:
    """Counts the file operations below a directory, and lets one of them go wrong.

    Args:
        directory: Operations on other files are not counted.
        at: Which operation, 0 the first; -1 none.
        kind: `error`: it raises. `stop`: the process stops there, a write half done. `full`: from there on
            the disk is full: whatever needs room raises, a write half done.
    """

    def __init__(self, directory: Path, at: int, kind: str) -> None:
        self._directory = str(directory)
        self._at = at
        self._kind = kind
        self._before: list[Callable[..., Any]] = []
        self.count = 0

    def __enter__(self) -> None:
        for module, name in _OPERATIONS:
            operation = getattr(module, name)
            self._before.append(operation)
            setattr(module, name, self._opened(operation) if module is io else self._counted(name, operation))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for (module, name), operation in zip(_OPERATIONS, self._before, strict=True):
            setattr(module, name, operation)

    def due(self, name: str) -> bool:
        """Whether the next operation goes wrong."""
        number, self.count = self.count, self.count + 1
        if self._kind == "full":
            return 0 <= self._at <= number and name in _NEED_ROOM
        return number == self._at

    def fail(self) -> None:
        """Go wrong."""
        if self._kind == "stop":
            os._exit(STOPPED)
        code = errno.ENOSPC if self._kind == "full" else errno.EIO
        raise OSError(code, os.strerror(code))

    def _counted(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def counted(target: Any, *rest: Any, **options: Any) -> Any:
            if self._is_ours(target) and self.due(name):
                self.fail()
            return operation(target, *rest, **options)

        return counted

    def _opened(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        def opened(target: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
            if not self._is_ours(target):
                return operation(target, mode, *rest, **options)
            if self.due("open"):
                self.fail()
            file = operation(target, mode, *rest, **options)
            return _Written(file, self) if mode == "w" else file

        return opened

    def _is_ours(self, target: Any) -> bool:
        if hasattr(target, "fileno"):
            target = target.fileno()
        path = Path(f"/proc/self/fd/{target}").readlink() if isinstance(target, int) else Path(target)
        # Inside a directory that is being removed, names are relative to it.
        return path.is_relative_to(self._directory) or not path.is_absolute()


class _Written:
    """A file whose writing can go wrong."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file = file
        self._faults = faults

    def write(self, text: str) -> int:
        if self._faults.due("write"):
            self._file.write(text[: len(text) // 2])
            self._file.flush()
            self._faults.fail()
        return cast(int, self._file.write(text))

    def __enter__(self) -> _Written:
        return self

    def __exit__(self, *ended: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
