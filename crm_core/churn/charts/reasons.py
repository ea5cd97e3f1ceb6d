"""Bars across: what raises and lowers a risk, and which features are no longer what was learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import AXIS_TEXT, MARK_TEXT, Look, grid_line, label, paper, row_labels

_NAMES_WIDTH: Final = 168
_LETTERS: Final = 25
_LINES: Final = 2
_TEXT_WIDTH: Final = 56
_ROW: Final = 38
_LEAST_DRIFT: Final = 0.3
"""The axis of drift is at least so long, that little does not look like much."""


def reasons(rows: pd.DataFrame, look: Look) -> go.Figure:
    """What raises the risk of leaving, onward from the middle, and what lowers it, back from it.

    Args:
        rows: In order from above: `label` (the reason), `value` (above 0 raises), `text` (at the mark, with
            its sign), `told` (on hover).
        look: How it looks.
    """
    colours = look.colours
    figure = paper(look, 16 + _ROW * len(rows), start=_NAMES_WIDTH, end=8)
    raises = [value > 0 for value in rows["value"]]
    _bars(figure, rows, [colours.warm if up else colours.accent for up in raises], look)
    reach = max(float(rows["value"].abs().max()), 1e-9)
    low = -reach if not all(raises) else 0.0
    high = reach if any(raises) else 0.0
    room = 0.3 * (high - low)
    figure.update_xaxes(
        range=look.across(low - (room if low else 0), high + (room if high else 0)), showticklabels=False
    )
    _below_each_other(figure, rows, look, [grid_line(look, x=0.0)], [])
    return figure


def drift(rows: pd.DataFrame, limits: Sequence[tuple[float, str]], look: Look) -> go.Figure:
    """By how much each feature is spread otherwise than when it was learnt from.

    Args:
        rows: In order from above: `label`, `value` (stability index, 0 or more), `text` (at the mark), `told`
            (on hover).
        limits: Where it begins to matter, and where it matters much; with words at each.
        look: How it looks.
    """
    colours = look.colours
    figure = paper(look, 26 + 16 + _ROW * len(rows), start=_NAMES_WIDTH, end=_TEXT_WIDTH, top=26)
    inks = (colours.grey, colours.accent, colours.warm)
    passed = [sum(value > limit for limit, _ in limits) for value in rows["value"]]
    _bars(figure, rows, [inks[min(one, len(inks) - 1)] for one in passed], look)
    longest = max(float(rows["value"].max()), _LEAST_DRIFT)
    shapes, words = [grid_line(look, x=0.0)], []
    for limit, text in limits:
        dash: dict[str, Any] = {"color": colours.muted, "width": 1.5, "dash": "dash"}
        shapes.append({**grid_line(look, x=limit), "line": dash, "layer": "above"})
        words += label(
            look,
            text,
            AXIS_TEXT,
            x=limit,
            y=1,
            yref="paper",
            xanchor="center",
            yanchor="bottom",
            font={"size": AXIS_TEXT, "color": colours.muted},
        )
    figure.update_xaxes(range=look.across(0, 1.02 * longest), showticklabels=False)
    _below_each_other(figure, rows, look, shapes, words)
    return figure


def _bars(figure: go.Figure, rows: pd.DataFrame, inks: Sequence[str], look: Look) -> None:
    figure.add_bar(
        x=rows["value"].tolist(),
        y=list(range(len(rows))),
        orientation="h",
        width=0.62,
        marker={"color": list(inks), "line": {"width": 0}},
        hovertext=[look.line(told) for told in rows["told"]],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _below_each_other(
    figure: go.Figure,
    rows: pd.DataFrame,
    look: Look,
    shapes: Sequence[dict[str, object]],
    words: Sequence[dict[str, object]],
) -> None:
    """The rows from above, their names where lines begin, and the text of each at the end of its bar."""
    places = list(range(len(rows)))
    texts = [
        one
        for place, (text, value) in enumerate(zip(rows["text"], rows["value"], strict=True))
        for one in label(
            look,
            text,
            MARK_TEXT,
            x=float(value),
            y=place,
            xanchor=look.start if value >= 0 else look.end,
            bgcolor=look.colours.ground,
            borderpad=0,
            xshift=6 if (value >= 0) != look.rtl else -6,
        )
    ]
    names = row_labels(look, [_wrapped(one) for one in rows["label"]], places, _NAMES_WIDTH)
    figure.update_layout(shapes=list(shapes), annotations=[*names, *texts, *words])
    figure.update_yaxes(range=[len(rows) - 0.5, -0.5], showticklabels=False)


def _wrapped(text: str) -> str:
    """A name in no more lines than a row has room for."""
    lines = wrap(text, _LETTERS)
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], f"{lines[_LINES - 1][: _LETTERS - 1]}…"]
    return "<br>".join(lines)
