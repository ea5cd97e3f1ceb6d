"""Delimited text: what its columns are, and its rows block by block, packed by gzip or not."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from crm_core.base import InputError
from crm_core.sources.columns import Block, Coded, coded
from crm_core.sources.encodings import encoding_of, unreadable
from crm_core.sources.formats import PARQUET, refuse_binary
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import DELIMITERS, SourceOptions
from crm_core.sources.unpacking import Source
from crm_core.sources.utf8 import Utf8

_HEAD: Final = 1 << 20
_BEFORE_HEADER: Final = re.compile(
    r"\A(?:[ \t,;|\"]*(?:\r\n|\n|\r)|\"?sep=(?P<separator>[,;\t|])\"?(?:\r\n|\n|\r))+"
)
_LINE: Final = re.compile(r"\r\n|\n|\r")
_SAMPLED_ROWS: Final = 1_000
_END: Final = "\x02the end\x03"
"""Stands in every cell of a last row put after the file: only an open quotation mark can swallow it."""


@dataclass(frozen=True)
class Layout:
    """What the first part of a delimited file says about all of it.

    Args:
        columns: Names in the header, in order; a nameless one is called by its place.
        sample: First rows below the header that have as many cells as it.
        encoding: As Python names it.
        delimiter: Between cells.
        packed: By gzip.
        skipped: Lines before the header that hold nothing.
    """

    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    encoding: str
    delimiter: str
    packed: bool
    skipped: int


def layout_of(path: Path, options: SourceOptions, limits: Limits) -> Layout:
    """Look at the beginning of a file.

    Raises:
        InputError: Its encoding is unknown, it is binary, has no header, two columns of one name, too many
            columns or rows of a length that no table has.
    """
    with Source(path, limits) as source:
        head = source.read(_HEAD)
        complete = not source.read(1)
        packed = source.packed
    if not head.strip():
        raise InputError("import.empty_file", file=path.name)
    if head.startswith(PARQUET):
        raise InputError("import.archive", file=path.name)
    refuse_binary(head, path.name)
    encoding = encoding_of(head, options.encoding, path.name)
    text = _decoded(head, encoding, complete, path.name)
    if "\0" in text:
        raise InputError("import.nul_bytes", file=path.name, line=text[: text.index("\0")].count("\n") + 1)
    before = _BEFORE_HEADER.match(text)
    skipped = len(_LINE.findall(before[0])) if before else 0
    text = text[before.end() :] if before else text
    if not text.strip():
        raise InputError("import.empty_file", file=path.name)
    delimiter = (
        options.delimiter or (before["separator"] if before else None) or _delimiter_of(text, complete)
    )
    records = _records(text, delimiter, complete)
    if not records:
        raise InputError("import.row_too_long", file=path.name, row=1, megabytes=_HEAD >> 20)
    columns = tuple(name.strip() or f"column_{place}" for place, name in enumerate(records[0], 1))
    if len(columns) > limits.columns:
        raise InputError(
            "import.too_many_columns", file=path.name, columns=len(columns), limit=limits.columns
        )
    whole = (row for row in records[1:] if len(row) == len(columns))
    sample = tuple(tuple(row) for row in whole if any(cell.strip() for cell in row))
    return Layout(columns, sample, encoding, delimiter, packed, skipped)


def _decoded(head: bytes, encoding: str, complete: bool, file: str) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head, complete)
    except UnicodeError as error:
        raise unreadable(file, head) from error


def _records(text: str, delimiter: str, complete: bool) -> list[list[str]]:
    """The first records of a text; the last one is left out when the text breaks off."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records: list[list[str]] = []
    try:
        for record in reader:
            if len(records) > _SAMPLED_ROWS:
                return records
            records.append(record)
    except csv.Error:
        return records  # a cell beyond what the module takes; what came before it is enough to look at
    return records if complete or len(records) < 2 else records[:-1]


def _delimiter_of(text: str, complete: bool) -> str:
    """The delimiter by which most rows have as many cells as the header, and the header the most cells."""

    def agreement(delimiter: str) -> tuple[float, int]:
        records = [record for record in _records(text, delimiter, complete)[:200] if record]
        width = len(records[0]) if records else 1
        alike = sum(len(record) == width for record in records)
        return (alike / max(len(records), 1) if width > 1 else 0.0), width

    return max(DELIMITERS, key=agreement)


