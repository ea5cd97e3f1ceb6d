"""Shares as dots with whiskers, by group and over time, and what is left of money as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import AXIS_TEXT, Look, grid_line, label, on_hover, paper, reach, steps, whiskers
from crm_core.retention.charts.rows import row_paper, row_texts

_AXIS_WIDTH: Final = 46
_HEIGHT: Final = 300
_LABELS: Final = 4
"""So many months are named along an axis that none touches another on a narrow screen."""


def group_dots(groups: pd.DataFrame, look: Look) -> go.Figure:
    """The share of each group as a dot with its interval, on an axis that begins shortly before the lowest.

    Args:
        groups: In order from above: `label`, `share`, `low`, `high` (0 to 1), `text`, `told`, `rest` (whether
            it is all others, in grey).
        look: How it looks.
    """
    figure = row_paper(len(groups), 40, look, foot=24, top=8)
    _dots(figure, groups["share"].tolist(), list(range(len(groups))), groups, look, across=True)
    least = float(groups["low"].astype("float64").fillna(groups["share"]).min())
    least = max(least - 0.1 * (float(reach(groups).max()) - least), 0.0)
    figure.update_layout(
        annotations=row_texts(figure, groups, look, least), shapes=[grid_line(look, x=least)]
    )
    return figure


def monthly_dots(months: pd.DataFrame, look: Look) -> go.Figure:
    """The share of each month as a dot with its interval; open where it is not sure.

    Args:
        months: In order: `label`, `share`, `low`, `high` (0 to 1), `sure`, `told`.
        look: How it looks.
    """
    places = list(range(len(months)))
    figure = paper(look, _HEIGHT, start=_AXIS_WIDTH, end=34, top=14, bottom=28)
    _dots(figure, places, months["share"].tolist(), months, look, across=False)
    _over_time(figure, months, 0.0, float(reach(months).max()), look)
    return figure


def money_lines(months: pd.DataFrame, words: Sequence[str], look: Look) -> go.Figure:
    """What is left of money month by month, without and with what was taken on, as two lines.

    Args:
        months: In order: `label`, `gross`, `net`, `sure`, `told`.
        words: What the lines are called: gross and net.
        look: How it looks.
    """
    colours = look.colours
    places = list(range(len(months)))
    figure = paper(look, _HEIGHT, start=_AXIS_WIDTH, end=64, top=14, bottom=28)
    ends = []
    # Gross is drawn broad and below: where nothing was taken on it is the same as net.
    drawn = zip(("gross", "net"), words, (colours.warm_light, colours.accent), (7, 2.5), strict=True)
    for name, word, ink, width in drawn:
        figure.add_scatter(
            x=places,
            y=months[name].tolist(),
            mode="lines+markers",
            line={"color": ink, "width": width},
            marker={
                "size": 7,
                "color": [ink if sure else colours.ground for sure in months["sure"]],
                "line": {"color": ink, "width": 1.5},
            },
            **on_hover(look, months["told"]),
        )
        ends.append((float(months[name].iloc[-1]), word, colours.warm if name == "gross" else ink))
    low, high = (float(choose(choose(months["gross"]), choose(months["net"]), 1.0)) for choose in (min, max))
    span = max(high - low, 0.01)
    _over_time(figure, months, low - 0.06 * span, high + 0.06 * span, look, _LABELS - 1)
    # The two names keep a line's height apart.
    ends.sort()
    apart = 0.08 * span * 1.12
    middle = (ends[0][0] + ends[1][0]) / 2
    close = ends[1][0] - ends[0][0] < apart
    names = [
        one
        for (value, word, ink), side in zip(ends, (-1, 1), strict=True)
        for one in label(
            look,
            word,
            AXIS_TEXT,
            x=places[-1],
            y=middle + side * apart / 2 if close else value,
            xanchor=look.start,
            xshift=-10 if look.rtl else 10,
            font={"size": AXIS_TEXT, "color": ink},
        )
    ]
    figure.update_layout(annotations=names)
    return figure


def _dots(
    figure: go.Figure, x: Sequence[float], y: Sequence[float], rows: pd.DataFrame, look: Look, *, across: bool
) -> None:
    colours = look.colours
    inks = [colours.grey if rest else colours.accent for rest in rows.get("rest", [False] * len(rows))]
    sure = rows.get("sure", [True] * len(rows))
    figure.add_scatter(
        x=list(x),
        y=list(y),
        mode="markers",
        marker={
            "size": 10,
            "color": [ink if known else colours.ground for ink, known in zip(inks, sure, strict=True)],
            "line": {"color": inks, "width": 1.5},
            "opacity": 1,
        },
        **{"error_x" if across else "error_y": whiskers(look, rows, colour=colours.muted)},
        **on_hover(look, rows["told"]),
    )


def _over_time(
    figure: go.Figure, months: pd.DataFrame, low: float, high: float, look: Look, labels: int = _LABELS
) -> None:
    """Months along, shares upward."""
    lines = steps(max(low, 0.0), high, 4)
    every = -(-len(months) // labels)
    # Counted from the latest month, whose name is always there.
    named = list(range(len(months) - 1, -1, -every))[::-1]
    figure.update_layout(shapes=[grid_line(look, y=line) for line in lines])
    figure.update_xaxes(
        range=look.across(-0.6, len(months) - 0.4),
        tickangle=0,
        tickvals=named,
        ticktext=[months["label"].iloc[place] for place in named],
    )
    figure.update_yaxes(
        range=[low, high * 1.05 if low == 0.0 else high],
        tickvals=lines,
        ticktext=[f"{look.percent(line)}  " for line in lines],
    )
