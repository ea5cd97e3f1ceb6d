"""Bytes that are read ahead are the bytes that are read, errors and limits included."""

from __future__ import annotations

import gzip
import random
import threading
from pathlib import Path

import pytest

from crm_core.base import InputError
from crm_core.sources.limits import Limits
from crm_core.sources.unpacking import Source
from tests.sources.files import write

CONTENT = random.Random(1).randbytes(300_000)


def everything(source: Source, size: int) -> bytes:
    parts = []
    with source:
        while part := source.read(size):
            assert len(part) <= size
            parts.append(part)
        assert source.read(size) == b"", "the end stays the end"
    return b"".join(parts)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("ahead", [None, 1_000, 50_000, 1 << 20])
@pytest.mark.parametrize("size", [777, 50_000, 1 << 20])
def test_the_bytes_of_a_file(tmp_path: Path, packed: bool, ahead: int | None, size: int) -> None:
    source = Source(write(tmp_path, CONTENT, packed=packed), Limits())
    if ahead is not None:
        source.read_ahead(ahead)
    assert everything(source, size) == CONTENT
    assert source.done == 1.0


def test_an_error_comes_where_it_is_met(tmp_path: Path) -> None:
    source = Source(write(tmp_path, gzip.compress(CONTENT)[:-10]), Limits())
    source.read_ahead(10_000)
    with pytest.raises(InputError, match=r"import\.gzip_damaged"):
        everything(source, 10_000)


def test_limits_hold_while_reading_ahead(tmp_path: Path) -> None:
    source = Source(write(tmp_path, CONTENT, packed=True), Limits(decompressed_bytes=100_000))
    source.read_ahead(10_000)
    with pytest.raises(InputError, match=r"import\.too_large"):
        everything(source, 10_000)


def test_leaving_early_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with Source(write(tmp_path, CONTENT * 20), Limits()) as source:
        source.read_ahead(1_000)
        source.read(10)
    assert threading.active_count() == before
