"""Rows of marks with whiskers: a name at the side of each, and its share at its end."""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import MARK_TEXT, Look, label, paper, reach, row_labels

_NAMES_WIDTH: Final = 140
_TEXT_WIDTH: Final = 52
_LETTERS: Final = 18


def shortened(name: str, letters: int) -> str:
    """A name for which there is no more room than for so many letters."""
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def row_paper(rows: int, height: int, look: Look, *, foot: int, top: int) -> go.Figure:
    """An empty figure with room for so many rows, their names and the texts at their ends.

    Args:
        rows: How many.
        height: Of each, in pixels.
        look: How it looks.
        foot: Pixels for all else.
        top: Those of them above the rows.
    """
    return paper(look, foot + height * rows, start=_NAMES_WIDTH, end=_TEXT_WIDTH, top=top)


def row_texts(
    figure: go.Figure, rows: pd.DataFrame, look: Look, least: float = 0.0
) -> list[dict[str, object]]:
    """The axes of a figure of rows, and the annotations of their names and shares.

    Args:
        figure: With the marks of the rows, the first above.
        rows: In order from above: `label`, `share`, `low`, `high` (0 to 1), `text` (at the mark).
        look: How it looks.
        least: Where the axis begins.
    """
    places = list(range(len(rows)))
    ends = reach(rows)
    figure.update_xaxes(
        range=look.across(least, least + 1.02 * max(float(ends.max()) - least, 1e-6)), showticklabels=False
    )
    figure.update_yaxes(range=[len(rows) - 0.5, -0.5], showticklabels=False)
    names = ["<br>".join(shortened(line, _LETTERS) for line in text.split("<br>")) for text in rows["label"]]
    marks = [
        one
        for place, end, text in zip(places, ends, rows["text"], strict=True)
        for one in label(
            look,
            text,
            MARK_TEXT,
            x=end,
            y=place,
            xanchor=look.start,
            yanchor="middle",
            xshift=-8 if look.rtl else 8,
        )
    ]
    return [*row_labels(look, names, places, _NAMES_WIDTH), *marks]
