"""Pictures of the segments: their shares, the RFM grid, the whale curve, and who moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.customers.charts import (
    AXIS_TEXT,
    FEW_CUSTOMERS,
    MARK_TEXT,
    Look,
    grid_line,
    paper,
    row_labels,
    shade,
    text_on,
)

SCORES: Final = (1, 2, 3, 4, 5)

_NAMES_WIDTH: Final = 150


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
    height = 40 + round(54 * (places[-1] + 1)) if places else 60
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
            hovertext=rows[f"told_{measure}"].tolist(),
            hovertemplate="%{hovertext}",
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
            _key(measures, fills, look),
        ],
        shapes=[grid_line(look, y=place - 0.28) for place, _ in headings[1:]],
    )
    return figure


def _places(rows: pd.DataFrame) -> tuple[list[float], list[tuple[float, str]]]:
    """Where each segment stands from the top, and where the heading of each strategy."""
    places: list[float] = []
    headings: list[tuple[float, str]] = []
    at = 0.0
    for heading in rows["strategy"]:
        if heading:
            headings.append((at - 0.32 if places else at - 0.5, heading))
            at += 0.45 if places else 0.1
        places.append(at)
        at += 1.0
    return places, headings


def _key(measures: Mapping[str, str], fills: Mapping[str, str], look: Look) -> dict[str, object]:
    """What the bars of every row are, in their order and colours, above the first row."""
    squares = [f'<span style="color:{fills[name]}">■</span>' for name in measures]
    words = [
        f"{word} {square}" if look.rtl else f"{square} {word}"
        for word, square in zip(measures.values(), squares, strict=True)
    ]
    return {
        "x": 1 if look.rtl else 0,
        "xref": "paper",
        "xanchor": look.start,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 4,
        "text": "   ".join(reversed(words) if look.rtl else words),
        "showarrow": False,
        "font": {"size": AXIS_TEXT, "color": look.colours.muted},
    }


def rfm_grid(cells: pd.DataFrame, names: Mapping[str, str], ends: Mapping[str, str], look: Look) -> go.Figure:
    """Customers by recency and value score: a square each, the darker the more money, framed by segment.

    Args:
        cells: One row for each of the 25 cells: `r_score`, `value_score`, `segment`, `customers`, `revenue`,
            `told` (on hover), `code` (what a click means).
        names: The segments in the reader's words, with `<br>` where a narrow square needs it.
        ends: Words at the ends of the axes: `recent`, `long_ago`, `little`, `much`.
        look: How it looks.
    """
    colours = look.colours
    most = max(float(cells["revenue"].max()), 1.0)
    fills = [shade((max(amount, 0.0) / most) ** 0.5, colours.amounts) for amount in cells["revenue"]]
    fills = [fill if count else colours.ground for fill, count in zip(fills, cells["customers"], strict=True)]
    few = (cells["customers"] > 0) & (cells["customers"] < FEW_CUSTOMERS)
    figure = paper(look, 452, start=58, end=2, top=4, bottom=44)
    figure.add_bar(
        x=cells["value_score"].tolist(),
        y=[1.0] * len(cells),
        base=(cells["r_score"] - 0.5).tolist(),
        width=1.0,
        marker={
            "color": fills,
            "line": {"width": 1, "color": colours.ground},
            "pattern": {
                "shape": ["/" if hatched else "" for hatched in few],
                "fillmode": "replace",
                "fgcolor": colours.muted,
                "bgcolor": colours.ground,
                "size": 6,
                "solidity": 0.3,
            },
        },
        customdata=cells["code"].tolist(),
        hovertext=cells["told"].tolist(),
        hovertemplate="%{hovertext}",
    )
    figure.update_layout(
        annotations=[*_counts(cells, fills, few, look), *_segment_names(cells, fills, names, look)],
        shapes=_borders(cells, look),
        bargap=0,
    )
    figure.update_xaxes(
        range=look.across(0.5, 5.5),
        tickvals=list(SCORES),
        ticktext=[_scored(score, {1: ends["little"], 5: ends["much"]}, look) for score in SCORES],
    )
    figure.update_yaxes(
        range=[0.49, 5.51],
        tickvals=list(SCORES),
        ticktext=[f"{_scored(score, {1: ends['long_ago'], 5: ends['recent']}, look)}  " for score in SCORES],
    )
    return figure


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
    cells: pd.DataFrame, fills: list[str], names: Mapping[str, str], look: Look
) -> list[dict[str, object]]:
    """The name of each segment in the first square of its upper row."""
    placed = cells.assign(fill=fills).sort_values(["r_score", "value_score"], ascending=[False, True])
    first = placed.drop_duplicates("segment")
    return [
        {
            "x": cell["value_score"] - 0.42,
            "xanchor": look.start,
            "y": cell["r_score"] + 0.44,
            "yanchor": "top",
            "align": look.start,
            "text": names[cell["segment"]],
            "showarrow": False,
            "font": {"size": AXIS_TEXT, "color": text_on(cell["fill"], look)},
            "captureevents": False,
        }
        for cell in first.to_dict("records")
    ]


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


def whale_curve(curve: pd.DataFrame, classes: pd.DataFrame, even: str, look: Look) -> go.Figure:
    """The share of all value that growing shares of customers bring, the best first, with A, B and C marked.

    Args:
        curve: In order: `customer_share`, `value_share` (0 to 1), `told` (on hover), `code` (what a
            click means).
        classes: From A to C: `customer_share`, `value_share`, `name` (one letter), `label` (what it brings),
            `told`, `code`.
        even: Words beside the line on which every customer would bring the same.
        look: How it looks.
    """
    colours = look.colours
    figure = paper(look, 340, start=50, end=14, top=14, bottom=34)
    figure.add_scatter(
        x=[0.0, 1.0],
        y=[0.0, 1.0],
        mode="lines",
        line={"color": colours.muted, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[0.0, *curve["customer_share"]],
        y=[0.0, *curve["value_share"]],
        mode="lines",
        line={"color": colours.accent, "width": 2.5},
        customdata=[curve["code"].iloc[0], *curve["code"]],
        hovertext=["", *curve["told"]],
        hovertemplate="%{hovertext}",
    )
    ends = classes.assign(x=classes["customer_share"].cumsum(), y=classes["value_share"].cumsum()).iloc[:-1]
    figure.add_scatter(
        x=ends["x"].tolist(),
        y=ends["y"].tolist(),
        mode="markers",
        marker={"size": 9, "color": colours.accent, "line": {"color": colours.ground, "width": 2}},
        customdata=ends["code"].tolist(),
        hovertext=ends["told"].tolist(),
        hovertemplate="%{hovertext}",
    )
    top = max(1.0, float(curve["value_share"].max()))
    figure.update_layout(
        shapes=[
            *(grid_line(look, y=line) for line in (0.5, 0.8, 1.0)),
            *(_drop(row["x"], row["y"], look) for row in ends.to_dict("records")),
        ],
        annotations=[*_class_labels(classes, look), _even(even, look)],
    )
    figure.update_xaxes(
        range=look.across(0, 1.002),
        tickvals=[0.25, 0.5, 0.75, 1],
        ticktext=[look.percent(share) for share in (0.25, 0.5, 0.75, 1)],
    )
    figure.update_yaxes(
        range=[min(0.0, float(curve["value_share"].min())), 1.03 * top],
        tickvals=[0.5, 0.8, 1],
        ticktext=[f"{look.percent(share)}  " for share in (0.5, 0.8, 1)],
    )
    return figure


def _drop(x: float, y: float, look: Look) -> dict[str, object]:
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": y,
        "line": {"color": look.colours.accent, "width": 1, "dash": "dot"},
    }


def _class_labels(classes: pd.DataFrame, look: Look) -> list[dict[str, object]]:
    """Each class in the middle of its stretch at the foot, and what A brings where its stretch ends."""
    middles = classes["customer_share"].cumsum() - classes["customer_share"] / 2
    return [
        {
            "x": middle,
            "y": 0,
            "yanchor": "bottom",
            "yshift": 2,
            "text": f"<b>{letter}</b>",
            "showarrow": False,
            "font": {"size": MARK_TEXT, "color": look.colours.ink},
        }
        for middle, letter in zip(middles, classes["name"], strict=True)
    ] + [
        {
            "x": share,
            "y": value,
            "xanchor": look.start,
            "yanchor": "top",
            "xshift": -8 if look.rtl else 8,
            "yshift": -4,
            "align": look.start,
            "text": text,
            "showarrow": False,
            "font": {"size": MARK_TEXT, "color": look.colours.ink},
        }
        for share, value, text in zip(
            classes["customer_share"].cumsum(), classes["value_share"].cumsum(), classes["label"], strict=True
        )
        if text
    ]


def _even(text: str, look: Look) -> dict[str, object]:
    return {
        "x": 0.62,
        "y": 0.6,
        "xanchor": look.start,
        "yanchor": "top",
        "text": text,
        "showarrow": False,
        "font": {"size": AXIS_TEXT, "color": look.colours.muted},
    }


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
    figure = paper(look, 20 + 44 * max(len(rows), 1), start=_NAMES_WIDTH, end=52)
    figure.add_bar(
        orientation="h",
        y=places,
        x=rows["customers"].tolist(),
        width=0.5,
        marker={"color": [fills[way] for way in rows["way"]], "line": {"width": 0}},
        text=rows["text"].tolist(),
        textposition="outside",
        textfont={"size": MARK_TEXT, "color": colours.ink},
        constraintext="none",
        cliponaxis=False,
        customdata=rows["code"].tolist(),
        hovertext=rows["told"].tolist(),
        hovertemplate="%{hovertext}",
    )
    figure.update_xaxes(
        range=look.across(0, 1.02 * max(float(rows["customers"].max()), 1.0)), showticklabels=False
    )
    figure.update_yaxes(range=[len(rows) - 0.5, -0.5], showticklabels=False)
    figure.update_layout(annotations=row_labels(look, rows["label"].tolist(), places, _NAMES_WIDTH))
    return figure
