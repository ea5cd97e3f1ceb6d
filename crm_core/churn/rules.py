"""Over how many days it is asked whether a customer comes back, and whether the answer may be relied on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

HORIZONS_DAYS: Final = (30, 60, 90, 180, 365)
"""The horizons that are proposed, the shortest first."""
LONGEST_HORIZON_DAYS: Final = 3_650
SHARE_WITHIN: Final = 0.8
"""The share of repeat purchases that come within the horizon: of who is silent for longer, few come back."""
FEWEST_REPEATS: Final = 100
"""With fewer repeat purchases than this a base has no rhythm to read."""
USUAL_HORIZON_DAYS: Final = 90
"""What is proposed to a base without a rhythm."""
HORIZONS_OF_HISTORY: Final = 3
"""A horizon of history to learn from, one whose end is learnt and one on which that is tried."""

PURCHASE_WINDOWS: Final = (30, 90, 180, 365)
"""Days up to the day of the features within which purchases and revenue are counted."""

LIKELY: Final = 0.5
"""A probability of leaving above which a customer is more likely to leave than to stay."""

Subject = Literal[
    "silence",
    "frequency",
    "spending",
    "returns",
    "channels",
    "categories",
    "discounts",
    "prices",
    "payment",
    "complaints",
    "surveys",
    "contacts",
    "consent",
    "contract",
    "place",
    "person",
    "age",
]
"""What features tell of: of each subject one reason is told, for two say the same in other words."""

SUBJECTS: Final[Mapping[str, Subject]] = {
    "days_since_last_order": "silence",
    "silent_share": "silence",
    "overdue_ratio": "silence",
    "no_purchase_log_odds": "silence",
    "gap_days": "frequency",
    "gap_deviation_days": "frequency",
    "last_gap_days": "frequency",
    "longest_gap_days": "frequency",
    "orders_per_year": "frequency",
    "purchase_days": "frequency",
    "order_count": "frequency",
    "order_trend": "frequency",
    "revenue": "spending",
    "revenue_trend": "spending",
    "average_order_value": "spending",
    "return_count": "returns",
    "returned": "returns",
    "returned_order_count": "returns",
    "days_since_last_return": "returns",
    "channel_count": "channels",
    "main_channel": "channels",
    "main_channel_share": "channels",
    "category_count": "categories",
    "main_category": "categories",
    "main_category_share": "categories",
    "discount_share": "discounts",
    "price_change": "prices",
    "invoice_count": "payment",
    "unpaid_count": "payment",
    "unpaid_amount": "payment",
    "oldest_unpaid_days": "payment",
    "payment_delay_days": "payment",
    "late_share": "payment",
    "complaint_count": "complaints",
    "complaint_count_since_order": "complaints",
    "open_complaint_count": "complaints",
    "days_since_last_complaint": "complaints",
    "resolution_days": "complaints",
    "complaint_satisfaction": "complaints",
    "survey_answer_count": "surveys",
    "days_since_last_answer": "surveys",
    "last_nps": "surveys",
    "last_csat": "surveys",
    "last_ces": "surveys",
    "perception_gap": "surveys",
    "contact_count": "contacts",
    "inbound_contact_count": "contacts",
    "days_since_last_contact": "contacts",
    "consent_count": "consent",
    "refusal_count": "consent",
    "contract_count": "contract",
    "ended_contract_count": "contract",
    "contract_days": "contract",
    "contract_plan": "contract",
    "contract_monthly_amount": "contract",
    "kind": "person",
    "region": "place",
    "city": "place",
    "acquisition_channel": "person",
    "age_years": "person",
    "known_days": "age",
    "days_since_first_order": "age",
}
"""The subject of each feature, by its name without the days over which it counts."""


def family_of(feature: str) -> tuple[str, int | None]:
    """A feature's name without the days over which it counts, and those days; None where it has none."""
    name, _, days = feature.rpartition("_")
    return (name, int(days)) if name and days.isdecimal() else (feature, None)


NOTHING_BOUGHT: Final[Mapping[str, float]] = {
    "order_count": 0.0,
    "revenue": 0.0,
    "order_trend": -1.0,
    "revenue_trend": -1.0,
    "discount_share": float("nan"),
}
"""What features of the last days are, by their name without those days, of who bought nothing in them."""
NAMED_FOR_SILENCE: Final = "days_since_last_order"
"""The feature that is named where silence is a reason, whichever of its features weighs most."""


def subject_of(feature: str) -> Subject:
    """What a feature tells of.

    Raises:
        KeyError: There is no such feature.
    """
    return SUBJECTS[family_of(feature)[0]]


@dataclass(frozen=True)
class ProposedHorizon:
    """The horizon that fits a company's own rhythm, and why.

    Args:
        days: The horizon.
        repeats: Repeat purchases from which the rhythm is read.
        share_within: The share of them that came within `days`; None where they are too few to say.
        shortened: Whether the rhythm asks for a longer one than the history allows to learn and to try.
    """

    days: int
    repeats: int
    share_within: float | None
    shortened: bool


