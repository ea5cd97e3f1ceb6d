"""Where one customer stands in the ranking of the company's own programme, and why."""

from __future__ import annotations

from dataclasses import replace

from crm_core.loyalty.answers import ranked, standing
from crm_core.ui import report
from crm_core.ui.loyalty import choices, weighing
from crm_core.ui.report import Way
from crm_core.ui.shell import Reader


def section(reader: Reader, customer_id: str) -> None:
    """Rank and points, line by line, by the programme saved last; nothing where that ranks no customers."""
    name = choices.usual(reader)
    if name is None:
        return
    programme = choices.saved(reader)[name].programme
    indicators = weighing.known_of(reader, programme.indicators)
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
            programme=name,
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
    report.ways(reader, [Way(reader.say("loyalty.one.all"), "loyalty", {"programme": name})])
