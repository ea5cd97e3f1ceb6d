"""Survival curves with their bands and the numbers at risk, and chances by age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import AXIS_TEXT, Look, faded, grid_line, label, on_hover, paper, reach, square, whiskers
from crm_core.retention.charts.rows import shortened

_AXIS_WIDTH: Final = 50
_NAMES_WIDTH: Final = 100
_PLOT_HEIGHT: Final = 300
_ROW: Final = 17
_BAR: Final = 0.62
_FEW_BARS: Final = 4
_SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_LETTERS: Final = 15
_LINE_GAP: Final = 0.055
"""Between the names of two lines, as a share of the height."""
_SEE_THROUGH: Final = 0.16
_LATE: Final = 0.5
"""A median beyond this share of the time axis has more room before it than after it."""


@dataclass(frozen=True)
class Line:
    """One survival curve as it is drawn.

    Args:
        name: What it is called; empty where it is the only one.
        points: `day`, `share`, `low`, `high`, `told` (on hover).
        median: The day on which it comes down to a half; None where it does not.
        at_risk: The number at risk under each tick, as written.
        grey: Whether it is all the rest.
    """

    name: str
    points: pd.DataFrame
    median: float | None
    at_risk: tuple[str, ...]
    grey: bool = False


def survival_curves(
    lines: Sequence[Line], days: Sequence[int], words: dict[str, str], look: Look
) -> go.Figure:
    """Survival curves from day 0, stepwise, each with its band; the numbers at risk stand below.

    Args:
        lines: Not more than six.
        days: Where the ticks of the time axis are.
        words: `median` (at the mark of a lone curve) and `at_risk` (above the numbers below).
        look: How it looks.
    """
    alone = len(lines) == 1
    inks = _inks(lines, look)
    rows = 2 if alone else 1 + 2 * len(lines)
    end = 14 if alone else _NAMES_WIDTH
    bottom = 34 + _ROW * rows
    figure = paper(look, _PLOT_HEIGHT + bottom, start=_AXIS_WIDTH, end=end, top=12, bottom=bottom)
    last = max(float(line.points["day"].iloc[-1]) for line in lines)
    for line, ink in zip(lines, inks, strict=True):
        _band(figure, line, ink)
    for line, ink in zip(lines, inks, strict=True):
        _curve(figure, line, ink, look)
    figure.update_layout(
        shapes=[
            *(grid_line(look, y=share) for share in _SHARES),
            *(_drop(lines[0], inks[0]) if alone else []),
        ],
        annotations=[
            *(_median(lines[0], words["median"], look) if alone else _names(lines, inks, look)),
            *_risk(lines, inks, days, words["at_risk"], look),
        ],
    )
    figure.update_xaxes(
        range=look.across(0, last * 1.02),
        tickvals=list(days),
        ticktext=[look.number(day) for day in days],
    )
    figure.update_yaxes(
        range=[-0.01, 1.02],
        tickvals=list(_SHARES),
        ticktext=[look.percent(share) for share in _SHARES],
        # Ticks that nobody sees keep the labels away from the curve.
        ticks="outside",
        ticklen=8,
        tickcolor="rgba(0,0,0,0)",
    )
    return figure


def _inks(lines: Sequence[Line], look: Look) -> list[str]:
    named = iter(look.colours.series)
    return [look.colours.grey if line.grey else next(named) for line in lines]


def _band(figure: go.Figure, line: Line, ink: str) -> None:
    known = line.points.dropna(subset=["low", "high"])
    for column, fill in (("high", None), ("low", "tonexty")):
        figure.add_scatter(
            x=known["day"].tolist(),
            y=known[column].tolist(),
            mode="lines",
            line={"width": 0, "shape": "hv", "color": ink},
            fill=fill,
            fillcolor=faded(ink, _SEE_THROUGH),
            hoverinfo="skip",
        )


def _curve(figure: go.Figure, line: Line, ink: str, look: Look) -> None:
    """The curve, and the mark where it comes down to a half."""
    figure.add_scatter(
        x=line.points["day"].tolist(),
        y=line.points["share"].tolist(),
        mode="lines",
        line={"color": ink, "width": 2.5, "shape": "hv"},
        **on_hover(look, line.points["told"]),
    )
    if line.median is not None:
        figure.add_scatter(
            x=[line.median],
            y=[0.5],
            mode="markers",
            marker={"size": 10, "color": ink, "line": {"color": look.colours.ground, "width": 2}},
            hoverinfo="skip",
        )


def _drop(line: Line, ink: str) -> list[dict[str, object]]:
    """From the median down to the time axis."""
    if line.median is None:
        return []
    dots = {"color": ink, "width": 1, "dash": "dot"}
    return [{"type": "line", "x0": line.median, "x1": line.median, "y0": 0, "y1": 0.5, "line": dots}]


def _median(line: Line, text: str, look: Look) -> list[dict[str, object]]:
    """Words beside the median: above the curve, or below it where there is no room to its end."""
    if line.median is None:
        return []
    late = line.median > _LATE * float(line.points["day"].iloc[-1])
    return label(
        look,
        text,
        x=line.median,
        y=0.5,
        xanchor=look.end if late else look.start,
        yanchor="top" if late else "bottom",
        xshift=-10 if look.rtl != late else 10,
        yshift=-6 if late else 6,
    )


def _names(lines: Sequence[Line], inks: Sequence[str], look: Look) -> list[dict[str, object]]:
    """Each line's name beside its end, moved apart where ends lie close together."""
    ends = sorted(((float(line.points["share"].iloc[-1]), at) for at, line in enumerate(lines)), reverse=True)
    places: dict[int, float] = {}
    ceiling = 1.0
    for share, at in ends:
        places[at] = min(share, ceiling)
        ceiling = places[at] - _LINE_GAP
    # Names that were pushed below the floor push the others up again.
    floor = 0.0
    for _, at in reversed(ends):
        places[at] = max(places[at], floor)
        floor = places[at] + _LINE_GAP
    return [
        one
        for at, (line, ink) in enumerate(zip(lines, inks, strict=True))
        for one in label(
            look,
            shortened(line.name, _LETTERS),
            AXIS_TEXT,
            x=0 if look.rtl else 1,
            xref="paper",
            xanchor=look.start,
            xshift=-6 if look.rtl else 6,
            y=places[at],
            font={"size": AXIS_TEXT, "color": ink},
        )
    ]