def read_blocks(path: Path, layout: Layout, limits: Limits, begun: Source | None = None) -> Iterator[Block]:
    """The rows of a file.

    Rows without any content are no rows and only count in the numbering; rows with another number of cells
    than the header are handed over as they stand.

    Args:
        path: The file.
        layout: Of the file.
        limits: What it may cost.
        begun: Its bytes, where somebody began to read them already.

    Raises:
        InputError: The file breaks off, is not in its encoding, has NUL bytes, a row beyond the limit or a
            quotation mark that is never closed; or it is a bomb.
    """
    with begun or Source(path, limits) as source:
        yield from _blocks(source, layout, limits, path.name)


def _blocks(source: Source, layout: Layout, limits: Limits, name: str) -> Iterator[Block]:
    invalid: deque[tuple[int, str]] = deque()
    next_row = layout.skipped + 2
    held: Any = None
    try:
        for batch in _batches(source, layout, limits, name, invalid):
            if invalid and invalid[0][0] == layout.skipped + 1:
                raise InputError("import.header_unreadable", file=name)
            if not batch.num_rows:
                continue
            if held is not None:
                block, next_row = _block(held, layout, next_row, invalid, source.done)
                yield block
            held = batch
    except pa.ArrowInvalid as error:
        if "straddling" not in str(error):
            raise InputError("import.rows_unreadable", file=name, row=next_row) from error
        limit = limits.row_bytes >> 20
        raise InputError("import.row_too_long", file=name, row=next_row, megabytes=limit) from error
    if held is None or held.column(0)[-1].as_py() != _END:
        raise InputError("import.quote_not_closed", file=name, row=next_row)
    block, _ = _block(held.slice(0, held.num_rows - 1), layout, next_row, invalid, 1.0)
    yield block


def _batches(
    source: Source, layout: Layout, limits: Limits, name: str, invalid: deque[tuple[int, str]]
) -> Any:
    """Arrow's reader of the rows, each invalid one set aside with its number and its text."""
    names = [f"c{place}" for place in range(len(layout.columns))]
    last = layout.delimiter.join([_END] * len(layout.columns))

    def keep(row: Any) -> str:
        invalid.append((row.number + layout.skipped, row.text))
        return "skip"

    # Not by threads: only then does an invalid row know its number.
    return arrow_csv.open_csv(
        pa.PythonFile(Utf8(source, name, layout.encoding, layout.skipped, last), mode="r"),
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=limits.row_bytes, column_names=names, skip_rows_after_names=1
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=layout.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=keep,
        ),
        convert_options=arrow_csv.ConvertOptions(
            check_utf8=False,
            column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in names},
        ),
    )


def _block(
    batch: Any, layout: Layout, first: int, invalid: deque[tuple[int, str]], done: float
) -> tuple[Block, int]:
    """A batch with its rows' numbers, between which those of invalid rows are left out."""
    end = first + batch.num_rows
    taken: list[tuple[int, str]] = []
    while invalid and invalid[0][0] <= end:
        taken.append(invalid.popleft())
        end += 1
    rows = np.arange(first, end)
    if taken:
        rows = np.delete(rows, [number - first for number, _ in taken])
    columns = {name: coded(batch.column(place)) for place, name in enumerate(layout.columns)}
    filled = ~_blank(columns)
    if not filled.all():
        columns = {name: column.filter(filled) for name, column in columns.items()}
        rows = rows[filled]
    nothing = f' \t\r\n"{layout.delimiter}'
    ragged = tuple((number, text) for number, text in taken if text.strip(nothing))
    return Block(columns, rows, ragged, done), end


def _blank(columns: dict[str, Coded]) -> NDArray[np.bool_]:
    """Which rows are empty in every column."""
    blank = np.ones(len(next(iter(columns.values())).codes), bool)
    for column in columns.values():
        empty = pc.index(column.values, "").as_py()
        if empty < 0:
            return np.zeros(len(blank), bool)
        blank &= column.codes == empty
        if not blank.any():
            break
    return blank
