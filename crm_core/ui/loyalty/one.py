"""Where one customer stands in the ranking by a programme, and why."""

from __future__ import annotations

from dataclasses import replace

from crm_core.loyalty.answers import ranked, standing
from crm_core.ui import report, state
from crm_core.ui.loyalty import choices, weighing
from crm_core.ui.report import Way
from crm_core.ui.shell import Reader


def section(reader: Reader, customer_id: str) -> None:
    """Rank and points, line by line, by what the address says, or else by the programme saved last.

    Nothing where there is none, or it ranks no customers.
    """
    programmes = choices.known(reader)
    code = state.read("programme", programmes) or choices.usual(reader)
    if code is None:
        return
    programme = programmes[code]
    indicators = weighing.known_of(reader, weighing.weighed(programme.indicators))
    if not indicators:
        return
    known = replace(programme, indicators=indicators)
    order = ranked(standing(reader.ask, as_of=reader.as_of, programme=known), indicators)
    place = order.place_of(customer_id)
    if place is None:
        return
    number = reader.language.number
    report.section(
        reader.say(
            "loyalty.one.title",
            rank=weighing.rank_of(reader, order, int(order.rank[place])),
            count=len(order.customers),
            programme=choices.name_of(reader, code),
            points=number(order.sums[place], None),
        )
    )
    lines = {
        weighing.name_of(reader, one): reader.say(
            "loyalty.one.line",
            value=weighing.value_of(reader, one, float(order.values[place, at])),
            band=number(order.points[place, at] / one.weight if one.weight else 0, None),
            weight=number(one.weight, None),
            points=number(order.points[place, at], None),
        )
        for at, one in enumerate(indicators)
    }
    report.facts(lines)
    whole = Way(reader.say("loyalty.one.all"), "loyalty", weighing.parts_of(reader, code, indicators))
    report.ways(reader, [whole])
