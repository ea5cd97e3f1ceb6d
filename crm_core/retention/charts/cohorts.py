"""The mean of all cohorts, period by period, with its interval and the mark that a company has set."""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import (
    AXIS_TEXT,
    Look,
    band,
    benchmark_line,
    grid_line,
    label,
    on_hover,
    paper,
    steps,
)

_HEIGHT: Final = 320
_SEE_THROUGH: Final = 0.18
_MOST_LABELS: Final = 13


def mean_curve(rows: pd.DataFrame, benchmark: float | None, mark: str, look: Look) -> go.Figure:
    """Which share came back in each period after the first purchase, with the band of its 95 % interval.

    Args:
        rows: In order: `rate`, `low`, `high` (0 to 1), `few` (whether it rests on too few customers: an open
            mark), `name` (of the period, at the axis), `told` (on hover).
        benchmark: The share that the company has set for itself; None where it has set none.
        mark: Words at the line of the benchmark.
        look: How it looks.
    """
    colours = look.colours
    places = list(range(len(rows)))
    top = max(float(rows["high"].max()), benchmark or 0.0)
    lines = steps(0.0, min(1.05 * top, 1.0), 4)
    figure = paper(look, _HEIGHT, start=46, end=14, top=14, bottom=28)
    figure.add_scatter(**band(places, rows["low"], rows["high"], colours.accent, _SEE_THROUGH))
    figure.add_scatter(
        x=places,
        y=rows["rate"].tolist(),
        mode="lines+markers",
        line={"color": colours.accent, "width": 2.5},
        marker={
            "size": 7,
            "color": [colours.ground if few else colours.accent for few in rows["few"]],
            "line": {"color": colours.accent, "width": 1.5},
        },
        **on_hover(look, rows["told"]),
    )
    shapes = [grid_line(look, y=line) for line in lines]
    annotations: list[dict[str, object]] = []
    if benchmark is not None:
        shapes.append(benchmark_line(look, y=benchmark))
        annotations += label(
            look,
            mark,
            AXIS_TEXT,
            x=places[-1],
            y=benchmark,
            xanchor=look.end,
            yanchor="bottom",
            yshift=2,
            font={"size": AXIS_TEXT, "color": colours.warm},
        )
    figure.update_layout(shapes=shapes, annotations=annotations)
    every = -(-len(places) // _MOST_LABELS)
    figure.update_xaxes(
        range=look.across(-0.3, max(len(places) - 0.7, 0.3)),
        tickvals=places[::every],
        ticktext=rows["name"].tolist()[::every],
    )
    figure.update_yaxes(
        range=[0, 1.05 * top or 1.0],
        tickvals=lines,
        ticktext=[f"{look.percent(line)}  " for line in lines],
    )
    return figure
