"""The RFM grid: a square for each pair of scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import (
    AXIS_TEXT,
    FEW_CUSTOMERS,
    Look,
    label,
    linked,
    on_hover,
    paper,
    row_labels,
    shades,
    text_on,
)

SCORES: Final = (1, 2, 3, 4, 5)

_SCORES_WIDTH: Final = 52


def rfm_grid(
    cells: pd.DataFrame,
    names: Mapping[str, str],
    addresses: Mapping[str, str],
    ends: Mapping[str, str],
    look: Look,
) -> go.Figure:
    """Customers by recency and value score: a square each, the darker the more money, framed by segment.

    Args:
        cells: One row for each of the 25 cells: `r_score`, `value_score`, `segment`, `customers`, `revenue`,
            `told` (on hover), `code` (what a click means).
        names: The segments in the reader's words, with `<br>` where a narrow square needs it.
        addresses: Where each segment's name leads.
        ends: Words at the ends of the axes: `recent`, `long_ago`, `little`, `much`.
        look: How it looks.
    """
    most = max(float(cells["revenue"].max()), 1.0)
    ramp = shades(look)
    fills = [ramp[round((max(amount, 0.0) / most) ** 0.5 * (len(ramp) - 1))] for amount in cells["revenue"]]
    fills = [
        fill if count else look.colours.ground for fill, count in zip(fills, cells["customers"], strict=True)
    ]
    few = (cells["customers"] > 0) & (cells["customers"] < FEW_CUSTOMERS)
    figure = paper(look, 496, start=_SCORES_WIDTH, end=2, top=4, bottom=44)
    figure.add_bar(
        x=cells["value_score"].tolist(),
        y=[1.0] * len(cells),
        base=(cells["r_score"] - 0.5).tolist(),
        width=1.0,
        marker=_squares(fills, few, look),
        customdata=cells["code"].tolist(),
        **on_hover(look, cells["told"]),
    )
    upward = [_scored(score, {1: ends["long_ago"], 5: ends["recent"]}, look) for score in SCORES]
    figure.update_layout(
        annotations=[
            *_counts(cells, fills, few, look),
            *_segment_names(cells, fills, names, addresses, look),
            *row_labels(look, upward, SCORES, _SCORES_WIDTH, AXIS_TEXT),
        ],
        shapes=_borders(cells, look),
        bargap=0,
    )
    figure.update_xaxes(
        range=look.across(0.5, 5.5),
        tickvals=list(SCORES),
        ticktext=[_scored(score, {1: ends["little"], 5: ends["much"]}, look) for score in SCORES],
    )
    figure.update_yaxes(range=[0.49, 5.51], showticklabels=False)
    return figure


def _squares(fills: list[str], few: pd.Series, look: Look) -> dict[str, object]:
    """How the squares look, hatched where customers are few."""
    ground = look.colours.ground
    return {
        "color": fills,
        "line": {"width": 1, "color": ground},
        "pattern": {
            "shape": ["/" if hatched else "" for hatched in few],
            "fillmode": "replace",
            "fgcolor": look.colours.muted,
            "bgcolor": ground,
            "size": 6,
            "solidity": 0.3,
        },
    }


def _scored(score: int, words: Mapping[int, str], look: Look) -> str:
    number = look.number(score)
    return f"{number}<br>{words[score]}" if score in words else number


def _counts(cells: pd.DataFrame, fills: list[str], few: pd.Series, look: Look) -> list[dict[str, object]]:
    """How many customers, in the corner of each square."""
    return [
        {
            "x": cell["value_score"] + 0.42,
            "xanchor": look.end,
            "y": cell["r_score"] - 0.44,
            "yanchor": "bottom",
            "text": look.compact(cell["customers"]) if cell["customers"] else "·",
            "showarrow": False,
            "font": {"size": 14, "color": text_on(look.colours.ground if hatched else fill, look)},
            "captureevents": False,
        }
        for cell, fill, hatched in zip(cells.to_dict("records"), fills, few, strict=True)
    ]


def _segment_names(
    cells: pd.DataFrame,
    fills: list[str],
    names: Mapping[str, str],
    addresses: Mapping[str, str],
    look: Look,
) -> list[dict[str, object]]:
    """The name of each segment in the first square of its upper row."""
    placed = cells.assign(fill=fills).sort_values(["r_score", "value_score"], ascending=[False, True])
    first = placed.drop_duplicates("segment").to_dict("records")
    return [
        one
        for cell in first
        for one in label(
            look,
            linked(
                names[cell["segment"]], addresses[cell["segment"]], _underlined(text_on(cell["fill"], look))
            ),
            AXIS_TEXT,
            x=cell["value_score"] - 0.5,
            xanchor=look.start,
            xshift=-3 if look.rtl else 3,
            y=cell["r_score"] + 0.44,
            yanchor="top",
            font={"size": AXIS_TEXT, "color": text_on(cell["fill"], look)},
        )
    ]


def _underlined(colour: str) -> str:
    return f"color:{colour};text-decoration:underline"


def _borders(cells: pd.DataFrame, look: Look) -> list[dict[str, object]]:
    """Lines between squares of different segments, and around them all."""
    segment = {(cell["r_score"], cell["value_score"]): cell["segment"] for cell in cells.to_dict("records")}
    lines = []
    for (row, column), name in segment.items():
        if segment.get((row, column + 1)) != name:
            lines.append((column + 0.5, row - 0.5, column + 0.5, row + 0.5))
        if segment.get((row + 1, column)) != name:
            lines.append((column - 0.5, row + 0.5, column + 0.5, row + 0.5))
    edges = [(0.5, 0.5, 5.5, 0.5), (0.5, 0.5, 0.5, 5.5)]
    return [
        {
            "type": "line",
            "x0": x0,
            "y0": y0,
            "x1": x1,
            "y1": y1,
            "line": {"color": look.colours.ink, "width": 1.5},
        }
        for x0, y0, x1, y1 in [*lines, *edges]
    ]
