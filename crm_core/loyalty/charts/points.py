"""Points by month: what members are given, what becomes of it, and what is outstanding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import Look, Palette, faded, grid_line, paper, steps
from crm_core.loyalty.charts.marks import bars, key, key_height, time_axis, zero_line

ABOVE: Final = "issued"
BELOW: Final = ("redeemed", "expired", "taken_back")
"""What becomes of points, from the line downward."""
FATES: Final = (*BELOW, "balance")

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
    fills = _fills(look.colours)
    shown = {fills[name]: names[name] for name in (ABOVE, *BELOW) if months[name].any()}
    figure = paper(look, _HEIGHT, start=52, end=8, top=key_height(shown), bottom=40)
    for name in (ABOVE, *BELOW):
        figure.add_bar(
            x=list(range(len(months))),
            y=(months[name] * (1 if name == ABOVE else -1)).tolist(),
            width=0.74,
            marker=bars(fills[name], months["complete"], look),
            hovertext=[look.line(told) for told in months[f"told_{name}"]],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    high = max(float(months[ABOVE].max()), 1.0)
    low = -float(months[list(BELOW)].sum(axis=1).max())
    lines = [line for line in steps(low, high, 6, whole=True) if line]
    figure.update_layout(
        barmode="relative",
        shapes=[*(grid_line(look, y=line) for line in lines), zero_line(look)],
        annotations=key(shown, look),
    )
    time_axis(figure, months, look)
    figure.update_yaxes(
        range=[1.06 * low, 1.04 * high],
        tickvals=lines,
        ticktext=[f"{look.compact(abs(line))} " for line in lines],
    )
    return figure


def fates(months: pd.DataFrame, names: Mapping[str, str], look: Look) -> go.Figure:
    """What became of the points issued in each month, as shares of them.

    Args:
        months: Oldest first: `redeemed`, `expired`, `taken_back`, `balance` (shares, 0 to 1, that add up to
            1), `complete` (no share will change), `label` and `year` (what stands under the bar; empty for
            none), and for each of the four `told_…` (on hover).
        names: The four in the reader's words.
        look: How it looks.
    """
    fills = {**_fills(look.colours), "balance": look.colours.grey}
    shown = {fills[name]: names[name] for name in FATES if months[name].any()}
    figure = paper(look, _HEIGHT, start=52, end=8, top=key_height(shown), bottom=40)
    for name in FATES:
        figure.add_bar(
            x=list(range(len(months))),
            y=months[name].tolist(),
            width=0.74,
            marker=bars(fills[name], months["complete"], look),
            hovertext=[look.line(told) for told in months[f"told_{name}"]],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    lines = [0.0, 0.25, 0.5, 0.75, 1.0]
    figure.update_layout(
        barmode="stack",
        shapes=[grid_line(look, y=line) for line in lines],
        annotations=key(shown, look),
    )
    time_axis(figure, months, look)
    figure.update_yaxes(
        range=[0, 1.02], tickvals=lines, ticktext=[f"{look.percent(line)} " for line in lines]
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
        marker={"size": [*[5] * (len(places) - 1), 10], "color": colours.accent, "opacity": 1},
        hovertext=[look.line(told) for told in months["told"]],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    high = float(months["most"].max()) or 1.0
    lines = steps(0.0, high)
    figure.update_layout(shapes=[grid_line(look, y=line) for line in lines])
    time_axis(figure, months, look)
    figure.update_yaxes(
        range=[0, 1.06 * high],
        tickvals=lines,
        ticktext=[f"{look.money_compact(line)} " for line in lines],
    )
    return figure


def _fills(colours: Palette) -> dict[str, str]:
    return {
        "issued": colours.accent,
        "redeemed": colours.ink,
        "expired": colours.warm,
        "taken_back": colours.warm_light,
    }
