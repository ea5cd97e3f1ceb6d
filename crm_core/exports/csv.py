"""CSV that people open in a spreadsheet: nothing in it becomes a formula, and its letters are read right."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Final

import numpy as np
import pandas as pd

_FORMULA: Final = re.compile(r"(?:\A|(?<=[;\t\r\n|]))(?=\s*[=+\-@＝＋－＠])|\A(?=[\t\r\n])")
"""Where a spreadsheet would begin to calculate: at the start of a cell, or after what may split it in two."""


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as a file.

    Args:
        headings: What stands above the columns.
        rows: A value for each heading: text, numbers, dates, moments, flags or None.

    Returns:
        UTF-8 with a byte order mark, by which spreadsheets know it, and CRLF at the ends of lines. Numbers
        have a point as decimal sign and no more digits than they need, dates are ISO, nothing is an empty
        cell. Text that would be taken for a formula stands behind an apostrophe.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_safe(heading) for heading in headings])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _cell(value: object) -> str:
    if isinstance(value, str):
        return _safe(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return _number(float(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in a CSV file")


def _number(value: float) -> str:
    """At most six digits after the point, which is more than money and shares have."""
    if math.isnan(value):
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".") if math.isfinite(value) else str(value)


def _safe(text: str) -> str:
    return _FORMULA.sub("'", text.replace("\0", ""))