def proposed_horizon(gaps: Iterable[tuple[int, int]], history_days: int) -> ProposedHorizon:
    """The shortest horizon within which four in five repeat purchases came, if the history is long enough.

    Args:
        gaps: Days from a purchase day to the customer's next one, and how many times they were that many.
        history_days: Days from the first order line to the last.
    """
    counted = list(gaps)
    repeats = sum(times for _, times in counted)
    share = {
        days: sum(times for gap, times in counted if gap <= days) / max(repeats, 1) for days in HORIZONS_DAYS
    }
    wanted = USUAL_HORIZON_DAYS
    if repeats >= FEWEST_REPEATS:
        wanted = next((days for days in HORIZONS_DAYS if share[days] >= SHARE_WITHIN), HORIZONS_DAYS[-1])
    possible = [days for days in HORIZONS_DAYS if days * HORIZONS_OF_HISTORY <= history_days]
    days = min(wanted, max(possible, default=HORIZONS_DAYS[0]))
    said = share[days] if repeats >= FEWEST_REPEATS else None
    return ProposedHorizon(days, repeats, said, shortened=days < wanted)


Verdict = Literal["use", "use_with_care", "do_not_use"]

MOST_CUT_OFFS: Final = 4
"""On so many days it is tried, a horizon apart."""
HORIZONS_BEFORE_A_TRIAL: Final = 2
"""Of history before such a day: one to learn from and one whose end is learnt."""

BEYOND_CHANCE: Final = 2.0
"""Standard errors by which a model must have lost less than a rule of thumb, all trials together."""
LEAST_GAIN: Final = 0.005
"""Log-loss that a model must have gained at the least: of less nobody would notice anything."""
USE_CALIBRATION_BELOW: Final = 0.05
"""Mean distance of what was expected from what came, over all trials, up to which to use."""
CARE_CALIBRATION_BELOW: Final = 0.15
"""And up to which to use with care."""
USE_DRIFT_BELOW: Final = 0.25
"""Stability index of the scores up to which customers are those of whom it was learnt."""
ENOUGH_TRIALS: Final = 2
"""Of fewer, use with care: one may be chance."""


def backtest_days(first_day: int, last_day: int, horizon_days: int) -> tuple[int, ...]:
    """Cut-offs on which it is tried who leaves, the latest first; none where the history is too short.

    Args:
        first_day: Number of the first day of which something is known.
        last_day: Of the last one.
        horizon_days: Length of the time looked ahead.
    """
    days = (last_day - number * horizon_days for number in range(1, MOST_CUT_OFFS + 1))
    return tuple(day for day in days if day - first_day >= HORIZONS_BEFORE_A_TRIAL * horizon_days)


