"""Two programmes side by side: what each costs, who gains and who loses, as it is shown."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from crm_core.base import Money, NotProvided, Sentence
from crm_core.looks import Look
from crm_core.loyalty.answers import Against, Club, NobodyThere, against
from crm_core.ui import bars, report
from crm_core.ui.ahead import USUAL_GROUP
from crm_core.ui.groups import group_name
from crm_core.ui.loyalty import choices
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.loyalty.phrases import lift_key
from crm_core.ui.loyalty.segments import address_of, code_of
from crm_core.ui.plot import behind_row, kept, look_of
from crm_core.ui.report import Column, Picture, Table, Way, definition
from crm_core.ui.shell import Reader
from crm_core.ui.ways import to_customer
from crm_core.workspace.catalogue import GROUPINGS

_MONEY: Final = ("given_other", "given", "gain")
_FIRST_ON_A_TELEPHONE: Final = 4


@dataclass(frozen=True)
class Shown:
    """All that is shown of two programmes.

    Args:
        told: Who gains and who loses, in a sentence.
        both: What each costs and brings.
        groups: Who gains and who loses, by segment.
        most: Those who gain and who lose most; None where nobody does.
    """

    told: str
    both: Table
    groups: Picture
    most: Table | None


def shown(reader: Reader, chosen: Chosen, mine: Club, other: Chosen) -> Shown:
    """Two programmes, in the reader's words.

    Raises:
        NobodyThere: Nobody would be a member of the other one.
        NotProvided: The base lacks what the other one is about.
    """
    return kept(reader, lambda: _shown(reader, chosen, mine, other), "against", chosen, other)


def draw(reader: Reader, chosen: Chosen, mine: Club) -> None:
    """The section on who gains and who loses, with the programmes to choose from."""
    other = choices.compared(reader, chosen)
    report.section(reader.say("loyalty.against.section"))
    report.offers(reader, choices.others(reader, chosen, other))
    if other is None:
        today = choices.usual(reader)
        if today is None or today == chosen.code:
            report.note(reader.say("loyalty.against.nothing"))
        else:
            words = reader.say("loyalty.against.propose", programme=choices.name_of(reader, today))
            report.ways(reader, [Way(words, "loyalty", {**chosen.parts, "compare": today})])
        return
    try:
        one = shown(reader, chosen, mine, other)
    except (NotProvided, NobodyThere) as error:
        report.failure(reader, error)
        return
    report.text(one.told)
    report.table(reader, one.both, name="loyalty-both")
    report.picture(reader, one.groups)
    if one.most is not None:
        report.section(reader.say("loyalty.against.most"))
        report.table(
            reader, one.most, name="loyalty-gains", leads_to=to_customer, first=_FIRST_ON_A_TELEPHONE
        )


def _shown(reader: Reader, chosen: Chosen, mine: Club, other: Chosen) -> Shown:
    found = against(
        reader.ask,
        as_of=reader.as_of,
        programme=chosen.programme,
        other=other.programme,
        group=GROUPINGS[USUAL_GROUP],
        months=chosen.months,
        calendar=reader.calendar,
    )
    look = look_of(reader)
    named = pd.concat([found.most, found.least], ignore_index=True)
    return Shown(
        told=reader.tell(_told(found, chosen, other)),
        both=_both(reader, found, chosen, mine, other),
        groups=_groups(reader, found, chosen, other, look),
        most=_most(reader, found, named, chosen, other) if len(named) else None,
    )


def _told(found: Against, chosen: Chosen, other: Chosen) -> Sentence:
    way = "more" if found.gain > 0 else "less" if found.gain < 0 else "same"
    return Sentence(
        "loyalty.against.told",
        {
            "programme": chosen.name,
            "other": other.name,
            "count": found.members,
            "gaining": found.gaining,
            "losing": found.losing,
            "together": Sentence(
                f"loyalty.against.together.{way}",
                {"amount": Money(abs(found.gain), found.currency, digits=2)},
            ),
        },
    )


def _both(reader: Reader, found: Against, chosen: Chosen, mine: Club, other: Chosen) -> Table:
    rows = pd.DataFrame(
        [
            {
                "name": name,
                "members": one.members,
                "cost": one.cost.likely,
                "low": one.cost.low,
                "high": one.cost.high,
                "lift": one.lift.likely if one.pays else None,
                "expected_use": None if one.expected_use is None else one.expected_use.likely,
                "outstanding": one.outstanding.likely,
            }
            for name, one in ((chosen.name, mine), (other.name, found.other))
        ]
    )
    return Table(
        rows,
        {
            "name": Column(reader.say("loyalty.programme")),
            "members": Column(reader.say("column.members"), "count"),
            "cost": Column(reader.say("loyalty.figure.cost"), "money"),
            "low": Column(reader.say("loyalty.cost.low"), "money"),
            "high": Column(reader.say("loyalty.cost.high"), "money"),
            "lift": Column(reader.say(lift_key(mine)), "share"),
            "expected_use": Column(reader.say("column.expected_use"), "money"),
            "outstanding": Column(reader.say("column.outstanding"), "money"),
        },
        found.currency,
    )


def _groups(reader: Reader, found: Against, chosen: Chosen, other: Chosen, look: Look) -> Picture:
    rows = found.groups.assign(
        name=[group_name(reader.language, USUAL_GROUP, one) for one in found.groups["group"]],
        code=[code_of(one) for one in found.groups["group"]],
    )
    drawn = tuple(
        _group_drawn(reader, found, row, look, leading=at < bars.LEADING)
        for at, row in enumerate(rows.to_dict("records"))
    )
    return Picture(
        name="loyalty-against",
        title=reader.say("loyalty.against.title", programme=chosen.name, other=other.name),
        subtitle=reader.say("loyalty.against.subtitle", months=chosen.months),
        figure=None,
        drawing=bars.drawn(
            [reader.say("column.gain")], [bars.Group("", drawn)], reader.say("value.groups.all")
        ),
        n=reader.say("loyalty.n_members", count=found.members),
        definition=definition(reader, reader.say("loyalty.against.definition")),
        table=Table(
            rows,
            {
                "name": Column(reader.say(f"grouping.{USUAL_GROUP}")),
                "members": Column(reader.say("column.members"), "count"),
                "gaining": Column(reader.say("column.gaining"), "count"),
                "losing": Column(reader.say("column.losing"), "count"),
                **_money_columns(reader, chosen, other),
            },
            found.currency,
        ),
        leads_to=behind_row,
    )


def _group_drawn(
    reader: Reader, found: Against, row: Mapping[Hashable, Any], look: Look, *, leading: bool
) -> bars.Row:
    name, gain = str(row["name"]), float(row["gain"])
    written = reader.language.money(gain, found.currency, compact=True, signed=True)
    return bars.Row(
        name=name,
        address=address_of(reader, row["group"]),
        told=reader.say(
            "loyalty.against.given",
            group=name,
            given=look.money(float(row["given"])),
            other=look.money(float(row["given_other"])),
        ),
        beside=reader.say(
            "loyalty.against.beside",
            count=int(row["members"]),
            gaining=look.number(int(row["gaining"])),
            losing=look.number(int(row["losing"])),
        ),
        bars=(bars.Bar(gain, written),),
        leading=leading,
    )


def _money_columns(reader: Reader, chosen: Chosen, other: Chosen) -> dict[str, Column]:
    labels = {
        "given_other": reader.say("loyalty.against.by", programme=other.name),
        "given": reader.say("loyalty.against.by", programme=chosen.name),
        "gain": reader.say("column.gain"),
    }
    return {name: Column(labels[name], "money") for name in _MONEY}


def _most(reader: Reader, found: Against, rows: pd.DataFrame, chosen: Chosen, other: Chosen) -> Table:
    return Table(
        rows,
        {
            "customer_id": Column(reader.say("column.customer_id"), "id"),
            **_money_columns(reader, chosen, other),
        },
        found.currency,
    )
