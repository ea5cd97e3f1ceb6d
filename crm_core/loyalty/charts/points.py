"""Points by month: what members are given, what they use and lose, and what is outstanding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import Look, faded, grid_line, label, paper, square, steps

ABOVE: Final = "issued"
BELOW: Final = ("redeemed", "expired", "taken_back")
"""What becomes of points, from the line downward."""

_HEIGHT: Final = 300
_SEE_THROUGH: Final = 0.16


def points_by_month(months: pd.DataFrame, names: Mapping[str, str], look: Look) -> go.Figure:
    """Points issued in each month above the line; below it those used, expired and taken back.

    Args:
        months: Oldest first: `issued`, `redeemed`, `expired`, `taken_back` (points), `complete`, `label` and
            `year` (what stands under the bar; empty for none), and for each of the four `told_…` (on hover).
        names: The four in the reader's words.
        look: How it looks.
    """
    colours = look.colours
    fills = {
        "issued": colours.accent,
        "redeemed": colours.ink,
        "expired": colours.warm,
        "taken_back": colours.warm_light,
    }
    figure = paper(look, _HEIGHT, start=52, end=8, top=44, bottom=40)
    for name in (ABOVE, *BELOW):
        figure.add_bar(
            x=list(range(len(months))),
            y=(months[name] * (1 if name == ABOVE else -1)).tolist(),
            width=0.74,
            marker={
                "color": fills[name],
                "line": {"width": 1, "color": colours.ground},
                "pattern": {
                    "shape": ["" if whole else "/" for whole in months["complete"]],
                    "fillmode": "replace",
                    "fgcolor": fills[name],
                    "bgcolor": "rgba(0,0,0,0)",
                    "size": 5,
                    "solidity": 0.45,
                },
            },
            hovertext=[look.line(told) for told in months[f"told_{name}"]],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    high = max(float(months[ABOVE].max()), 1.0)
    low = -float(months[list(BELOW)].sum(axis=1).max())
    lines = [line for line in steps(low, high, 6, whole=True) if line]
    shown = [name for name in (ABOVE, *BELOW) if months[name].any()]
    figure.update_layout(
        barmode="relative",
        shapes=[*(grid_line(look, y=line) for line in lines), _zero(look)],
        annotations=_key([f"{square(fills[name])} {names[name]}" for name in shown], look),
    )
    _time_axis(figure, months, look)
    figure.update_yaxes(
        range=[1.06 * low, 1.04 * high],
        tickvals=lines,
        ticktext=[f"{look.compact(abs(line))} " for line in lines],
    )
    return figure


def outstanding(months: pd.DataFrame, look: Look) -> go.Figure:
    """What the points outstanding at the end of each month would cost, with its range.

    Args:
        months: Oldest first: `outstanding`, `least` and `most` (amounts), `label` and `year` (what stands
            under the mark; empty for none), `told` (on hover).
        look: How it looks.
    """
    colours, places = look.colours, list(range(len(months)))
    figure = paper(look, _HEIGHT, start=60, end=16, top=20, bottom=40)
    figure.add_scatter(
        x=[*places, *reversed(places)],
        y=[*months["most"], *reversed(months["least"].tolist())],
        fill="toself",
        fillcolor=faded(colours.accent, _SEE_THROUGH),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=places,
        y=months["outstanding"].tolist(),
        mode="lines+markers",
        cliponaxis=False,
        line={"color": colours.accent, "width": 2.5},
        marker={"size": [*[5] * (len(places) - 1), 10], "color": colours.accent},
        hovertext=[look.line(told) for told in months["told"]],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    high = float(months["most"].max()) or 1.0
    lines = steps(0.0, high)
    figure.update_layout(shapes=[grid_line(look, y=line) for line in lines])
    _time_axis(figure, months, look)
    figure.update_yaxes(
        range=[0, 1.06 * high],
        tickvals=lines,
        ticktext=[f"{look.money_compact(line)} " for line in lines],
    )
    return figure


def _time_axis(figure: go.Figure, months: pd.DataFrame, look: Look) -> None:
    figure.update_xaxes(
        range=look.across(-0.6, len(months) - 0.4),
        tickvals=[place for place, label in enumerate(months["label"]) if label],
        ticktext=[
            f"{label}<br>{year}" for label, year in zip(months["label"], months["year"], strict=True) if label
        ],
    )


def _zero(look: Look) -> dict[str, object]:
    return {**grid_line(look, y=0), "layer": "above", "line": {"color": look.colours.ink, "width": 1}}


def _key(names: list[str], look: Look) -> list[dict[str, object]]:
    """What the colours are, above the picture, where lines begin."""
    where: dict[str, Any] = {"x": 1 if look.rtl else 0, "xref": "paper", "xanchor": look.start}
    return label(look, "   ".join(names), y=1, yref="paper", yanchor="bottom", yshift=14, **where)
