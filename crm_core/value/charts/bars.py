"""Bars: the share of expected value that each tenth of customers brings."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import MARK_TEXT, Look, on_hover, paper, reach, whiskers


def tenths(rows: pd.DataFrame, look: Look) -> go.Figure:
    """The share of all expected value by tenth of customers, the best first.

    Args:
        rows: `share` (0 to 1) with `low` and `high`, `label` (under the bar), `text` (at the mark), `told`
            (on hover), `code` (what a click means).
        look: How it looks.
    """
    colours = look.colours
    places = list(range(len(rows)))
    figure = paper(look, 280, top=24, bottom=30)
    figure.add_bar(
        x=places,
        y=rows["share"].tolist(),
        width=0.72,
        marker={"color": [colours.accent, *[colours.grey] * (len(rows) - 1)], "line": {"width": 0}},
        error_y=whiskers(look, rows),
        customdata=rows["code"].tolist(),
        **on_hover(look, rows["told"]),
    )
    figure.add_scatter(
        x=places,
        y=reach(rows).tolist(),
        mode="text",
        text=[look.line(text) for text in rows["text"]],
        textposition="top center",
        textfont={"size": MARK_TEXT, "color": colours.ink},
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(
        range=look.across(-0.5, len(rows) - 0.5), tickvals=places, ticktext=rows["label"].tolist()
    )
    figure.update_yaxes(range=[0, 1.08 * max(float(reach(rows).max()), 0.01)], showticklabels=False)
    return figure
