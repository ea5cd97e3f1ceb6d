"""Forecasts against what came: by tenth of customers, and as time went on."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import Look, grid_line, label, on_hover, paper, square, steps

_APART: Final = 0.07
"""Share of the height that two labels at the end of lines keep between them."""


def calibration(rows: pd.DataFrame, names: tuple[str, str], look: Look) -> go.Figure:
    """Purchases per customer as forecast and as they came, customers in tenths by their forecast.

    Args:
        rows: The highest forecasts first: `expected`, `actual`, `label` (under the mark), `told` (on hover).
        names: What forecast and outcome are called.
        look: How it looks.
    """
    return _drawn(rows, names, look, mode="lines+markers")


def course(rows: pd.DataFrame, names: tuple[str, str], look: Look) -> go.Figure:
    """Purchases as forecast and as they came, step by step after the last day that was known.

    Args:
        rows: The earliest first: `expected`, `actual`, `label` (under the mark; empty for none), `told` (on
            hover).
        names: What forecast and outcome are called.
        look: How it looks.
    """
    return _drawn(rows, names, look, mode="lines")


def _drawn(rows: pd.DataFrame, names: tuple[str, str], look: Look, *, mode: str) -> go.Figure:
    """What came as a line, and what had been forecast as a dashed one."""
    colours = look.colours
    places = list(range(len(rows)))
    figure = paper(look, 280, start=48, end=104, top=12, bottom=30)
    lines = {"expected": (colours.muted, "dash"), "actual": (colours.accent, "solid")}
    for name, (colour, dash) in lines.items():
        figure.add_scatter(
            x=places,
            y=rows[name].tolist(),
            mode=mode,
            line={"color": colour, "width": 2.5 if name == "actual" else 2, "dash": dash},
            marker={"size": 7, "color": colour, "line": {"width": 0}},
            **on_hover(look, rows["told"]),
        )
    high = max(float(rows["expected"].max()), float(rows["actual"].max()), 1e-9)
    grid = steps(0.0, high)
    figure.update_layout(
        shapes=[grid_line(look, y=one) for one in grid],
        annotations=_ends(
            rows,
            {
                line: f"{square(colour)} {name}"
                for (line, (colour, _)), name in zip(lines.items(), names, strict=True)
            },
            high,
            look,
        ),
    )
    figure.update_xaxes(
        range=look.across(-0.4, len(rows) - 0.6),
        tickvals=[place for place, text in enumerate(rows["label"]) if text],
        ticktext=[text for text in rows["label"] if text],
        tickangle=0,
    )
    figure.update_yaxes(
        range=[0, 1.04 * high], tickvals=grid, ticktext=[f"{look.compact(one)}  " for one in grid]
    )
    return figure


def _ends(rows: pd.DataFrame, names: dict[str, str], high: float, look: Look) -> list[dict[str, object]]:
    """The name of each line where it ends, apart where they would touch."""
    where: dict[str, Any] = {
        "x": len(rows) - 1,
        "xanchor": look.start,
        "xshift": -8 if look.rtl else 8,
        "yanchor": "middle",
    }
    last = {name: float(rows[name].to_numpy()[-1]) for name in names}
    lower, upper = sorted(last, key=lambda name: last[name])
    below = min(last[lower], (1 - _APART) * high)
    places = {lower: below, upper: max(last[upper], below + _APART * high)}
    return [one for name, text in names.items() for one in label(look, text, y=places[name], **where)]
