"""The bytes of a file from outside, unpacked within limits. Needs nothing that takes long to load."""

from __future__ import annotations

import codecs
import gzip
import queue
import threading
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from crm_core.base import InputError
from crm_core.sources.formats import GZIP, too_large
from crm_core.sources.limits import Limits

_RATIO_FROM: Final = 16 << 20
_PARTS_AHEAD: Final = 12
_LOOKS_UP_EVERY: Final = 0.05


class Source:
    """The bytes of a file, unpacked when it is packed, within limits."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._name = path.name
        self._size = path.stat().st_size
        self._raw = path.open("rb")
        self.packed = self._raw.read(2) == GZIP
        self._raw.seek(0)
        self._file: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=self._raw) if self.packed else self._raw
        self._unpacked = 0
        self._thread: threading.Thread | None = None
        self._parts: queue.Queue[bytes | InputError] = queue.Queue(_PARTS_AHEAD)
        self._rest = b""
        self._ended = False
        self._left = threading.Event()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        if self._thread is not None:
            self._thread.join()
        self._file.close()
        self._raw.close()

    def read_ahead(self, size: int) -> None:
        """From now on read in a thread of its own, some parts of `size` bytes ahead of whoever takes them."""
        self._thread = threading.Thread(target=self._run_ahead, args=(size,), daemon=True)
        self._thread.start()

    def _run_ahead(self, size: int) -> None:
        part: bytes | InputError = b"."
        while part and not isinstance(part, InputError):
            try:
                part = self._unpack(size)
            except InputError as error:
                part = error
            while not self._left.is_set():
                try:
                    self._parts.put(part, timeout=_LOOKS_UP_EVERY)
                    break
                except queue.Full:
                    continue
            if self._left.is_set():
                return

    @property
    def done(self) -> float:
        """Share of the file that was read."""
        return self._raw.tell() / max(self._size, 1) if not self._raw.closed else 1.0

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        if self._thread is None:
            return self._unpack(size)
        if not self._rest and not self._ended:
            part = self._parts.get()
            if isinstance(part, InputError):
                raise part
            self._rest, self._ended = part, not part
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    def _unpack(self, size: int) -> bytes:
        try:
            part = self._file.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError("import.gzip_damaged", file=self._name) from error
        except OSError as error:
            raise InputError("import.file_unreadable", file=self._name) from error
        if self.packed:
            self._unpacked += len(part)
            if self._unpacked > self._limits.decompressed_bytes:
                raise too_large(self._name, self._limits.decompressed_bytes)
            if self._unpacked > max(_RATIO_FROM, self._limits.ratio * self._raw.tell()):
                raise InputError("import.gzip_bomb", file=self._name, ratio=self._limits.ratio)
        return part

    def line_of_nul(self, encoding: str) -> int:
        """The line in which the file's first NUL stands; it is read once more for that."""
        line = 1
        decoder = codecs.getincrementaldecoder(encoding)()
        with Source(self._path, self._limits) as again:
            while raw := again.read(1 << 20):
                before, nul, _ = decoder.decode(raw).partition("\0")
                line += before.count("\n")
                if nul:
                    break
        return line
