"""Whether the club works, as it is shown: what can be said, who is compared, and what cannot be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.base import Change, CrmError, Id, NotProvided, Sentence
from crm_core.loyalty.answers import Club, Estimated, Thresholds, Works, thresholds, works
from crm_core.loyalty.charts import comparisons
from crm_core.loyalty.models import METHODS
from crm_core.ui import report
from crm_core.ui.loyalty import choices, phrases
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Column, Picture, Table, Twin, definition
from crm_core.ui.shell import Reader

COUNTS: Final = "difference"
"""The only comparison that tells of the club."""
_REFUSED: Final = "loyalty.effect."
_REPLAYED: Final = "loyalty.effect.not_joined"

_IN_HEADLINE: Final = {
    "more": ("cost", "outcome", "low", "lift"),
    "less": ("cost", "outcome", "high", "lift"),
    "open": ("cost", "outcome", "low", "high", "lift"),
    "never": ("cost",),
}
"""What the headline says with each verdict: the end of the interval that decides."""


@dataclass(frozen=True)
class _Earned:
    """Whether a club earns its cost.

    Args:
        verdict: The end of the message's key.
        values: What fills it.
    """

    verdict: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Shown:
    """All that is shown of what a club has done.

    Args:
        campaign: By whose contacts customers joined it.
        told: What can be said, a sentence each.
        methods: What several comparisons say.
        balance: How alike members and others are.
        members: Who is compared, and why others are not.
        doubts: What cannot be said whatever the club is called, a sentence each.
    """

    campaign: str
    told: tuple[str, ...]
    methods: Picture
    balance: Twin
    members: Twin
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class ShownThresholds:
    """All that is shown of what happens at the thresholds of tiers.

    Args:
        told: What can be said of each tier, a sentence each.
        table: The comparison in numbers.
    """

    told: tuple[str, ...]
    table: Twin


def shown(reader: Reader, chosen: Chosen) -> Shown | CrmError:
    """What a club has done, in the reader's words, or why that cannot be told."""
    try:
        one: Shown = kept(reader, lambda: _shown(reader, chosen), "effect", chosen.programme.members)
    except CrmError as error:
        if not isinstance(error, NotProvided) and not error.key.startswith(_REFUSED):
            raise
        return error
    return one


def shown_thresholds(reader: Reader, chosen: Chosen) -> ShownThresholds | CrmError:
    """What happens at the thresholds of tiers, in the reader's words, or why that cannot be told."""
    try:
        one: ShownThresholds = kept(
            reader, lambda: _thresholds(reader, chosen), "effect-thresholds", chosen.programme
        )
    except CrmError as error:
        if not isinstance(error, NotProvided) and not error.key.startswith(_REFUSED):
            raise
        return error
    return one


def is_told(reader: Reader, chosen: Chosen) -> bool:
    """Whether it can be told if a club works."""
    return not isinstance(shown(reader, chosen), CrmError)


def draw(reader: Reader, chosen: Chosen, club: Club | None = None) -> None:
    """The section on whether the club works, and earns its cost; one sentence where that cannot be told."""
    one = shown(reader, chosen)
    if isinstance(one, CrmError):
        report.section(reader.say("loyalty.effect.section"))
        # The campaign by which customers join is no name that they would know it by.
        named = {"programme": chosen.name} if "programme" in one.values else {}
        report.note(reader.say(one.key, **{**one.values, **named}))
    else:
        joined = _is_joined(chosen)
        earned = None if club is None or not joined else _earned(reader, chosen, club)
        name = _named(reader, chosen.name) if joined else _club(reader, one.campaign)
        _draw(reader, one, name, "" if joined else "loyalty.effect.club", earned)
    near = shown_thresholds(reader, chosen)
    if not isinstance(near, CrmError):
        for words in near.told:
            report.text(words)
        report.twin(reader, near.table)
    elif not isinstance(one, CrmError) or one.key not in (_REPLAYED, near.key):
        report.note(reader.say(near.key, **near.values))


def draw_unwritten(reader: Reader) -> None:
    """The section for a club that customers joined and no programme says; nothing where there is none."""
    usual = choices.USUAL
    programme = choices.templates(reader.language)[usual]
    chosen = Chosen(usual, choices.name_of(reader, usual), programme, choices.months())
    one = shown(reader, chosen)
    if not isinstance(one, CrmError):
        _draw(reader, one, _club(reader, one.campaign), "loyalty.effect.club_unwritten")


def _club(reader: Reader, campaign: str) -> str:
    """What a club is called that customers joined by a campaign: as its programme, where one is kept."""
    for name, saved in choices.saved(reader).items():
        if saved.programme.members.campaign == campaign:
            return _named(reader, name)
    return reader.say("loyalty.effect.by_campaign", campaign=Id(campaign))


def _named(reader: Reader, club: str) -> str:
    return reader.say("loyalty.effect.named", club=club)


