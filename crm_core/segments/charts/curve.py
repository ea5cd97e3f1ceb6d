"""The whale curve with A, B and C."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import AXIS_TEXT, Look, grid_line, label, on_hover, paper


def whale_curve(curve: pd.DataFrame, classes: pd.DataFrame, even: str, look: Look) -> go.Figure:
    """The share of all value that growing shares of customers bring, the best first, with A, B and C marked.

    Args:
        curve: In order: `customer_share`, `value_share` (0 to 1), `told` (on hover), `code` (what a
            click means).
        classes: From A to C: `customer_share`, `value_share`, `name` (one letter), `told`, `code`.
        even: Words beside the line on which every customer would bring the same.
        look: How it looks.
    """
    colours = look.colours
    figure = paper(look, 376, start=50, end=14, top=14, bottom=34)
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
        mode="lines+markers",
        line={"color": colours.accent, "width": 2.5},
        marker={"size": 9, "color": "rgba(0,0,0,0)", "line": {"width": 0}},
        customdata=[curve["code"].iloc[0], *curve["code"]],
        **on_hover(look, ["", *curve["told"]]),
    )
    ends = classes.assign(x=classes["customer_share"].cumsum(), y=classes["value_share"].cumsum()).iloc[:-1]
    figure.add_scatter(
        x=ends["x"].tolist(),
        y=ends["y"].tolist(),
        mode="markers",
        marker={"size": 9, "color": colours.accent, "line": {"color": colours.ground, "width": 2}},
        customdata=ends["code"].tolist(),
        **on_hover(look, ends["told"]),
    )
    top = max(1.0, float(curve["value_share"].max()))
    figure.update_layout(
        shapes=[
            *(grid_line(look, y=line) for line in (0.5, 0.8, 1.0)),
            *(_drop(row["x"], row["y"], look) for row in ends.to_dict("records")),
        ],
        annotations=[*_class_labels(classes, look), *_even(even, look)],
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
    """Each class in the middle of its stretch at the foot."""
    middles = classes["customer_share"].cumsum() - classes["customer_share"] / 2
    return [
        one
        for middle, name, share in zip(middles, classes["name"], classes["customer_share"], strict=True)
        if share
        for one in label(look, f"<b>{name}</b>", x=middle, y=0, yanchor="bottom", yshift=2)
    ]


def _even(text: str, look: Look) -> list[dict[str, object]]:
    muted = {"size": AXIS_TEXT, "color": look.colours.muted}
    ground = look.colours.ground
    return label(
        look, text, AXIS_TEXT, x=0.98, y=0.46, xanchor=look.end, yanchor="top", font=muted, bgcolor=ground
    )
