"""The repeat ladder: from purchase to purchase, and from the first to the second by group."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import Look, on_hover, whiskers
from crm_core.retention.charts.rows import row_paper, row_texts
from crm_core.retention.charts.survival import whiskered


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
    figure = row_paper(len(groups), 36, look, foot=24, top=8)
    figure.add_bar(
        orientation="h",
        y=list(range(len(groups))),
        x=groups["share"].tolist(),
        width=0.5,
        marker={"color": look.colours.accent, "line": {"width": 0}},
        error_x=whiskers(look, groups),
        **on_hover(look, groups["told"]),
    )
    figure.update_layout(annotations=row_texts(figure, groups, look))
    return figure
