"""Bars: the largest movements between segments."""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import MARK_TEXT, Look, linked, on_hover, paper, row_labels

_MOVES_WIDTH: Final = 166


def moves(rows: pd.DataFrame, look: Look) -> go.Figure:
    """The largest movements between segments, as horizontal bars.

    Args:
        rows: The largest first: `label` (from where, to where), `address` (where that leads), `customers`,
            `way` (`up`, `down` or `new`), `text` (at the mark), `told` (on hover), `code` (what a click
            means).
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
        **on_hover(look, rows["told"]),
    )
    figure.update_xaxes(
        range=look.across(0, 1.02 * max(float(rows["customers"].max()), 1.0)), showticklabels=False
    )
    figure.update_yaxes(range=[len(rows) - 0.5, -0.5], showticklabels=False)
    names = [
        linked(text, address, f"color:{colours.accent}")
        for text, address in zip(rows["label"], rows["address"], strict=True)
    ]
    figure.update_layout(annotations=row_labels(look, names, places, _MOVES_WIDTH))
    return figure
