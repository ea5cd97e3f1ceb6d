"""The bytes of a file from outside: unpacked within limits, and as UTF-8."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from crm_core.base import InputError
from crm_core.sources.encodings import unreadable
from crm_core.sources.formats import GZIP, too_large
from crm_core.sources.limits import Limits

_RATIO_FROM: Final = 16 << 20


class Source:
    """The bytes of a file, unpacked when it is packed, within limits."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._name = path.name
        self._size = path.stat().st_size
        self._raw = path.open("rb")
        self.packed = self._raw.read(2) == GZIP
        self._raw.seek(0)
        self._file: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=self._raw) if self.packed else self._raw
        self._unpacked = 0

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._raw.close()

    @property
    def done(self) -> float:
        """Share of the file that was read."""
        return self._raw.tell() / max(self._size, 1) if not self._raw.closed else 1.0

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; fewer only at the end."""
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


class Utf8(io.RawIOBase):
    """A file as UTF-8 from its header on, checked on the way, with one row more at its end.

    Args:
        source: Its bytes.
        name: What it is called, for errors.
        encoding: In which it is.
        skipped: Lines before its header.
        last: The row that is put after it.
    """

    def __init__(self, source: Source, name: str, encoding: str, skipped: int, last: str) -> None:
        super().__init__()
        self._source = source
        self._name = name
        self._skipped = skipped
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._plain = encoding == "utf-8"
        self._last = last.encode()
        self._lines = 0
        self._ended = False
        self._begun = False
        self._ready = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            raise ValueError("read in parts")
        while not self._ready and not self._ended:
            raw = self._source.read(size)
            self._ready = self._checked(raw)
            if not self._begun and self._ready:
                self._ready = self._from_header(self._ready)
            if not raw:
                self._ended = True
                self._ready += b"\n" + self._last + b"\n"
        part, self._ready = self._ready[:size], self._ready[size:]
        return part

    def _checked(self, raw: bytes) -> bytes:
        if self._plain and raw.isascii() and not self._pending():
            part = raw
        else:
            try:
                text = self._decoder.decode(raw, not raw)
            except UnicodeError as error:
                raise unreadable(self._name, raw) from error
            part = text.encode()
        if b"\0" in part:
            line = self._lines + part[: part.index(b"\0")].count(b"\n") + 1
            raise InputError("import.nul_bytes", file=self._name, line=line)
        self._lines += part.count(b"\n")
        return part

    def _pending(self) -> bool:
        return bool(self._decoder.getstate()[0])

    def _from_header(self, part: bytes) -> bytes:
        self._begun = True
        for _ in range(self._skipped):
            _, _, part = _split_line(part)
        return part


def _split_line(part: bytes) -> tuple[bytes, bytes, bytes]:
    match = re.search(rb"\r\n|\n|\r", part)
    return (part, b"", b"") if match is None else (part[: match.start()], match[0], part[match.end() :])
