"""What a reader asks of the page on who leaves: within which time, and what ends when a customer leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast, get_args

from crm_core.churn.answers import Asked, Leaving, Terms
from crm_core.churn.answers import asked as asked_of
from crm_core.churn.metrics import Churn
from crm_core.churn.rules import HORIZONS_DAYS
from crm_core.customers.answers import consents
from crm_core.ui import state
from crm_core.ui.frame import Choice
from crm_core.ui.groups import groupings
from crm_core.ui.shell import Reader

USUAL: Final[Churn] = "purchases"
DEAREST: Final = 1e15
"""No contact or offer costs more than this, and no budget is higher."""
LEAST_BUDGET: Final = 0.01
"""Below this no budget is told from nothing."""
_OF_OFFER: Final = ("contact", "offer", "saved", "taken", "most", "budget")
_TELLING: Final = ("complaints", "payments", "contacts", "surveys")
"""Tables that tell more of who leaves than orders do."""
_HORIZONS: Final = tuple(str(days) for days in HORIZONS_DAYS)


def asked(reader: Reader) -> Asked:
    """What the address asks for, or else purchases within the time that fits the base's own rhythm."""
    days = state.read("days", _HORIZONS)
    churn = cast(Churn, state.read("churn", get_args(Churn)) or USUAL)
    return asked_of(reader.ask, as_of=reader.as_of, churn=churn, horizon_days=int(days) if days else None)


def offered(reader: Reader, now: Asked) -> Mapping[str, tuple[Choice, ...]]:
    """Within which time, and of whom."""
    days = [
        Choice(
            reader.say("churn.days", count=one),
            "days",
            None if one == now.proposed.days else str(one),
            one == now.horizon_days,
        )
        for one in HORIZONS_DAYS
    ]
    kinds = [
        Choice(reader.say(f"churn.of.{one}"), "churn", None if one == USUAL else one, one == now.churn)
        for one in get_args(Churn)
    ]
    return {
        reader.say("churn.horizon"): tuple(days),
        reader.say("churn.of"): tuple(kinds) if now.with_contracts else (),
    }


def why_so_long(reader: Reader, now: Asked) -> str:
    """Why the time that is proposed is proposed."""
    proposed = now.proposed
    if now.churn == "contract" or proposed.share_within is None:
        return reader.say("churn.horizon.usual", days=proposed.days)
    key = "churn.horizon.shortened" if proposed.shortened else "churn.horizon.proposed"
    share = reader.language.percent(proposed.share_within)
    return reader.say(key, days=proposed.days, share=share)


def instead(reader: Reader) -> str:
    """What can be done where who leaves cannot be told: only what has not been done."""
    steps = [reader.say("churn.instead.horizon")]
    if reader.selection:
        steps.append(reader.say("churn.instead.filters"))
    steps += [
        reader.say("churn.instead.bring", table=reader.say(f"table.{name}"))
        for name in _TELLING
        if reader.workspace.tables.get(name) is None
    ]
    return " ".join(steps)


def terms(reader: Reader) -> Terms:
    """What the address says of an offer: costs in units of currency, chances in per cent, customers."""
    saved, taken = _number("saved", 100), _number("taken", 100)
    most, budget = state.read_number("most"), _number("budget", DEAREST)
    known = None if state.read("via") is None else consents(reader.ask, as_of=reader.as_of)
    return Terms(
        contact=_number("contact", DEAREST),
        offer=_number("offer", DEAREST),
        saved=None if saved is None else saved / 100,
        taken=None if taken is None else taken / 100,
        most=most if most is not None and most > 0 else None,
        budget=budget if budget is not None and budget >= LEAST_BUDGET else None,
        way=None if known is None else state.read("via", known.channels),
    )


def reaches(reader: Reader, found: Leaving, now: Terms) -> Mapping[str, tuple[Choice, ...]]:
    """In which way customers are contacted, and how many each way reaches; no choice without consents."""
    ways = [
        (None, reader.say("churn.reach.any"), len(found.contactable)),
        *((way, reader.language.contact_way(way), count) for way, count in found.reach.items()),
    ]
    choices = (
        Choice(reader.say("churn.reach.of", way=words, count=count), "via", way, way == now.way)
        for way, words, count in ways
    )
    # Of a base without consents there is nothing to choose from.
    return {reader.say("churn.reach"): tuple(choices)}


def dropped(reader: Reader, asked: Asked, now: Terms) -> tuple[str, ...]:
    """Parts of the address that say nothing here: a link of another base, or a mistyped one."""
    said = {**parts(asked, now), "by": state.read("by", groupings(reader))}
    own = (*_OF_OFFER, "days", "churn", "via", "by")
    usual = {"days": str(asked.proposed.days), "churn": USUAL}
    return tuple(
        name
        for name in own
        if (value := state.read(name)) is not None and said.get(name) is None and value != usual.get(name)
    )


def parts(asked: Asked, offer: Terms) -> dict[str, str]:
    """What an address says of the question and the offer, where it is not what is proposed."""
    said: dict[str, str] = {}
    if asked.horizon_days != asked.proposed.days:
        said["days"] = str(asked.horizon_days)
    if asked.churn != USUAL:
        said["churn"] = asked.churn
    for name, value, scale in (
        ("contact", offer.contact, 1),
        ("offer", offer.offer, 1),
        ("saved", offer.saved, 100),
        ("taken", offer.taken, 100),
        ("most", offer.most, 1),
        ("budget", offer.budget, 1),
    ):
        if value is not None:
            said[name] = f"{scale * value:.15g}"
    if offer.way is not None:
        said["via"] = offer.way
    return said


def _number(name: str, most: float) -> float | None:
    """A number from 0 up in the address; None where it is absent, none or too high."""
    try:
        number = float(state.read(name) or "")
    except ValueError:
        return None
    return number if 0 <= number <= most else None
