"""Who moved between segments, as it is shown."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import pandas as pd

from crm_core.looks import Look
from crm_core.periods import day_of
from crm_core.segments.answers import Movement, Segments
from crm_core.segments.charts import moves
from crm_core.ui.behind import NOT_YET
from crm_core.ui.plot import behind_row, follow
from crm_core.ui.report import Column, Picture, Table, definition
from crm_core.ui.segments.phrases import since
from crm_core.ui.shell import Reader

MOVES_SHOWN: Final = 6

_ARROWS: Final = {"up": "▲ ", "down": "▼ ", "new": ""}


def moves_picture(reader: Reader, found: Segments, look: Look) -> Picture | None:
    """Who moved from segment to segment; None where nobody did or the base cannot tell."""
    if not found.movements or found.since is None:
        return None
    since_day = day_of(found.since)
    counted = {
        way: sum(one.customers for one in found.movements if one.way == way) for way in ("up", "down", "new")
    }
    rows = pd.DataFrame([_move_row(reader, one, look, since_day) for one in found.movements])
    # Newcomers come from no segment: the title counts them, and the bars show who went up and who slipped.
    between = rows[rows["way"] != "new"]
    return Picture(
        name="movements",
        title=reader.say("segments.moves.title", date=since(reader, found), **counted),
        subtitle=reader.say("segments.moves.subtitle"),
        figure=moves((rows if between.empty else between).head(MOVES_SHOWN), look),
        n=reader.say("picture.n_customers", count=found.customers),
        definition=definition(reader, reader.say("segments.moves.definition")),
        table=Table(
            rows,
            {
                "before": Column(reader.say("segments.moves.before")),
                "now": Column(reader.say("segments.moves.now")),
                "customers": Column(reader.say("column.customers"), "count"),
                "revenue": Column(reader.say("column.revenue"), "money"),
            },
            found.currency,
        ),
        on_click=lambda point: follow(reader, point),
        leads_to=behind_row,
    )


def _move_row(reader: Reader, one: Movement, look: Look, since_day: int) -> dict[str, object]:
    state = {"segment": one.now, "from": one.before or NOT_YET, "since": str(since_day)}
    before = reader.say("segments.moves.not_yet" if one.before is None else f"segment.{one.before}")
    now = reader.say(f"segment.{one.now}")
    to = reader.say("segments.moves.to", segment=now)
    return {
        "before": before,
        "now": now,
        "label": f"{before}<br>{to}",
        "address": reader.link("customer", **state),
        "customers": one.customers,
        "revenue": one.revenue,
        "way": one.way,
        "text": _ARROWS[one.way] + look.number(one.customers),
        "told": reader.say(
            "segments.moves.told", before=before, now=now, count=one.customers, amount=look.money(one.revenue)
        ),
        "code": urlencode(state),
    }
