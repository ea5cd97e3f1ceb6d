"""Rows of a file as they are read: a column is its distinct texts and the place of each row's among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True)
class Coded:
    """A source column of a block.

    Args:
        codes: int32 array of shape (rows,): the place of each row's text.
        values: The distinct texts, without null (nothing is the empty text).
        native: The file itself knew the type (Parquet): dates are ISO, numbers have a decimal point.
    """

    codes: NDArray[np.int32]
    values: pa.Array
    native: bool = False

    def texts(self) -> pa.Array:
        """The text of each row."""
        return self.values.take(pa.array(self.codes))

    def filter(self, kept: NDArray[np.bool_]) -> Coded:
        """The same column with some of its rows."""
        return Coded(self.codes[kept], self.values, self.native)


def coded(column: Any, *, native: bool = False) -> Coded:
    """A column of texts or of dictionary-encoded texts; null becomes the empty text."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    values = encoded.dictionary.cast(pa.string())
    indices = encoded.indices.cast(pa.int32())
    if indices.null_count or values.null_count:
        texts = values.take(indices).fill_null("")
        encoded = texts.dictionary_encode()
        values, indices = encoded.dictionary, encoded.indices
    return Coded(indices.to_numpy(zero_copy_only=False), values, native)


@dataclass(frozen=True)
class Block:
    """Some rows of a file.

    Args:
        columns: By name; all of one length.
        rows: int64 array: the number of each row in the file, as a spreadsheet shows it.
        ragged: Number and text of rows that have too few or too many cells; they are not in `columns`.
        done: Which share of the file was read with this block, 0 to 1.
    """

    columns: Mapping[str, Coded]
    rows: NDArray[np.int64]
    ragged: tuple[tuple[int, str], ...]
    done: float


Blocks = Iterator[Block]
