"""How pictures look to the readers that tests draw for."""

from __future__ import annotations

import plotly.graph_objects as go

from crm_core.i18n import language
from crm_core.looks import AXIS_TEXT, Look
from crm_core.ui.plot import look

ENGLISH: Look = look(language("en"), "GBP", dark=False)
PERSIAN: Look = look(language("fa"), "GBP", dark=False)
DARK: Look = look(language("th"), "GBP", dark=True)
LOOKS = (ENGLISH, PERSIAN, DARK)


def sizes_of_text(figure: go.Figure) -> set[float]:
    """Every size of text in a figure, in pixels."""
    found: set[float] = set()

    def walk(part: object) -> None:
        if isinstance(part, dict):
            a_font = {"family", "color"} & part.keys() and not {"shape", "line"} & part.keys()
            if a_font and isinstance(part.get("size"), int | float):
                found.add(part["size"])
            for inner in part.values():
                walk(inner)
        elif isinstance(part, list | tuple):
            for inner in part:
                walk(inner)

    drawn = figure.to_dict()
    walk(drawn["layout"])
    for trace in drawn["data"]:
        walk(trace.get("textfont"))
    return found


def texts(figure: go.Figure) -> list[str]:
    """Every text of a figure without its invisible marks, as drawn."""
    drawn = [annotation.text for annotation in figure.layout.annotations]
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        drawn += list(axis.ticktext or ()) if axis.showticklabels is not False else []
    for trace in figure.data:
        drawn += list(trace.text) if trace.text is not None else []
    return [text.replace("\u2067", "").replace("\u2069", "").replace("\u2066", "") for text in drawn]


def keeps_the_rules(figure: go.Figure, reader: Look) -> None:
    """What holds for every picture: transparent, no legend, readable text, the reader's direction."""
    layout = figure.layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.showlegend is False
    assert layout.title.text is None
    assert min(sizes_of_text(figure)) >= AXIS_TEXT
    assert layout.yaxis.side == ("right" if reader.rtl else "left")
    low, high = layout.xaxis.range
    assert (low > high) == reader.rtl
    for trace in figure.data:
        assert trace.hoverinfo == "skip" or trace.hovertemplate == "%{hovertext}<extra></extra>"
