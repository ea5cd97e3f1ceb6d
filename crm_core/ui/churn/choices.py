"""What a reader asks of the page on who leaves: within which time, and what ends when a customer leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast, get_args

from crm_core.churn.answers import Asked
from crm_core.churn.answers import asked as asked_of
from crm_core.churn.metrics import Churn
from crm_core.churn.rules import HORIZONS_DAYS
from crm_core.ui import state
from crm_core.ui.frame import Choice
from crm_core.ui.shell import Reader

USUAL: Final[Churn] = "purchases"
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
