"""The repeat ladder: from purchase to purchase, and from the first to the second by group."""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import MARK_TEXT, Look, label, paper, row_labels
from crm_core.retention.charts.survival import shortened, whiskered

_NAMES_WIDTH: Final = 140
_TEXT_WIDTH: Final = 52
_LETTERS: Final = 18


def ladder_bars(rungs: pd.DataFrame, look: Look) -> go.Figure:
    """The share that comes back from each purchase to the next, as upright bars with whiskers.

    Args:
        rungs: From the first purchase on: `label`, `share`, `low`, `high` (0 to 1), `text` (at the mark),
            `told` (on hover), `code` (what a click means).
        look: How it looks.
    """
    return whiskered(rungs, look.colours.accent, look, codes=rungs["code"].tolist())


def group_bars(groups: pd.DataFrame, look: Look) -> go.Figure:
    """The share of each group that comes back for a second purchase, as horizontal bars with whiskers.

    Args:
        groups: In order from above: `label`, `share`, `low`, `high` (0 to 1), `text`, `told`.
        look: How it looks.
    """
    places = list(range(len(groups)))
    figure = paper(look, 24 + 36 * len(groups), start=_NAMES_WIDTH, end=_TEXT_WIDTH)
    figure.add_bar(
        orientation="h",
        y=places,
        x=groups["share"].tolist(),
        width=0.5,
        marker={"color": look.colours.accent, "line": {"width": 0}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": (groups["high"] - groups["share"]).clip(lower=0).tolist(),
            "arrayminus": (groups["share"] - groups["low"]).clip(lower=0).tolist(),
            "color": look.colours.ink,
            "thickness": 1.25,
            "width": 4,
        },
        hovertext=[look.line(told) for told in groups["told"]],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure.update_xaxes(
        range=look.across(0, 1.02 * max(float(groups["high"].max()), 1e-6)), showticklabels=False
    )
    figure.update_yaxes(range=[len(groups) - 0.5, -0.5], showticklabels=False)
    marks = [
        one
        for place, group in zip(places, groups.to_dict("records"), strict=True)
        for one in label(
            look,
            group["text"],
            MARK_TEXT,
            x=group["high"],
            y=place,
            xanchor=look.start,
            yanchor="middle",
            xshift=-8 if look.rtl else 8,
        )
    ]
    names = [
        "<br>".join(shortened(line, _LETTERS) for line in text.split("<br>")) for text in groups["label"]
    ]
    figure.update_layout(annotations=[*row_labels(look, names, places, _NAMES_WIDTH), *marks])
    return figure
