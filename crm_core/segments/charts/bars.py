"""Bars: the shares of the named segments, and the largest movements between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.customers.charts import AXIS_TEXT, MARK_TEXT, Look, grid_line, label, paper, row_labels, square

_NAMES_WIDTH: Final = 150
_MOVES_WIDTH: Final = 166


def shares(rows: pd.DataFrame, measures: Mapping[str, str], look: Look) -> go.Figure:
    """Segments under their strategies, each with its share of customers beside its share of money.

    Args:
        rows: From the top: `label` (name and, below it, size and change), `strategy` (heading above the first
            segment of a strategy, else empty), a column of shares for each measure, `told_…` for each measure
            (on hover), `code` (what a click means).
        measures: Columns of shares in the reader's words: customers, revenue and, where it is known, margin.
        look: How it looks.
    """
    colours = look.colours
    fills = dict(zip(measures, (colours.grey, colours.accent, colours.ink), strict=False))
    thick = 0.66 / len(measures)
    places, headings = _places(rows)
    height = 40 + round((28 + 11 * len(measures)) * (places[-1] + 1)) if places else 60
    figure = paper(look, height, start=_NAMES_WIDTH, end=30, top=30)
    most = max(float(rows[measure].max()) for measure in measures) or 1.0
    least = min(0.0, *(float(rows[measure].min()) for measure in measures))
    for number, (measure, fill) in enumerate(fills.items()):
        figure.add_bar(
            orientation="h",
            y=[place - 0.33 + thick * (number + 0.5) for place in places],
            x=rows[measure].tolist(),
            width=0.9 * thick,
            marker={"color": fill, "line": {"width": 0}},
            text=[look.percent(share) for share in rows[measure]],
            textposition="outside",
            textfont={"size": AXIS_TEXT, "color": colours.ink},
            constraintext="none",
            cliponaxis=False,
            customdata=rows["code"].tolist(),
            hovertext=[look.line(told) for told in rows[f"told_{measure}"]],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    figure.update_xaxes(range=look.across(1.16 * least, 1.16 * most), showticklabels=False)
    figure.update_yaxes(range=[(places[-1] if places else 0) + 0.6, -0.95], showticklabels=False)
    figure.update_layout(
        barmode="overlay",
        annotations=[
            *row_labels(look, rows["label"].tolist(), places, _NAMES_WIDTH),
            *row_labels(
                look, [f"<b>{text}</b>" for _, text in headings], [at for at, _ in headings], _NAMES_WIDTH
            ),
            *_key(measures, fills, look),
        ],
        shapes=[grid_line(look, y=place - 0.3) for place, _ in headings[1:]],
    )
    return figure


def _places(rows: pd.DataFrame) -> tuple[list[float], list[tuple[float, str]]]:
    """Where each segment stands from the top, and where the heading of each strategy."""
    places: list[float] = []
    headings: list[tuple[float, str]] = []
    at = 0.0
    for heading in rows["strategy"]:
        if heading:
            headings.append((at - 0.24 if places else at - 0.5, heading))
            at += 0.52 if places else 0.1
        places.append(at)
        at += 1.0
    return places, headings


def _key(measures: Mapping[str, str], fills: Mapping[str, str], look: Look) -> list[dict[str, object]]:
    """What the bars of every row are, in their order and colours, above the first row."""
    return label(
        look,
        "   ".join(f"{square(fills[name])} {words}" for name, words in measures.items()),
        AXIS_TEXT,
        x=1 if look.rtl else 0,
        xref="paper",
        xanchor=look.start,
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=4,
    )


def moves(rows: pd.DataFrame, look: Look) -> go.Figure:
    """The largest movements between segments, as horizontal bars.

    Args:
        rows: The largest first: `label` (from where, to where), `customers`, `way` (`up`, `down` or `new`),
            `text` (at the mark), `told` (on hover), `code` (what a click means).
        look: How it looks.
    """
    colours = look.colours
    fills = {"up": colours.accent, "down": colours.warm, "new": colours.ink}
    places = list(range(len(rows)))
    figure = paper(look, 20 + 44 * max(len(rows), 1), start=_MOVES_WIDTH, end=52)
    figure.add_bar(
        orientation="h",
        y=places,
        x=rows["customers"].tolist(),
        width=0.5,
        marker={"color": [fills[way] for way in rows["way"]], "line": {"width": 0}},
        text=[look.line(text) for text in rows["text"]],
        textposition="outside",
        textfont={"size": MARK_TEXT, "color": colours.ink},
        constraintext="none",
        cliponaxis=False,
        customdata=rows["code"].tolist(),
        hovertext=[look.line(told) for told in rows["told"]],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure.update_xaxes(
        range=look.across(0, 1.02 * max(float(rows["customers"].max()), 1.0)), showticklabels=False
    )
    figure.update_yaxes(range=[len(rows) - 0.5, -0.5], showticklabels=False)
    figure.update_layout(annotations=row_labels(look, rows["label"].tolist(), places, _MOVES_WIDTH))
    return figure