@dataclass(frozen=True)
class Tried:
    """What a trial says of the model that would have been used.

    Args:
        customers: Who were scored.
        calibration_error: How far what was expected and what came were apart.
        gains: By how much less log-loss it had than each rule of thumb, with the standard error; the same
            chance for everybody is one of these rules.
    """

    customers: int
    calibration_error: float
    gains: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Judged:
    """Whether scores may be relied on, and why not without more.

    Args:
        verdict: What to do with them.
        reasons: Codes of what speaks against them, the weightiest first: `not_tried`, `no_better` (than a
            rule of thumb), `not_calibrated`, `ill_calibrated`, `other_customers`, `one_trial`.
        better_rule: The rule of thumb that did as well, or the nearest to it; None where none did.
        apart: How far what was expected and what came were apart, each trial as often as it has customers; 0
            without trials.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    better_rule: str | None = None
    apart: float = 0.0


def judged(trials: Sequence[Tried], score_drift: float) -> Judged:
    """Whether scores may be relied on.

    Args:
        trials: On the base's own past.
        score_drift: Stability index of the scores since it was learnt.
    """
    if not trials:
        return Judged("do_not_use", ("not_tried",))
    customers = sum(one.customers for one in trials)
    apart = sum(one.calibration_error * one.customers for one in trials) / customers
    gains = {rule: _together(trials, rule) for rule in sorted({rule for one in trials for rule in one.gains})}
    beaten = {
        rule: mean >= LEAST_GAIN and mean > BEYOND_CHANCE * error for rule, (mean, error) in gains.items()
    }
    if not all(beaten.values()):
        return Judged("do_not_use", ("no_better",), min(gains, key=lambda rule: gains[rule][0]), apart)
    # Written so that what is not known counts as too much.
    if not apart <= CARE_CALIBRATION_BELOW:
        return Judged("do_not_use", ("not_calibrated",), apart=apart)
    against = {
        "ill_calibrated": not apart <= USE_CALIBRATION_BELOW,
        "other_customers": not score_drift <= USE_DRIFT_BELOW,
        "one_trial": len(trials) < ENOUGH_TRIALS,
    }
    reasons = tuple(reason for reason, true in against.items() if true)
    return Judged("use_with_care" if reasons else "use", reasons, apart=apart)


def _together(trials: Sequence[Tried], rule: str) -> tuple[float, float]:
    """Mean gain on a rule over the trials that have it, each as often as it has customers; standard error."""
    those = [(one.customers, *one.gains[rule]) for one in trials if rule in one.gains]
    customers = sum(count for count, _, _ in those)
    mean = sum(count * gained for count, gained, _ in those) / customers
    error = sum((count * error) ** 2 for count, _, error in those) ** 0.5 / customers
    return mean, error


WATCHED_DAYS: Final = 30
"""How far back customers are looked at again, to find who is newly at risk."""
LEAST_WARNED: Final = 30
"""Of fewer customers in a group no early warning is given."""
SURELY: Final = 0.05
"""A warning is given where chance alone would give one, among all groups, at most so often."""

NextStep = Literal[
    "settle_complaint",
    "settle_invoice",
    "renew_contract",
    "ask_what_is_wrong",
    "visit",
    "call",
    "write",
    "no_contact",
]
_DISCONTENT: Final = frozenset(("complaints", "surveys", "returns"))
_SILENT: Final = frozenset(("silence", "frequency", "spending"))
_PHONES: Final = frozenset(
    ("phone", "telephone", "call", "calls", "tel", "mobile", "voice", "تلفن", "تماس", "โทรศัพท์", "โทร")
)
"""What bases call the telephone, in small letters."""
_WRITTEN: Final = frozenset(
    (
        *("email", "e-mail", "mail", "post", "letter", "sms", "text", "whatsapp", "line", "telegram"),
        *("ایمیل", "پیامک", "پست", "อีเมล", "ไปรษณีย์", "ไลน์"),
    )
)
"""And what is written to somebody."""


_VISITS: Final = frozenset(("visit", "visits", "in person", "ویزیت", "حضوری", "ملاقات", "เข้าพบ", "เยี่ยม"))
"""And coming to see somebody."""


class May(NamedTuple):
    """In which ways a customer may be contacted."""

    call: bool = True
    write: bool = True
    visit: bool = True


def ways_open(channels: Mapping[str, bool]) -> May:
    """In which ways a customer may be contacted.

    A phone refused is no; all that is written is, and visits where they are a channel; where they are none,
    everything refused is.

    Args:
        channels: The channels that a base knows of, and whether the customer refuses each.
    """
    named = {name.strip().casefold(): refused for name, refused in channels.items()}
    written = [refused for name, refused in named.items() if name in _WRITTEN]
    visits = [refused for name, refused in named.items() if name in _VISITS] or [*named.values()]
    return May(
        call=not any(named.get(name, False) for name in _PHONES),
        write=not written or not all(written),
        visit=not visits or not all(visits),
    )


_ALL_WAYS: Final = May()
_OFFERS: Final = frozenset(("renew_contract", "ask_what_is_wrong"))


def next_step(
    subject: str | None,
    *,
    open_complaints: float,
    unpaid: float,
    contract: bool,
    company: bool,
    may: May = _ALL_WAYS,
) -> NextStep:
    """What to do first about a customer who is newly at risk; the first of these that holds.

    An open complaint is settled before anything is offered, then an invoice that is overdue. Whose contract
    is at stake, or is the strongest reason, is spoken to about renewing it; who had cause to complain is
    asked what is wrong. Of all others a company is visited, who has fallen silent is called, and the rest are
    written to. Who refuses the one gets the other. Who refuses every way is left alone, but for what is owed:
    a complaint and an invoice are settled all the same.

    Args:
        subject: What the strongest reason tells of, as in `SUBJECTS`; None where there is none.
        open_complaints: Complaints not resolved.
        unpaid: Invoices overdue.
        contract: Whether it is asked whose contract ends.
        company: Whether the customer is a company.
        may: In which ways the customer may be contacted.
    """
    holds: tuple[tuple[NextStep, bool], ...] = (
        ("settle_complaint", open_complaints > 0),
        ("settle_invoice", unpaid > 0),
        ("renew_contract", contract or subject == "contract"),
        ("ask_what_is_wrong", subject in _DISCONTENT),
        ("visit", company),
        ("call", subject in _SILENT),
    )
    wanted: NextStep = next((step for step, true in holds if true), "write")
    visit = company and may.visit
    open_ways: Mapping[NextStep, bool] = {"call": may.call, "write": may.write, "visit": visit}
    allowed = open_ways.get(wanted, wanted not in _OFFERS or any(open_ways.values()))
    if allowed:
        return wanted
    return next((way for way, is_open in open_ways.items() if is_open), "no_contact")
