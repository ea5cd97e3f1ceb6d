"""A table as it is, every column as texts: what is read of files that belong to no canonical table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from crm_core.base import InputError
from crm_core.sources import numbers
from crm_core.sources.characters import EDGES
from crm_core.sources.columns import coded
from crm_core.sources.headers import SourceColumns
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import DECIMALS, SourceOptions
from crm_core.sources.parquet import ParquetLayout
from crm_core.sources.staging import blocks_of, layout_of
from crm_core.sources.states import MISSING, NULL_WORDS, OK
from crm_core.sources.values import NATIVE

SHARE_OF_NUMBERS: Final = 0.95
"""The share of the cells of a column, without the empty ones, from which on it is one of numbers."""

_NATIVE: Final = {"native": "true"}
_PER_CENT: Final = r"^[%٪％]\s*|\s*[%٪％]$"


def read_plain(path: Path, target: Path, limits: Limits) -> int:
    """Lay the rows of a file out as Parquet, in their order: texts without blanks around them, null for none.

    Args:
        path: Delimited text, packed by gzip or not, or Parquet.
        target: The file to write.
        limits: What the file may cost.

    Returns:
        How many rows were left out because they have too few or too many cells.

    Raises:
        InputError: It is no table that can be read, has no rows, or two columns of one name.
    """
    layout = layout_of(path, SourceOptions(), limits)
    SourceColumns(layout.columns)
    native = layout.native if isinstance(layout, ParquetLayout) else frozenset()
    schema = pa.schema(
        [pa.field(name, pa.string(), metadata=_NATIVE if name in native else None) for name in layout.columns]
    )
    rows = ragged = 0
    with pq.ParquetWriter(target, schema) as writer:
        for block in blocks_of(path, layout, limits, layout.columns):
            columns = [_known(block.columns[name].texts()) for name in layout.columns]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            rows += len(block.rows)
            ragged += len(block.ragged)
    if not rows:
        raise InputError("import.header_only", file=path.name)
    return ragged


def _known(texts: pa.Array) -> pa.Array:
    texts = pc.utf8_trim_whitespace(texts)
    nothing = pc.is_in(pc.utf8_lower(texts), pa.array(sorted(NULL_WORDS | {""})))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), texts)


@dataclass(frozen=True)
class PlainNumbers:
    """A column of numbers.

    Args:
        values: The number of each row, NaN where there is none.
        others: Cells that are neither empty nor numbers.
    """

    values: NDArray[np.float64]
    others: int


def plain_numbers(table: pa.Table) -> Mapping[str, PlainNumbers]:
    """The columns of a table of texts in which all but a few cells are numbers, an empty column among them.

    Numbers are read as imports read them; those per cent are hundredths. The decimal sign of a column is the
    one by which more of its cells are numbers; where that is both, the one of most other columns; where they
    do not tell either, the point.

    Args:
        table: What `read_plain` lays out.
    """
    read = {
        field.name: {
            mark: _numbers(table[field.name], mark)
            for mark in ((NATIVE.decimal,) if field.metadata else DECIMALS)
        }
        for field in table.schema
    }
    sure = {name: mark for name, by_mark in read.items() if (mark := _sure_mark(by_mark)) is not None}
    votes = [mark for name, mark in sure.items() if len(read[name]) > 1 and _is_of_numbers(read[name][mark])]
    usual = max(DECIMALS, key=votes.count)
    found = {name: by_mark[sure.get(name, usual)] for name, by_mark in read.items()}
    return {name: one for name, one in found.items() if _is_of_numbers(one)}


def _is_of_numbers(one: PlainNumbers) -> bool:
    good = np.count_nonzero(~np.isnan(one.values))
    return bool(good >= SHARE_OF_NUMBERS * (good + one.others))


def _sure_mark(by_mark: Mapping[str, PlainNumbers]) -> str | None:
    others = {mark: one.others for mark, one in by_mark.items()}
    fewest = [mark for mark, count in others.items() if count == min(others.values())]
    return fewest[0] if len(fewest) == 1 else None


def _numbers(column: pa.ChunkedArray, decimal: str) -> PlainNumbers:
    cells = coded(column.combine_chunks())
    texts = pc.utf8_trim(cells.values, characters=EDGES)
    bare = pc.replace_substring_regex(texts, pattern=_PER_CENT, replacement="")
    read = numbers.parse(bare, decimal)
    per_cent = pc.not_equal(bare, texts).to_numpy(zero_copy_only=False)
    values = np.where(read.states == OK, numbers.as_floats(read) / np.where(per_cent, 100, 1), np.nan)
    others = (read.states != OK) & (read.states != MISSING)
    return PlainNumbers(values[cells.codes], int(np.count_nonzero(others[cells.codes])))
