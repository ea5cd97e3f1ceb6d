"""Features of customers as arrays, and samples of rows to learn from."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

_MISSING: Final = -1


@dataclass(frozen=True)
class Categories:
    """A feature that names one of a few things.

    Args:
        levels: The names, each once.
        codes: Of each row the place of its name in `levels`, -1 where it is missing.
    """

    levels: tuple[str, ...]
    codes: Integers

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", np.asarray(self.codes, dtype=np.int64))
        if len(set(self.levels)) != len(self.levels):
            raise ValueError("a level is named twice")
        if self.codes.size and not (self.codes.min() >= _MISSING and self.codes.max() < len(self.levels)):
            raise ValueError("a code stands for no level")

    @classmethod
    def of(cls, names: Sequence[str | None]) -> Categories:
        """Categories of rows that are given name by name, None where it is missing."""
        levels = tuple(sorted({name for name in names if name is not None}))
        places: dict[str | None, int] = {level: place for place, level in enumerate(levels)}
        places[None] = _MISSING
        return cls(levels, np.fromiter((places[name] for name in names), np.int64, len(names)))

    def __len__(self) -> int:
        return self.codes.size

    @property
    def missing(self) -> Truths:
        """Whether a row has no name."""
        return np.asarray(self.codes == _MISSING)

    @property
    def names(self) -> npt.NDArray[np.object_]:
        """Of each row its name, None where it is missing."""
        return np.array([*self.levels, None], dtype=object)[self.codes]

    def at(self, rows: npt.NDArray[np.generic]) -> Categories:
        """Those of some rows."""
        return Categories(self.levels, self.codes[rows])

    def coded_as(self, levels: tuple[str, ...]) -> Integers:
        """Codes for other levels; -1 both where the name is missing and where it is none of them."""
        places = {level: place for place, level in enumerate(levels)}
        table = np.array([places.get(level, _MISSING) for level in self.levels] + [_MISSING], np.int64)
        return np.asarray(table[self.codes])


Column = Floats | Categories
Columns = Mapping[str, Column]


def rows_of(columns: Columns) -> int:
    """How many rows columns have.

    Raises:
        ValueError: When there are no columns, or they differ in length.
    """
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        raise ValueError("columns are one or more, of one length")
    return lengths.pop()


def at_rows(columns: Columns, rows: npt.NDArray[np.generic]) -> dict[str, Column]:
    """The columns of some rows."""
    return {
        name: column.at(rows) if isinstance(column, Categories) else column[rows]
        for name, column in columns.items()
    }


@dataclass(frozen=True)
class Snapshot:
    """Customers as they stood at the end of a day, and whether they left within the horizon after it.

    Args:
        day: Number of the cut-off's day.
        columns: Features by name: numbers (NaN where missing) or categories.
        churned: 1 for who left, 0 for who stayed.
    """

    day: int
    columns: Columns
    churned: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "churned", np.asarray(self.churned, dtype=np.float64))
        if rows_of(self.columns) != self.churned.size:
            raise ValueError("labels and features differ in length")
        if not np.isin(self.churned, (0.0, 1.0)).all():
            raise ValueError("a customer has left or has not")
        numbers = [column for column in self.columns.values() if not isinstance(column, Categories)]
        if any(np.isinf(column).any() for column in numbers):
            raise ValueError("a number to learn from is finite, or missing")

    def at(self, rows: npt.NDArray[np.generic]) -> Snapshot:
        """The snapshot of some of its rows."""
        return Snapshot(self.day, at_rows(self.columns, rows), self.churned[rows])

    def codes(self, seed: int) -> npt.NDArray[np.uint64]:
        """By what rows are drawn and put in order; see `row_codes`."""
        columns = [self.columns[name] for name in sorted(self.columns)]
        return row_codes([*columns, self.churned, np.full(self.churned.size, float(self.day))], seed)

    def drawn(self, seed: int, most: int) -> Snapshot:
        """`most` of its rows, drawn by the seed; a `Sample` of as many, or fewer, is the same from these."""
        return self.at(np.sort(np.argsort(self.codes(seed))[:most]))


@dataclass(frozen=True)
class Sample:
    """Rows of one or more snapshots to learn from, in an order that does not depend on how they came.

    Args:
        columns: Features of all rows.
        churned: Labels of all rows.
        days: The snapshot's day of each row.
    """

    columns: Columns
    churned: Floats
    days: Integers

    @classmethod
    def of(cls, snapshots: Sequence[Snapshot], seed: int, most: int) -> Sample:
        """Rows of all snapshots, `most` of them drawn by the seed where there are more."""
        if any(set(one.columns) != set(snapshots[0].columns) for one in snapshots):
            raise ValueError("snapshots have different features")
        codes = np.concatenate([one.codes(seed) for one in snapshots])
        rows = np.argsort(codes, kind="stable")[:most]
        which = np.zeros(codes.size, np.bool_)
        which[rows] = True
        ends = np.cumsum([one.churned.size for one in snapshots])
        parts = [one.at(inside) for one, inside in zip(snapshots, np.split(which, ends[:-1]), strict=True)]
        order = np.argsort(codes[which], kind="stable")
        columns = {
            name: _joined([one.columns[name] for one in parts]) for name in sorted(snapshots[0].columns)
        }
        churned = np.concatenate([one.churned for one in parts])
        days = np.concatenate([np.full(one.churned.size, one.day, np.int64) for one in parts])
        return cls(at_rows(columns, order), churned[order], days[order])

    def at(self, rows: npt.NDArray[np.generic]) -> Sample:
        """Some of the rows."""
        return Sample(at_rows(self.columns, rows), self.churned[rows], self.days[rows])


def _joined(columns: Sequence[Column]) -> Column:
    levels = tuple(
        sorted({level for column in columns if isinstance(column, Categories) for level in column.levels})
    )
    codes = [column.coded_as(levels) for column in columns if isinstance(column, Categories)]
    numbers = [column for column in columns if not isinstance(column, Categories)]
    if codes and numbers:
        raise ValueError("a feature is numbers in one snapshot and names in another")
    return Categories(levels, np.concatenate(codes)) if codes else np.concatenate(numbers)


def row_codes(columns: Sequence[Column], seed: int) -> npt.NDArray[np.uint64]:
    """A number for each row made of what is in it: equal rows have equal ones, others as if drawn by lot.

    Rows in the order of these numbers are in the same order however they came, and the first so many are a
    fair draw.
    """
    codes = np.full(len(columns[0]), np.uint64(seed % 2**63 + 1), np.uint64)
    for column in columns:
        numbers = _named(column) if isinstance(column, Categories) else column + 0.0
        numbers[np.isnan(numbers)] = np.nan
        codes ^= numbers.view(np.uint64)
        # The finaliser of MurmurHash3, 64 bits.
        codes ^= codes >> np.uint64(33)
        codes *= np.uint64(0xFF51AFD7ED558CCD)
        codes ^= codes >> np.uint64(33)
        codes *= np.uint64(0xC4CEB9FE1A85EC53)
        codes ^= codes >> np.uint64(33)
    return codes


def _named(column: Categories) -> Floats:
    """A number for each name that does not depend on what other names there are."""
    table = [float(zlib.crc32(level.encode())) for level in column.levels]
    return np.asarray(np.array([*table, np.nan])[column.codes])
