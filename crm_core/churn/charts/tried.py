"""How well it was foretold who leaves: expected against actual, and the lift, by tenth of customers."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import (
    AXIS_TEXT,
    MARK_TEXT,
    Look,
    benchmark_line,
    grid_line,
    label,
    on_hover,
    paper,
    square,
    steps,
    whiskers,
)

_HEIGHT: Final = 300
_UNDER_THE_WORDS: Final = 3
"""Bars that the words at the line stand over."""
_NEARLY_ALL: Final = 0.85
_TEXT_OF_HEIGHT: Final = 0.1
"""Of the highest bar, what the number above a bar takes."""


def calibration(rows: pd.DataFrame, names: tuple[str, str], look: Look) -> go.Figure:
    """The share that was expected to leave and the share that left, by tenth of customers.

    Args:
        rows: The highest scores first: `expected`, `actual`, `low`, `high` (0 to 1), `label` (under the
            mark), `told` (on hover).
        names: What expected and actual are called.
        look: How it looks.
    """
    colours, places = look.colours, list(range(len(rows)))
    figure = paper(look, _HEIGHT, start=52, end=10, top=34, bottom=30)
    told = on_hover(look, rows["told"])
    figure.add_scatter(
        x=places,
        y=rows["actual"].tolist(),
        mode="markers",
        marker={"size": 9, "color": colours.accent, "line": {"width": 0}},
        error_y=whiskers(look, rows.assign(share=rows["actual"])),
        **told,
    )
    stroke = {"color": colours.warm, "width": 3}
    figure.add_scatter(
        x=places,
        y=rows["expected"].tolist(),
        mode="markers",
        marker={"symbol": "line-ew", "size": 22, "color": colours.warm, "line": stroke},
        **told,
    )
    high = max(float(rows["high"].max()), float(rows["expected"].max()), 0.01)
    # Where nearly all leave, the line of all is drawn too.
    grid = steps(0.0, 1.0 if high > _NEARLY_ALL else high)
    figure.update_layout(shapes=[grid_line(look, y=one) for one in grid], annotations=_key(names, look))
    _tenths(figure, rows, look)
    figure.update_yaxes(
        range=[0, max(1.04 * high, grid[-1])],
        tickvals=grid,
        ticktext=[f"{look.percent(one)}  " for one in grid],
    )
    return figure


def _key(names: tuple[str, str], look: Look) -> list[dict[str, object]]:
    """What is expected and what came, above the picture, where lines end."""
    inks = (look.colours.warm, look.colours.accent)
    marks = "   ".join(f"{square(ink)} {name}" for ink, name in zip(inks, names, strict=True))
    where: dict[str, Any] = {"x": 0 if look.rtl else 1, "xref": "paper", "xanchor": look.end}
    return label(look, marks, y=1, yref="paper", yanchor="bottom", yshift=8, **where)


def lift(rows: pd.DataFrame, average: str, look: Look) -> go.Figure:
    """How many times as many left as among all, by tenth of customers.

    Args:
        rows: The highest scores first: `lift`, `low`, `high`, `label` (under the bar), `text` (above it),
            `told` (on hover).
        average: Words at the line where as many left as among all.
        look: How it looks.
    """
    colours = look.colours
    figure = paper(look, _HEIGHT, start=8, end=8, top=26, bottom=30)
    figure.add_bar(
        x=list(range(len(rows))),
        y=rows["lift"].tolist(),
        width=0.72,
        marker={
            "color": [colours.accent if one > 1 else colours.grey for one in rows["lift"]],
            "line": {"width": 0},
        },
        error_y=whiskers(look, rows.assign(share=rows["lift"])),
        **on_hover(look, rows["told"]),
    )
    high = max(float(rows["high"].max()), 1.0)
    figure.update_layout(
        shapes=[benchmark_line(look, y=1.0)],
        annotations=[*_above_bars(rows, look), *_at_the_line(rows, average, high, look)],
    )
    _tenths(figure, rows, look)
    figure.update_yaxes(range=[0, 1.1 * high], showticklabels=False)
    return figure


def _above_bars(rows: pd.DataFrame, look: Look) -> list[dict[str, object]]:
    where: dict[str, Any] = {"yanchor": "bottom", "bgcolor": look.colours.ground, "borderpad": 0}
    return [
        one
        for place, (text, above) in enumerate(zip(rows["text"], rows["high"], strict=True))
        for one in label(look, text, MARK_TEXT, x=place, y=float(above), yshift=2, **where)
    ]


def _at_the_line(rows: pd.DataFrame, words: str, high: float, look: Look) -> list[dict[str, object]]:
    """Words where they do not cover the last bars or what stands above them."""
    last = float(rows["high"].tail(_UNDER_THE_WORDS).max())
    below = last + _TEXT_OF_HEIGHT * high < 1
    return label(
        look,
        words,
        AXIS_TEXT,
        x=len(rows) - 0.5,
        y=1.0 if below else max(1.0, last),
        xanchor=look.end,
        yanchor="bottom",
        yshift=3 if below else 22,
        font={"size": AXIS_TEXT, "color": look.colours.warm},
    )


def _tenths(figure: go.Figure, rows: pd.DataFrame, look: Look) -> None:
    figure.update_xaxes(
        range=look.across(-0.5, len(rows) - 0.5),
        tickvals=list(range(len(rows))),
        ticktext=rows["label"].tolist(),
        tickangle=0,
    )
