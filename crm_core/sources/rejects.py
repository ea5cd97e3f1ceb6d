"""The rows that could not be read, with their reasons, in a file that a spreadsheet may open."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

import numpy as np
import pyarrow as pa

from crm_core.sources.canonical import WRONG_COLUMN_COUNT, Fault
from crm_core.sources.columns import Block

COLUMNS: Final = ("row", "reason", "column", "text")
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠|%")


class Rejects:
    """Writes rejected rows; the file comes into being with the first of them.

    Columns: `row` the row's number in the file, `reason` one or more keys parted by spaces, `column` the
    canonical columns they are about, `text` the row as it stood. A cell that a spreadsheet would take for a
    formula begins with an apostrophe.

    Args:
        path: The file.
        delimiter: Between the cells of `text`.
    """

    def __init__(self, path: Path, delimiter: str) -> None:
        self._path = path
        self._delimiter = delimiter
        self._file: TextIO | None = None
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, tuple[int, str]] = {}

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def path(self) -> Path | None:
        """The file, or None while nothing was rejected."""
        return self._path if self.counts else None

    @property
    def rows(self) -> int:
        """How many rows were rejected; each counts under its first reason."""
        return self.counts.total()

    def add(
        self, block: Block, faults: Sequence[Fault], accepted: np.ndarray[tuple[int], np.dtype[np.bool_]]
    ) -> None:
        """Write the rows of a block that were not accepted, and its ragged ones, in the file's order."""
        found: list[tuple[int, list[str], list[str], str]] = [
            (number, [WRONG_COLUMN_COUNT], [], text) for number, text in block.ragged
        ]
        places = np.flatnonzero(~accepted)
        if len(places):
            chosen = pa.array(places)
            cells = [column.texts().take(chosen).to_pylist() for column in block.columns.values()]
            hits = [fault.rows[places] for fault in faults]
            for index, row in enumerate(zip(*cells, strict=True)):
                why = [fault for fault, hit in zip(faults, hits, strict=True) if hit[index]]
                reasons = list(dict.fromkeys(fault.reason for fault in why))
                columns = list(dict.fromkeys(f"{fault.table}.{fault.column}" for fault in why))
                found.append((int(block.rows[places[index]]), reasons, columns, self._line(row)))
        if not found:
            return
        writer = csv.writer(self._opened())
        for number, reasons, columns, text in sorted(found):
            self.counts[reasons[0]] += 1
            self.examples.setdefault(reasons[0], (number, text))
            writer.writerow([number, " ".join(reasons), " ".join(columns), safe(text)])

    def _line(self, row: Sequence[str]) -> str:
        line = io.StringIO()
        csv.writer(line, delimiter=self._delimiter, lineterminator="").writerow(row)
        return line.getvalue()

    def _opened(self) -> TextIO:
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(COLUMNS)
        return self._file


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
