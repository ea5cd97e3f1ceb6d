"""Whether the club works, as it is shown: what can be said, who is compared, and what cannot be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crm_core.base import Change, CrmError, Id, NotProvided, Sentence
from crm_core.loyalty.answers import Club, NothingToCompare, Works, works
from crm_core.ui import report
from crm_core.ui.loyalty import choices, phrases, thresholds
from crm_core.ui.loyalty.alike import balance_twin, known_named, members_twin, methods_picture, times
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.plot import kept
from crm_core.ui.report import Picture, Twin
from crm_core.ui.shell import Reader

_NOT_JOINED: Final = "loyalty.effect.not_joined"

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


def shown(reader: Reader, chosen: Chosen) -> Shown | NotProvided | NothingToCompare:
    """What a club has done, in the reader's words, or why that cannot be told."""
    try:
        return kept(reader, lambda: _shown(reader, chosen), "effect", chosen.programme.members)
    except (NotProvided, NothingToCompare) as error:
        return error


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
    near = thresholds.shown(reader, chosen)
    if not isinstance(near, CrmError):
        thresholds.draw(reader, near)
    elif not isinstance(one, CrmError) or one.key not in (_NOT_JOINED, near.key):
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
        methods=methods_picture(reader, found),
        balance=balance_twin(reader, found),
        members=members_twin(reader, found),
        doubts=_doubts(reader, found),
    )


def _told(reader: Reader, found: Works) -> tuple[str, ...]:
    """What can be said of purchases and of money, and how far off others' comparisons are."""
    said = [one for one in (found.sentence, found.in_money) if one is not None]
    sentences = [reader.say(one.key, **one.values) for one in said]
    naive, alike = found.said("purchases", "naive"), found.said("purchases", "matched")
    if naive is not None and alike is not None:
        values = {"naive": times(reader, naive.ratio), "alike": times(reader, alike.ratio)}
        sentences.append(reader.say("loyalty.effect.naive", **values))
    return tuple(sentences)


def _doubts(reader: Reader, found: Works) -> tuple[str, ...]:
    """What cannot be concluded."""
    later = int(found.compared.set_index("reason")["members"]["came_later"])
    texts = [
        reader.say("loyalty.effect.doubt.staying"),
        reader.say("loyalty.effect.doubt.later", members=later),
    ]
    if found.unlike:
        known, apart = found.unlike
        words = {"known": known_named(reader, known), "apart": reader.language.number(apart, 2)}
        texts.append(reader.say("loyalty.effect.doubt.unlike", **words))
    if not found.apart_days:
        texts.append(reader.say("loyalty.effect.doubt.campaigns"))
    return tuple(texts)
