"""What several comparisons say a club has done, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import Look, grid_line, label, on_hover, paper

_ROW: Final = 62
_LINES: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_ROOM: Final = 0.08
_BELOW: Final = 0.5
_ABOVE: Final = 0.12
"""Of a row, from the mark to where lines end: above that stand its words."""


def comparisons(rows: pd.DataFrame, none: str, look: Look) -> go.Figure:
    """How many times as much members buy as without a club, by several comparisons, on a scale of ratios.

    Args:
        rows: From the top down: `ratio`, `low`, `high`, `label` (above the mark), `number` (after it), `told`
            (on hover), `counts` (whether it tells of the club).
        none: Words below the line where a club does nothing.
        look: How it looks.
    """
    places = [-float(place) for place in range(len(rows))]
    figure = paper(look, _ROW * len(rows) + 66, start=10, end=10, top=8, bottom=50)
    logs = {name: [log(value) for value in rows[name]] for name in ("ratio", "low", "high")}
    _marks(figure, rows, places, logs, look)
    lowest, highest = min(0.0, *logs["low"]), max(0.0, *logs["high"])
    room = _ROOM * (highest - lowest)
    lines = [line for line in _LINES if lowest - room <= log(line) <= highest + room]
    start: dict[str, Any] = {"x": 1 if look.rtl else 0, "xref": "paper", "xanchor": look.start}
    words = [
        one
        for place, name, number in zip(places, rows["label"], rows["number"], strict=True)
        for one in label(look, f"{name}: {number}", y=place, yanchor="bottom", yshift=10, **start)
    ]
    shapes = [
        {**grid_line(look, x=log(line)), "yref": "y", "y0": place - _BELOW, "y1": place + _ABOVE}
        for place in places
        for line in lines
    ]
    for shape in shapes:
        if shape["x0"] == 0.0:
            shape["line"] = {"color": look.colours.ink, "width": 1}
    figure.update_layout(shapes=shapes, annotations=words)
    figure.update_xaxes(
        range=look.across(lowest - room, highest + room),
        tickvals=[log(line) for line in lines],
        ticktext=[
            look.number(line) if line != 1 else f"<b>{look.number(line)}</b><br>{none}" for line in lines
        ],
    )
    figure.update_yaxes(range=[places[-1] - _BELOW, 0.5], tickvals=[])
    return figure


def _marks(
    figure: go.Figure,
    rows: pd.DataFrame,
    places: Sequence[float],
    logs: Mapping[str, Sequence[float]],
    look: Look,
) -> None:
    """Each comparison as a mark on its interval."""
    colours = look.colours
    inks = [colours.accent if counts else colours.muted for counts in rows["counts"]]
    for place, ink, ratio, low, high, told in zip(
        places, inks, logs["ratio"], logs["low"], logs["high"], rows["told"], strict=True
    ):
        figure.add_scatter(
            x=[low, high],
            y=[place, place],
            mode="lines",
            line={"color": ink, "width": 3},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=[ratio],
            y=[place],
            mode="markers",
            marker={"size": 9, "color": ink, "line": {"width": 0}},
            **on_hover(look, [told]),
        )
