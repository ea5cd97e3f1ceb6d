"""What the members of each segment bring and cost, as it is shown."""

from __future__ import annotations

from urllib.parse import urlencode

from crm_core.looks import Look
from crm_core.loyalty.answers import Parts
from crm_core.segments.rules import SEGMENTS
from crm_core.ui.ahead import USUAL_GROUP
from crm_core.ui.groups import group_name
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.loyalty.parts import parts_table, shares_drawn
from crm_core.ui.loyalty.phrases import money_name
from crm_core.ui.plot import behind_row
from crm_core.ui.report import Picture, definition
from crm_core.ui.shell import Reader


def segments_picture(reader: Reader, found: Parts, chosen: Chosen, look: Look) -> Picture:
    """Which segments take what the programme costs."""
    rows = found.rows.assign(
        name=[group_name(reader.language, USUAL_GROUP, one) for one in found.rows["group"]],
        code=[code_of(one) for one in found.rows["group"]],
    )
    first = rows.iloc[0]
    return Picture(
        name="loyalty-segments",
        title=reader.say(
            f"loyalty.segments.title.{money_name(found)}",
            group=str(first["name"]),
            cost=look.percent(first["share_of_cost"]),
            brought=look.percent(first["share_of_brought"]),
        ),
        subtitle=reader.say("loyalty.segments.subtitle", months=chosen.months),
        figure=None,
        drawing=shares_drawn(reader, found, rows, [address_of(reader, one) for one in rows["group"]], look),
        n=reader.say("loyalty.n_members", count=int(rows["members"].sum())),
        definition=definition(reader, reader.say("loyalty.segments.definition")),
        table=parts_table(reader, found, rows, reader.say(f"grouping.{USUAL_GROUP}")),
        leads_to=behind_row,
    )


def code_of(group: object) -> str:
    """The query of an address of the page `customer` with the customers of a segment; empty for none."""
    return urlencode({"segment": group}) if group in SEGMENTS else ""


def address_of(reader: Reader, group: object) -> str:
    """Where the customers of a segment are listed; empty for none."""
    return reader.link("customer", segment=str(group)) if code_of(group) else ""
