"""What several comparisons say a club has done, each with its interval."""

from __future__ import annotations

from math import log
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import AXIS_TEXT, Look, grid_line, label, paper

_ROW: Final = 62
_LINES: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_ROOM: Final = 0.08


def comparisons(rows: pd.DataFrame, none: str, look: Look) -> go.Figure:
    """How many times as much members buy as without a club, by several comparisons, on a scale of ratios.

    Args:
        rows: From the top down: `ratio`, `low`, `high`, `label` (above the mark), `number` (after it), `told`
            (on hover), `counts` (whether it tells of the club).
        none: Words at the line where a club does nothing.
        look: How it looks.
    """
    colours, places = look.colours, [-float(place) for place in range(len(rows))]
    figure = paper(look, _ROW * len(rows) + 66, start=10, end=10, top=30, bottom=34)
    logs = {name: [log(value) for value in rows[name]] for name in ("ratio", "low", "high")}
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
            hovertext=[look.line(told)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    lowest, highest = min(0.0, *logs["low"]), max(0.0, *logs["high"])
    room = _ROOM * (highest - lowest)
    lines = [line for line in _LINES if lowest - room <= log(line) <= highest + room]
    start: dict[str, Any] = {"x": 1 if look.rtl else 0, "xref": "paper", "xanchor": look.start}
    words = [
        one
        for place, name, number in zip(places, rows["label"], rows["number"], strict=True)
        for one in label(look, f"{name}: {number}", y=place, yanchor="bottom", yshift=10, **start)
    ]
    words = [{**one, "bgcolor": colours.ground} for one in words]
    zero = {**grid_line(look, x=0.0), "line": {"color": colours.ink, "width": 1}}
    figure.update_layout(
        shapes=[*(grid_line(look, x=log(line)) for line in lines), zero],
        annotations=[
            *words,
            *label(look, none, AXIS_TEXT, x=0.0, y=1, yref="paper", yanchor="bottom", xanchor=look.start),
        ],
    )
    figure.update_xaxes(
        range=look.across(lowest - room, highest + room),
        tickvals=[log(line) for line in lines],
        ticktext=[look.number(line) for line in lines],
    )
    figure.update_yaxes(range=[places[-1] - 0.4, 0.75], tickvals=[])
    return figure
