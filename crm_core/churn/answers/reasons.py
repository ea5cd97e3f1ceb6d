"""Why a customer is likely to leave or to stay, in words: each feature with its value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from crm_core.base import Change, Id, Money, Sentence, Share
from crm_core.churn.estimates.risks import PLACES
from crm_core.churn.estimates.snapshots import NO_PURCHASE
from crm_core.churn.rules import family_of, subject_of

_COUNTED: Final = frozenset(
    (
        *("days_since_last_order", "last_gap_days", "longest_gap_days", "purchase_days", "order_count"),
        *("return_count", "days_since_last_return", "channel_count", "category_count", "invoice_count"),
        *("unpaid_count", "oldest_unpaid_days", "complaint_count", "open_complaint_count"),
        *("days_since_last_complaint", "survey_answer_count", "days_since_last_answer", "contact_count"),
        *("inbound_contact_count", "days_since_last_contact", "consent_count", "refusal_count"),
        *("contract_count", "ended_contract_count", "contract_days", "age_years", "known_days"),
        *("days_since_first_order", "complaint_count_since_order", "returned_order_count"),
    )
)
_MONEY: Final = frozenset(
    ("revenue", "average_order_value", "returned", "unpaid_amount", "contract_monthly_amount")
)
_SHARES: Final = frozenset(
    ("silent_share", "main_channel_share", "main_category_share", "discount_share", "late_share")
)
_LEAST_CHANGE: Final = 0.005
"""Of prices: a smaller one is told as none."""
_TRENDS: Final = frozenset(("order_trend", "revenue_trend"))
_EITHER_WAY: Final = {"payment_delay_days": "early", "perception_gap": "below"}
"""Numbers that mean the opposite below 0, and what that is called."""
_OF_NOTHING: Final = frozenset(
    (
        *("return_count", "channel_count", "category_count", "invoice_count", "unpaid_count"),
        *("complaint_count", "open_complaint_count", "survey_answer_count", "contact_count"),
        *("inbound_contact_count", "consent_count", "refusal_count", "contract_count"),
        *("ended_contract_count", "order_count", "revenue", "returned", "unpaid_amount"),
        *("contract_monthly_amount", "complaint_count_since_order", "returned_order_count"),
    )
)
"""What is told in other words where it is 0."""
UNTOLD: Final = frozenset(
    (
        *("consent_count", "refusal_count", "known_days", "days_since_first_order"),
        *("survey_answer_count", "days_since_last_answer"),
    )
)
"""What models may learn from, but nobody who is to act would take for a reason."""
_TRAITS: Final = frozenset(("kind", "acquisition_channel", "age_years", "main_channel", "main_channel_share"))
"""What a customer is rather than does: told where nothing else can be."""
_SIGNS: Final = frozenset(("region", "city", "main_category", "main_category_share"))
"""What may stand for a rival who opened or a price that rose: told behind what the customer does."""
_TROUBLES: Final = frozenset(
    (
        *("return_count", "returned", "returned_order_count", "unpaid_count", "unpaid_amount"),
        *("oldest_unpaid_days", "payment_delay_days", "late_share", "complaint_count"),
        *("complaint_count_since_order", "open_complaint_count"),
    )
)
"""Of which some, to whom it is told, speaks for leaving and none for staying."""
_MOST_TOLD: Final = {"raises": 3, "lowers": 2}
_ALWAYS_SOME: Final = frozenset(("order_count", "revenue"))
"""Of these there is none in a time only: who has never bought is no customer."""


def reason_told(feature: str, number: float | None, name: str | None, currency: str) -> Sentence:
    """A feature with its value, as a reason is told.

    Args:
        feature: A column of `churn_features`, or `no_purchase_log_odds`.
        number: Its value where it is a number, money in units of currency.
        name: Its value where it is a name.
        currency: The base's currency.
    """
    if name is not None and name == name:
        return _of_name(feature, str(name))
    if (number is None or math.isnan(number)) and feature in ("contract_days", "contract_plan"):
        return Sentence("churn.reason.contract_count.none")
    if number is None or math.isnan(number):
        return Sentence("churn.reason.missing", {"feature": feature_named(feature)})
    if feature == NO_PURCHASE:
        return Sentence(f"churn.reason.{feature}", {"share": Share(1 / (1 + math.exp(-number)), 0)})
    return _of_number(feature, float(number), currency)


def feature_named(feature: str) -> Sentence:
    """What a feature is called."""
    return Sentence("churn.thing.rhythm") if feature == NO_PURCHASE else Sentence(f"column.{feature}")


def reasons_told(row: Mapping[str, object], currency: str, which: str = "raises") -> tuple[Sentence, ...]:
    """What raises or lowers a customer's risk most, what the customer does before what the customer is.

    Traits are told where nothing else can be, city and category behind the rest. What speaks against its own
    direction in the words in which it is told is left out: a rise in purchases as a reason to leave.

    Args:
        row: Of `customer_risks`.
        currency: The base's currency.
        which: `raises` or `lowers`.
    """
    places = [place for place in PLACES if place.startswith(which) and place in row]
    found = [(place, _reason_at(row, place, currency)) for place in places]
    told = [(place, one) for place, one in found if one is not None]
    return _behaviour_first(row, told)[: _MOST_TOLD[which]]


def changes_told(row: Mapping[str, object], currency: str, days: int) -> tuple[Sentence, ...]:
    """What raised a customer's risk most since some days before, with what it was then where that is known.

    Args:
        row: Of `churn_watch_list`.
        currency: The base's currency.
        days: How long ago that was.
    """
    told = []
    for place in (one for one in PLACES if one in row):
        reason = _reason_at(row, place, currency, seldom=False)
        if reason is not None:
            before = _before(row, place, currency)
            values = {"reason": reason, "days": days, "before": before}
            told.append((place, reason if before is None else Sentence("churn.watch.was", values)))
    return _behaviour_first(row, told)


def _behaviour_first(row: Mapping[str, object], told: Sequence[tuple[str, Sentence]]) -> tuple[Sentence, ...]:
    """What customers do, and what may stand for something else; where there is neither, what they are."""
    families = [
        (family_of(str(row[place]))[0], one) for place, one in told if not _said_twice(row, place, told)
    ]
    does = [one for family, one in families if family not in _TRAITS | _SIGNS]
    signs = [one for family, one in families if family in _SIGNS]
    return (*does, *signs) or tuple(one for _, one in told)


def _said_twice(row: Mapping[str, object], place: str, told: Sequence[tuple[str, Sentence]]) -> bool:
    """Whether a single purchase is told of, where silence tells already that there was but one."""
    if str(row[place]) not in ("purchase_days", "order_count") or row[f"{place}_number"] != 1:
        return False
    silent = any(subject_of(str(row[other])) == "silence" for other, _ in told)
    return silent and math.isnan(float(str(row["gap_days"])))


def _reason_at(
    row: Mapping[str, object], place: str, currency: str, *, seldom: bool = True
) -> Sentence | None:
    """The reason at a place; `seldom`: silence no longer than usual is told as buying seldom."""
    feature, raises = row[place], place.startswith("raises")
    if not isinstance(feature, str):
        return None
    if subject_of(feature) == "silence":
        return _silence(row, raises=raises, seldom=seldom)
    number, name = _number(row[f"{place}_number"]), row[f"{place}_name"]
    if family_of(feature)[0] in UNTOLD or (feature == "contract_count" and number == 0):
        return None
    if number is None and not isinstance(name, str):
        # That a share or a trend is not known says nothing to whom it is told; mostly it is silence.
        return None
    if number is not None and _contradicts(family_of(feature)[0], number, raises=raises):
        return None
    return reason_told(feature, number, name if isinstance(name, str) else None, currency)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, float | int) and not math.isnan(value) else None


def _before(row: Mapping[str, object], place: str, currency: str) -> object:
    """What a feature was, as it is written; None where that is not known or was the same."""
    feature, name = str(row[place]), row[f"{place}_name_before"]
    if isinstance(name, str):
        return None if name == row[f"{place}_name"] else Id(name)
    number, now = _number(row[f"{place}_number_before"]), _number(row[f"{place}_number"])
    if number is None or now is None:
        return None
    family, _ = family_of(feature)
    if family in _TRENDS:
        return None if number >= 1 else Change(_change_of(number))
    if family == "revenue" and now < 0:
        # Told as what was returned, beside which what was spent before says nothing.
        return None
    written, unchanged = (_written(family, one, currency) for one in (number, now))
    return None if written == unchanged else written


def _written(family: str, number: float, currency: str) -> object:
    if family == "price_change":
        return Change(round(number, 2))
    if family in _MONEY:
        return Money(abs(number) if family == "returned" else number, currency)
    if family in _SHARES:
        return Share(round(number, 2), 0)
    return round(number) if family in _COUNTED else round(number, 2)


def why_told(row: Mapping[str, object], currency: str) -> Sentence:
    """Why a customer is likely to leave, in one line; if nothing raises the risk, what speaks for staying."""
    found = together(reasons_told(row, currency))
    if found is not None:
        return found
    stays = together(reasons_told(row, currency, "lowers"))
    return (
        Sentence("churn.reasons.none")
        if stays is None
        else Sentence("churn.reasons.none_but", {"reasons": stays})
    )


def together(sentences: Iterable[Sentence]) -> Sentence | None:
    """Reasons in one line; None where there are none."""
    found: Sentence | None = None
    for one in sentences:
        found = one if found is None else Sentence("churn.reasons.and", {"first": found, "then": one})
    return found


def _contradicts(family: str, number: float, *, raises: bool) -> bool:
    """Whether a value sounds like the opposite of the way in which it weighs."""
    if family in _TRENDS:
        return number >= 0 if raises else number < 0
    if family == "price_change":
        return number < _LEAST_CHANGE if raises else number >= _LEAST_CHANGE
    if family == "discount_share":
        return raises and number < _LEAST_CHANGE
    if family in _TROUBLES:
        some = abs(number) if family == "returned" else number
        return (some > 0) != raises
    return False


def _silence(row: Mapping[str, object], *, raises: bool, seldom: bool) -> Sentence | None:
    """How long a customer has been silent, and how long is usual: what every sign of silence comes to.

    A silence longer than usual speaks for no staying: None. One no longer than usual that has grown is told
    without what is usual.
    """
    days, gap = int(float(str(row["days_since_last_order"]))), float(str(row["gap_days"]))
    if math.isnan(gap):
        once = "churn.reason.silence.once" if raises else "churn.reason.silence.lately_once"
        return Sentence(once, {"count": days})
    if not raises:
        overdue = days > gap
        return (
            None if overdue else Sentence("churn.reason.silence.lately", {"count": days, "gap": round(gap)})
        )
    if days >= gap:
        return Sentence("churn.reason.silence", {"count": days, "gap": round(gap)})
    if seldom:
        return Sentence("churn.reason.silence.seldom", {"count": round(gap)})
    return Sentence("churn.reason.silence.so_far", {"count": days})


def _of_name(feature: str, name: str) -> Sentence:
    if feature == "kind" and name in ("person", "company"):
        return Sentence(f"churn.reason.kind.{name}")
    return Sentence(f"churn.reason.{feature}", {"name": name})


def _of_number(feature: str, number: float, currency: str) -> Sentence:
    family, days = family_of(feature)
    key = f"churn.reason.{family}"
    values: dict[str, object] = {} if days is None else {"days": days}
    if family == "price_change":
        level = abs(number) < _LEAST_CHANGE
        return (
            Sentence(f"{key}.level", values) if level else Sentence(key, {**values, "change": Change(number)})
        )
    if family in _TRENDS:
        return _of_trend(key, values, number)
    if family in _EITHER_WAY:
        key = f"{key}.{_EITHER_WAY[family]}" if number < 0 else key
        return Sentence(key, {"number": abs(number)})
    if family == "revenue" and number < 0:
        key = f"{key}.returned" if days is None else f"{key}.returned_lately"
        return Sentence(key, {**values, "amount": Money(-number, currency)})
    nothing = number == 0 and family in _OF_NOTHING and (days is not None or family not in _ALWAYS_SOME)
    suffix = "_".join(["none"] * nothing + ["lately"] * (days is not None))
    key = f"{key}.{suffix}" if suffix else key
    if nothing:
        return Sentence(key, values)
    if family in _COUNTED:
        return Sentence(key, {**values, "count": round(number)})
    if family in _MONEY:
        return Sentence(
            key, {**values, "amount": Money(abs(number) if family == "returned" else number, currency)}
        )
    if family in _SHARES:
        return Sentence(key, {**values, "share": Share(number, 0)})
    return Sentence(key, {**values, "number": number})


def _of_trend(key: str, values: dict[str, object], trend: float) -> Sentence:
    """From -1 to 1, told as the change that it comes from: (now - before) / (now + before)."""
    if trend >= 1:
        return Sentence(f"{key}.new", values)
    if trend == 0:
        return Sentence(f"{key}.level", values)
    return Sentence(key, {**values, "change": Change(_change_of(trend))})


def _change_of(trend: float) -> float:
    return max(2 * trend / (1 - trend), -1.0)