def headline(reader: Reader, chosen: Chosen, club: Club) -> Sentence | None:
    """Whether a club that customers joined earns its cost; None where that cannot be told.

    Nor is it told of a programme that is not kept as it is shown: what it would bring is not what the club
    has brought.
    """
    if not choices.is_kept(reader, chosen) or not _is_joined(chosen) or not is_told(reader, chosen):
        return None
    earned = _earned(reader, chosen, club)
    if earned is None or earned.verdict == "uncosted":
        return None
    key = f"loyalty.headline.earns.{earned.verdict}"
    said = {name: earned.values[name] for name in _IN_HEADLINE[earned.verdict]}
    return Sentence(key, {"programme": chosen.name, **said})


def _is_joined(chosen: Chosen) -> bool:
    """Whether members are those who joined, so that it is this club whose effect is told."""
    return chosen.programme.members.who == "joined"


def _earned(reader: Reader, chosen: Chosen, club: Club) -> _Earned | None:
    """The effect against the growth with which the programme pays, and its cost; None where there is none."""
    if not club.cost.high:
        return None
    cost = phrases.cost_of(club)
    if not club.pays:
        return _Earned("never", {"cost": cost})
    found = works(reader.ask, as_of=reader.as_of, programme=chosen.programme)
    grown = found.growth
    if grown is None:
        raise CrmError("loyalty.effect.nothing_after")
    return _Earned(
        found.earns(club),
        {
            "cost": cost,
            "lift": phrases.lift_of(club.lift_with(grown.ratio)),
            "outcome": Sentence(f"loyalty.effect.on.{_grown(found)}"),
            "change": Change(grown.ratio - 1),
            "low": Change(grown.low - 1),
            "high": Change(grown.high - 1),
        },
    )


def _grown(found: Works) -> str:
    """What the growth is of."""
    return found.money if found.said(found.money) else "purchases"


def _draw(reader: Reader, one: Shown, club: str, of_which: str, earned: _Earned | None = None) -> None:
    report.section(reader.say("loyalty.effect.section"))
    if of_which:
        report.text(reader.say(of_which, club=club))
    said = [one.told[0]]
    if earned is not None:
        said.append(reader.say(f"loyalty.effect.earns.{earned.verdict}", **earned.values))
    for words in (*said, *one.told[1:]):
        report.text(words)
    report.picture(reader, one.methods)
    report.twin(reader, one.balance)
    report.twin(reader, one.members)
    for words in (*one.doubts, reader.say("loyalty.effect.doubt.cause", club=club)):
        report.note(words)


def _shown(reader: Reader, chosen: Chosen) -> Shown:
    found = works(reader.ask, as_of=reader.as_of, programme=chosen.programme)
    return Shown(
        campaign=found.campaign,
        told=_told(reader, found),
        methods=_methods(reader, found),
        balance=_balance(reader, found),
        members=_members(reader, found),
        doubts=_doubts(reader, found),
    )


def _told(reader: Reader, found: Works) -> tuple[str, ...]:
    """What can be said of purchases and of money, and how far off others' comparisons are."""
    said = [one for one in (found.sentence, found.in_money) if one is not None]
    sentences = [reader.say(one.key, **one.values) for one in said]
    naive, alike = found.said("purchases", "naive"), found.said("purchases", "matched")
    if naive is not None and alike is not None:
        values = {"naive": _times(reader, naive.ratio), "alike": _times(reader, alike.ratio)}
        sentences.append(reader.say("loyalty.effect.naive", **values))
    return tuple(sentences)


def _methods(reader: Reader, found: Works) -> Picture:
    look = look_of(reader)
    said: dict[str, Estimated] = {}
    for method in METHODS:
        one = found.said("purchases", method)
        if one is not None:
            said[method] = one
    rows = pd.DataFrame(
        {
            "ratio": [one.ratio for one in said.values()],
            "low": [one.low for one in said.values()],
            "high": [one.high for one in said.values()],
            "label": [reader.say(f"loyalty.effect.method.{name}") for name in said],
            "number": [_times(reader, one.ratio) for one in said.values()],
            "told": [_hovered(reader, name, one) for name, one in said.items()],
            "counts": [name == COUNTS for name in said],
        }
    )
    table = found.effects.assign(
        method=[reader.say(f"loyalty.effect.method.{one}") for one in found.effects["method"]],
        outcome=[reader.say(f"loyalty.effect.outcome.{one}") for one in found.effects["outcome"]],
    )
    columns = {name: Column(reader.say(f"column.{name}")) for name in ("outcome", "method")}
    columns |= {
        name: Column(reader.say(f"column.{name}"), "ratio")
        for name in ("after", "expected", "ratio", "low", "high")
    }
    return Picture(
        name="loyalty-effect",
        title=reader.say("loyalty.effect.title"),
        subtitle=reader.say("loyalty.effect.subtitle"),
        figure=comparisons(rows, reader.say("loyalty.effect.none"), look),
        n=reader.say("loyalty.effect.n", members=found.members, others=found.others),
        definition=definition(reader, *_definition(reader, found)),
        table=Table(table, columns, found.currency),
    )