def _risk(
    lines: Sequence[Line], inks: Sequence[str], days: Sequence[int], heading: str, look: Look
) -> list[dict[str, object]]:
    """Below the time axis how many are at risk at each tick, a row for each line."""
    first: dict[str, object] = {
        "x": 1 if look.rtl else 0,
        "xref": "paper",
        "y": 0,
        "yref": "paper",
        "xanchor": look.start,
        "yanchor": "top",
        "xshift": _AXIS_WIDTH if look.rtl else -_AXIS_WIDTH,
    }
    muted = {"size": AXIS_TEXT, "color": look.colours.muted}
    down = -32
    found = label(look, heading, AXIS_TEXT, yshift=down, font=muted, **first)
    for line, ink in zip(lines, inks, strict=True):
        if len(lines) > 1:
            down -= _ROW
            found += label(look, f"{square(ink)} {line.name}", AXIS_TEXT, yshift=down, font=muted, **first)
        down -= _ROW
        for day, number in zip(days, line.at_risk, strict=True):
            found += label(
                look,
                number,
                AXIS_TEXT,
                x=day,
                y=0,
                yref="paper",
                xanchor="center",
                yanchor="top",
                yshift=down,
            )
    return found


def chances_by_age(ages: pd.DataFrame, look: Look, *, leaving: bool) -> go.Figure:
    """The chance within 30 days by how long it has been, as bars with whiskers.

    Args:
        ages: In order: `label` (the span), `chance`, `low`, `high` (0 to 1), `text` (at the mark), `told`
            (on hover).
        look: How it looks.
        leaving: Whether it is a loss that is waited for.
    """
    fill = look.colours.warm if leaving else look.colours.accent
    return whiskered(ages.rename(columns={"chance": "share"}), fill, look)


def whiskered(bars: pd.DataFrame, fill: str, look: Look, *, codes: Sequence[str] = ()) -> go.Figure:
    """Upright bars from zero with whiskers, a name below and a share above each.

    Args:
        bars: In order: `label`, `share`, `low`, `high` (0 to 1), `text`, `told`.
        fill: Their colour.
        look: How it looks.
        codes: What a click on each means.
    """
    lines = max((text.count("<br>") + 1 for text in bars["label"]), default=1)
    figure = paper(look, 270 + _ROW * lines, top=26, bottom=14 + _ROW * lines)
    places = list(range(len(bars)))
    figure.add_bar(
        x=places,
        y=bars["share"].tolist(),
        # A single one is no wall.
        width=_BAR * min(len(bars), _FEW_BARS) / _FEW_BARS,
        marker={"color": fill, "line": {"width": 0}},
        error_y=whiskers(look, bars, 5),
        customdata=list(codes) or None,
        **on_hover(look, bars["told"]),
    )
    ends = reach(bars)
    top = max(float(ends.max()), 1e-6)
    figure.update_layout(
        annotations=[
            one
            for place, end, bar in zip(places, ends, bars.to_dict("records"), strict=True)
            for one in [
                *label(look, bar["text"], x=place, y=end, xanchor="center", yanchor="bottom", yshift=3),
                *label(
                    look,
                    bar["label"],
                    AXIS_TEXT,
                    x=place,
                    y=0,
                    xanchor="center",
                    yanchor="top",
                    yshift=-8,
                    font={"size": AXIS_TEXT, "color": look.colours.muted},
                ),
            ]
        ],
        shapes=[grid_line(look, y=0.0)],
    )
    figure.update_xaxes(range=look.across(-0.55, len(bars) - 0.45), showticklabels=False)
    figure.update_yaxes(range=[0, 1.02 * top], showticklabels=False)
    return figure
