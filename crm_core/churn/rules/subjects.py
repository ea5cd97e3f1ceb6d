"""What features tell of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

PURCHASE_WINDOWS: Final = (30, 90, 180, 365)
"""Days up to the day of the features within which purchases and revenue are counted."""

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