def _definition(reader: Reader, found: Works) -> list[str]:
    texts = [reader.say("loyalty.effect.definition")]
    if found.apart_days:
        texts.append(reader.say("loyalty.effect.definition.campaigns", days=found.apart_days))
    return texts


def _hovered(reader: Reader, method: str, one: Estimated) -> str:
    return reader.say(
        "loyalty.effect.told",
        method=reader.say(f"loyalty.effect.method.{method}"),
        ratio=_times(reader, one.ratio),
        low=_times(reader, one.low),
        high=_times(reader, one.high),
    )


def _times(reader: Reader, ratio: float) -> str:
    return reader.language.number(ratio, 1 if ratio >= 10 else 2)


def _balance(reader: Reader, found: Works) -> Twin:
    rows = found.balance.assign(known=[_known(reader, str(one)) for one in found.balance["known"]])
    numbers = ("members", "others_before", "others_after", "difference_before", "difference_after")
    columns = {"known": Column(reader.say("column.known"))}
    columns |= {name: Column(reader.say(f"column.{name}"), "ratio") for name in numbers}
    columns["members"] = Column(reader.say("loyalty.effect.members"), "ratio")
    on = found.balance[found.balance["matched_on"]]
    return Twin(
        name="loyalty-balance",
        title=reader.say(
            "loyalty.effect.balance.title",
            most=reader.language.number(float(on["difference_after"].abs().max()), 2),
        ),
        n="",
        definition=definition(reader, reader.say("loyalty.effect.balance.definition")),
        table=Table(rows, columns, found.currency),
    )


def _known(reader: Reader, known: str) -> str:
    name, _, country = known.partition(":")
    if not country:
        return reader.say(f"loyalty.effect.known.{name}")
    territories: Mapping[str, str] = reader.language.territories
    return reader.say("loyalty.effect.known.country", country=territories.get(country, country))


def _members(reader: Reader, found: Works) -> Twin:
    rows = found.compared[found.compared["members"] > 0]
    reasons = [reader.say(f"loyalty.effect.reason.{one}") for one in rows["reason"]]
    columns = {
        "reason": Column(reader.say("loyalty.effect.members")),
        "members": Column(reader.say("column.members"), "count"),
    }
    total = int(rows["members"].sum())
    return Twin(
        name="loyalty-compared",
        title=reader.say("loyalty.effect.members.title", compared=found.members, members=total),
        n="",
        definition=definition(reader, reader.say("loyalty.effect.members.definition")),
        table=Table(rows.assign(reason=reasons), columns),
    )


def _doubts(reader: Reader, found: Works) -> tuple[str, ...]:
    """What cannot be concluded."""
    later = int(found.compared.set_index("reason")["members"]["came_later"])
    texts = [
        reader.say("loyalty.effect.doubt.staying"),
        reader.say("loyalty.effect.doubt.later", members=later),
    ]
    if found.unlike:
        known, apart = found.unlike
        words = {"known": _known(reader, known), "apart": reader.language.number(apart, 2)}
        texts.append(reader.say("loyalty.effect.doubt.unlike", **words))
    if not found.apart_days:
        texts.append(reader.say("loyalty.effect.doubt.campaigns"))
    return tuple(texts)


def _thresholds(reader: Reader, chosen: Chosen) -> ShownThresholds:
    found = thresholds(reader.ask, as_of=reader.as_of, programme=chosen.programme)
    names = {name: Column(reader.say(f"column.{name}")) for name in ("tier", "outcome")}
    numbers: dict[str, Column] = {
        name: Column(reader.say(f"column.{name}"), "ratio")
        for name in ("at", "below", "above", "difference", "low", "high")
    }
    counts: dict[str, Column] = {
        name: Column(reader.say(f"column.{name}"), "count")
        for name in ("members_below", "members_above", "heap_below", "heap_above")
    }
    outcomes = [reader.say(f"loyalty.effect.outcome.{one}") for one in found.rows["outcome"]]
    return ShownThresholds(
        told=tuple(reader.say(one.key, **one.values) for one in found.sentences),
        table=Twin(
            name="loyalty-thresholds",
            title=reader.say("loyalty.effect.thresholds.title"),
            n=" · ".join(_sides(reader, found)),
            definition=definition(
                reader, reader.say("loyalty.effect.thresholds.definition", days=found.days)
            ),
            table=Table(found.rows.assign(outcome=outcomes), names | numbers | counts, found.currency),
        ),
    )


def _sides(reader: Reader, found: Thresholds) -> list[str]:
    rows = found.rows[found.rows["outcome"] == "purchases"]
    return [
        reader.say("loyalty.effect.thresholds.n", tier=Id(tier), below=int(below), above=int(above))
        for tier, below, above in zip(rows["tier"], rows["members_below"], rows["members_above"], strict=True)
    ]
