"""A file from outside as UTF-8, checked on the way."""

from __future__ import annotations

import codecs
import io
import re
from typing import Final

import numpy as np
import pyarrow as pa

from crm_core.base import InputError
from crm_core.sources.encodings import unreadable
from crm_core.sources.unpacking import Source

_LINE: Final = re.compile(rb"\r\n|\n|\r")


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
        self._encoding = encoding
        # What is UTF-8 already is looked at and not written anew.
        self._decoder = (
            None if encoding in ("utf-8", "utf-8-sig") else codecs.getincrementaldecoder(encoding)()
        )
        self._broken = b""
        self._last = last.encode()
        self._ended = False
        self._begun = False
        self._ready = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            raise ValueError("read in parts")
        # Whoever reads takes a row that spans more than two parts for one without an end: none may be short.
        while len(self._ready) < size // 2 and not self._ended:
            raw = self._source.read(size)
            part = self._checked(raw)
            if not self._begun and part:
                part = self._from_header(part)
            self._ready = self._ready + part if self._ready else part
            if not raw:
                self._ended = True
                self._ready += b"\n" + self._last + b"\n"
        part, self._ready = self._ready[:size], self._ready[size:]
        return part

    def _checked(self, raw: bytes) -> bytes:
        part = self._whole_letters(raw) if self._decoder is None else self._decoded(raw, self._decoder)
        if b"\0" in part:
            raise InputError(
                "import.nul_bytes", file=self._name, line=self._source.line_of_nul(self._encoding)
            )
        return part

    def _decoded(self, raw: bytes, decoder: codecs.IncrementalDecoder) -> bytes:
        try:
            return decoder.decode(raw, not raw).encode()
        except UnicodeError as error:
            raise unreadable(self._name, raw) from error

    def _whole_letters(self, raw: bytes) -> bytes:
        """UTF-8 up to its last whole letter; the bytes of a letter that breaks off wait for the next part."""
        part = self._broken + raw if self._broken else raw
        end = len(part) - _breaks_off(part) if raw else len(part)
        part, self._broken = part[:end], part[end:]
        if not part.isascii():
            letters = pa.StringArray.from_buffers(
                1, pa.py_buffer(np.array([0, len(part)], np.int32)), pa.py_buffer(part)
            )
            try:
                letters.validate(full=True)
            except pa.ArrowInvalid as error:
                raise unreadable(self._name, raw) from error
        return part

    def _from_header(self, part: bytes) -> bytes:
        self._begun = True
        part = part.removeprefix(codecs.BOM_UTF8)
        for _ in range(self._skipped):
            part = _LINE.split(part, maxsplit=1)[1]
        return part


def _breaks_off(part: bytes) -> int:
    """How many bytes at the end are the beginning of a letter."""
    for back, byte in enumerate(reversed(part[-3:]), 1):
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if back < length else 0
        if byte < 0x80:
            break
    return 0
