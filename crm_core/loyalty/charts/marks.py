"""What the pictures of the customer club share: bars by month and the key above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import (
    Look,
    bars_of_months,
    grid_line,
    label,
    months_axis,
    on_hover,
    paper,
    square,
    steps,
    zero_line,
)

HEIGHT: Final = 300
_SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_LINE: Final = 44
"""Letters of the key that find room in a line on a telephone."""
_LINE_HEIGHT: Final = 17
_ABOVE: Final = 14
_FIRST_STRONG, _END = "\u2068", "\u2069"
"""Around a name that a base or a programme has: two of them in another script would change places."""


def key_lines(names: Mapping[str, str]) -> list[list[str]]:
    """The names of the key, by the colour that each stands for, in lines that a telephone has room for."""
    lines: list[list[str]] = [[]]
    for colour, name in names.items():
        taken = sum(len(names[one]) + 3 for one in lines[-1])
        if lines[-1] and taken + len(name) > _LINE:
            lines.append([])
        lines[-1].append(colour)
    return lines


def key_height(names: Mapping[str, str]) -> int:
    """Pixels that the key takes above a picture."""
    return 2 * _ABOVE + _LINE_HEIGHT * len(key_lines(names))


def key(names: Mapping[str, str], look: Look) -> list[dict[str, object]]:
    """What the colours are, above the picture, where lines begin; `names` by colour."""
    where: dict[str, Any] = {"x": 1 if look.rtl else 0, "xref": "paper", "xanchor": look.start}
    lines = [
        "   ".join(f"{square(one)} {_FIRST_STRONG}{names[one]}{_END}" for one in line)
        for line in key_lines(names)
    ]
    return label(look, "<br>".join(lines), y=1, yref="paper", yanchor="bottom", yshift=_ABOVE, **where)


@dataclass(frozen=True)
class Part:
    """What bars are piled up of.

    Args:
        column: Of the months, with the amounts, 0 or more; `told_` and its name is the column of what is told
            on hover.
        name: In the reader's words.
        fill: Its colour.
        down: Whether it goes down from the line.
    """

    column: str
    name: str
    fill: str
    down: bool = False


def stacked(months: pd.DataFrame, parts: Sequence[Part], look: Look, *, shares: bool = False) -> go.Figure:
    """Bars by month, piled up from the line, those that go down below it.

    Args:
        months: Oldest first: `complete` (else the bar is hatched), `label` and `year` (what stands under the
            bar; empty for none), and the columns of the parts.
        parts: From the line away.
        look: How it looks.
        shares: Whether amounts are shares, 0 to 1, that add up to 1.
    """
    shown = {one.fill: one.name for one in parts if months[one.column].any()}
    figure = paper(look, HEIGHT, start=52, end=8, top=key_height(shown), bottom=40)
    for one in parts:
        amounts = months[one.column]
        figure.add_bar(
            x=list(range(len(months))),
            y=(-amounts if one.down else amounts).tolist(),
            width=0.74,
            marker=bars_of_months(one.fill, months["complete"], look),
            **on_hover(look, months[f"told_{one.column}"]),
        )
    up, down = ([one.column for one in parts if one.down is way] for way in (False, True))
    high = 1.0 if shares else max(float(months[up].sum(axis=1).max()), 1.0)
    low = -float(months[down].sum(axis=1).max())
    lines = _SHARES if shares else steps(low, high, 6 if down else 5, whole=True)
    figure.update_layout(
        barmode="relative",
        shapes=[
            *(grid_line(look, y=line) for line in lines if line or not down),
            *([zero_line(look)] if down else []),
        ],
        annotations=key(shown, look),
    )
    months_axis(figure, months, look)
    told = look.percent if shares else look.compact
    figure.update_yaxes(
        range=[1.06 * low, (1.02 if shares else 1.04) * high],
        tickvals=[line for line in lines if line or not down],
        ticktext=[f"{told(abs(line))} " for line in lines if line or not down],
    )
    return figure
