"""Parquet: its columns as texts, block by block, after a look at what it claims to hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crm_core.base import InputError
from crm_core.sources.columns import Block, Coded, coded
from crm_core.sources.formats import too_large
from crm_core.sources.headers import SourceColumns
from crm_core.sources.limits import Limits

_ROWS: Final = 65_536
_BLOCK_BYTES: Final = 256 << 20
_SAMPLED_ROWS: Final = 1_000
_SAMPLED_LENGTH: Final = 1_000


@dataclass(frozen=True)
class ParquetLayout:
    """What the footer says.

    Args:
        columns: Names of the columns that hold one value a row, in order.
        sample: First rows, as texts.
        native: Those columns of which the file knows that they are dates, numbers or flags.
        rows: How many there are.
    """

    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    native: frozenset[str]
    rows: int


def layout_of(path: Path, limits: Limits) -> ParquetLayout:
    """Look at the footer and the first rows.

    Raises:
        InputError: The file is damaged, empty or claims more than the limits allow.
    """
    try:
        with pq.ParquetFile(path) as file:
            _check(file.metadata, path.name, limits)
            schema = file.schema_arrow
            rows = file.metadata.num_rows
        SourceColumns(schema.names)
        names = [name for name in schema.names if _sample(path, [name], limits, 1) is not None]
        columns = _sample(path, names, limits, _SAMPLED_ROWS) if names else None
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError("import.parquet_unreadable", file=path.name) from error
    if not columns:
        raise InputError("import.parquet_unreadable", file=path.name)
    native = frozenset(name for name in names if not _is_text(schema.field(name).type))
    return ParquetLayout(tuple(names), tuple(zip(*columns, strict=True)), native, rows)


def _sample(path: Path, names: list[str], limits: Limits, rows: int) -> list[list[str]] | None:
    """First texts of each of these columns, or None where one of them holds no plain values."""
    try:
        block = next(_blocks(path, names, limits, rows, _SAMPLED_LENGTH))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return None
    return [block.columns[name].texts().to_pylist() for name in names]


def _check(metadata: Any, name: str, limits: Limits) -> None:
    if metadata.num_columns > limits.columns:
        raise InputError(
            "import.too_many_columns", file=name, columns=metadata.num_columns, limit=limits.columns
        )
    if not metadata.num_rows:
        raise InputError("import.header_only", file=name)
    if metadata.num_rows * metadata.num_columns > limits.cells:
        raise InputError(
            "import.too_many_cells", file=name, rows=metadata.num_rows, columns=metadata.num_columns
        )
    unpacked = sum(metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
    if unpacked > limits.decompressed_bytes:
        raise too_large(name, limits.decompressed_bytes)


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    text: bool = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return text


def read_blocks(path: Path, columns: Sequence[str], limits: Limits) -> Iterator[Block]:
    """The rows of a file, numbered from 1, with these of its columns.

    Raises:
        InputError: The file is damaged, holds texts that are none, or unpacks to more than the limits allow.
    """
    try:
        yield from _blocks(path, columns, limits, _ROWS)
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError("import.parquet_unreadable", file=path.name) from error


def _blocks(
    path: Path, names: Sequence[str], limits: Limits, rows: int, cut: int | None = None
) -> Iterator[Block]:
    # As a dictionary, a value that is repeated a billion times is there once.
    with pq.ParquetFile(path) as footer:
        texts = [name for name in names if _is_text(footer.schema_arrow.field(name).type)]
    with pq.ParquetFile(path, memory_map=False, pre_buffer=False, read_dictionary=texts) as file:
        total = file.metadata.num_rows
        first = 1
        for batch in file.iter_batches(batch_size=rows, columns=list(names), use_threads=False):
            end = first + batch.num_rows
            found = {name: _column(batch.column(name), path.name, limits, cut) for name in names}
            yield Block(found, np.arange(first, end), (), (end - 1) / total)
            first = end


def _column(column: Any, name: str, limits: Limits, cut: int | None) -> Coded:
    """A column of a batch as texts, cut off for a sample; whole, it is refused when it is too long."""
    native = not _is_text(column.type)
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    values = _texts(encoded.dictionary)
    if cut is not None:
        values = pc.utf8_slice_codeunits(values, 0, cut)
    elif len(values):
        lengths = pc.binary_length(values)
        longest = pc.max(lengths).as_py()
        if longest > limits.row_bytes:
            raise too_large(name, limits.row_bytes)
        # What is repeated is held once here, and as often as it stands once it is written.
        if (
            longest * len(column) > _BLOCK_BYTES
            and pc.sum(lengths.take(encoded.indices)).as_py() > _BLOCK_BYTES
        ):
            raise too_large(name, _BLOCK_BYTES)
    if pc.any(pc.match_substring(values, "\0")).as_py():
        raise InputError("import.nul_bytes", file=name, line=0)
    return coded(pa.DictionaryArray.from_arrays(encoded.indices, values), native=native)


def _texts(values: Any) -> Any:
    """Values as texts that keep every digit: moments in ISO (UTC if they have a zone), floats shortest."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        values = values.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        values = values.cast(pa.binary())
    texts = values.cast(pa.string())
    texts.validate(full=True)
    return texts
