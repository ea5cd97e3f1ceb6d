"""A table as it is, every column as texts: what is read of files that belong to no canonical table."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crm_core.base import InputError
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import SourceOptions
from crm_core.sources.staging import blocks_of, layout_of
from crm_core.sources.states import NULL_WORDS


def read_plain(path: Path, target: Path, limits: Limits) -> int:
    """Lay the rows of a file out as Parquet, in their order: texts without blanks around them, null for none.

    Args:
        path: Delimited text, packed by gzip or not, or Parquet.
        target: The file to write.
        limits: What the file may cost.

    Returns:
        How many rows were left out because they have too few or too many cells.

    Raises:
        InputError: It is no table that can be read, or has no rows.
    """
    layout = layout_of(path, SourceOptions(), limits)
    schema = pa.schema([(name, pa.string()) for name in layout.columns])
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
