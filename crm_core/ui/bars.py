"""Bars as markup: rows of names that are links, each with a bar for each measure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from crm_core.ui import markup

LEADING: Final = 4
"""Rows that a narrow screen shows before all are asked for, where there is no reason for more or fewer."""
_LEAST_ROOM: Final = 44
_LETTER: Final = 7
"""Pixels of a letter or digit of the size in which values stand."""
_LEAST_SEEN: Final = 0.005
"""Of all the room, below which a whisker would be nothing but its two ends, in the place of the value."""


@dataclass(frozen=True)
class Bar:
    """A value of one measure.

    Args:
        value: How long it is.
        written: How it is written.
        address: Where it leads if elsewhere than its row.
        bounds: Between which it lies, where it is an estimate above 0; drawn as a whisker.
    """

    value: float
    written: str
    address: str = ""
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True)
class Row:
    """A name and its bars.

    Args:
        name: What it is called.
        address: Where it leads; empty where nowhere.
        told: All of it in words, on hover.
        beside: What stands below the name.
        bars: One for each measure, in their order.
        leading: Whether it is shown on a narrow screen before all are asked for.
        warns: Whether what stands below the name is a warning.
    """

    name: str
    address: str
    told: str
    beside: str
    bars: tuple[Bar, ...]
    leading: bool
    warns: bool = False


@dataclass(frozen=True)
class Group:
    """Rows under one heading; empty where they need none."""

    heading: str
    rows: tuple[Row, ...]


def drawn(measures: Sequence[str], groups: Sequence[Group], everything: str) -> str:
    """Bars that begin at a common zero, the longest as long as there is room.

    Args:
        measures: What the bars of every row are, in the reader's words; not more than three.
        groups: The rows.
        everything: Words to ask for all rows on a narrow screen, where it does not show them anyway.
    """
    values = [
        one
        for group in groups
        for row in group.rows
        for bar in row.bars
        for one in (bar.value, *(bar.bounds or ()))
    ]
    low, high = min(0.0, *values), max(0.0, *values)
    span = high - low or 1.0
    room = max((_room(bar.written) for group in groups for row in group.rows for bar in row.bars), default=0)
    key = "".join(
        f'<span><i class="mo-measure-{place}"></i>{escape(one)}</span>' for place, one in enumerate(measures)
    )
    body = "".join(
        (markup.tag("h3", group.heading) if group.heading else "")
        + f"<ul>{''.join(_row(one, measures, low, span, room) for one in group.rows)}</ul>"
        for group in groups
    )
    all_lead = all(row.leading for group in groups for row in group.rows)
    more = "" if all_lead else markup.more(everything)
    return f'<div class="mo-bars"><p class="mo-key" aria-hidden="true">{key}</p>{body}{more}</div>'


def _room(written: str) -> int:
    """Pixels that a value takes behind its bar; signs of direction and marks above letters take none."""
    letters = sum(unicodedata.category(one)[0] not in "CM" for one in written)
    return max(_LEAST_ROOM, _LETTER * letters)


def _row(row: Row, measures: Sequence[str], low: float, span: float, room: int) -> str:
    bars = []
    for place, (measure, bar) in enumerate(zip(measures, row.bars, strict=True)):
        start, length = (min(bar.value, 0.0) - low) / span, abs(bar.value) / span
        sizes = f"margin-inline-start: {100 * start:.2f}%; width: {100 * length:.2f}%"
        unseen = markup.tag("span", f"{measure} ", "mo-unseen")
        whisker = ""
        least, most = bar.bounds or (0.0, 0.0)
        if bar.value > 0 and most - least > _LEAST_SEEN * span:
            # The value stands behind the whisker and not under it.
            sizes += f"; margin-inline-end: {100 * max(most - bar.value, 0) / span:.2f}%"
            where = f"inset-inline-start: {100 * least / bar.value:.2f}%"
            whisker = f'<s style="{where}; width: {100 * (most - least) / bar.value:.2f}%"></s>'
        mark = f'<i class="mo-measure-{place}" style="{sizes}">{whisker}</i>'
        value = f"<b>{unseen}{escape(bar.written)}</b>"
        drawn = f'<a href="{escape(bar.address)}">{mark}{value}</a>' if bar.address else f"{mark}{value}"
        bars.append(f'<p style="padding-inline-end: {room}px">{drawn}</p>')
    kind = "" if row.leading else ' class="mo-minor"'
    name = markup.link(row.name, row.address, row.told) if row.address else markup.named(row.name, row.told)
    beside = markup.tag("p", row.beside, "mo-beside mo-warns" if row.warns else "mo-beside")
    return f"<li{kind}><div>{name}{beside}</div><div>{''.join(bars)}</div></li>"
