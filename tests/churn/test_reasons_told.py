"""Every feature has words in every language, and never shows the name of its column."""

from __future__ import annotations

import re

import pytest

from crm_core.churn.answers import changes_told, feature_named, reason_told, reasons_told, why_told
from crm_core.churn.answers.reasons import UNTOLD
from crm_core.churn.estimates.risks import PLACES
from crm_core.churn.estimates.snapshots import NO_PURCHASE
from crm_core.churn.metrics import churn_features
from crm_core.churn.rules import SUBJECTS, family_of, subject_of
from crm_core.i18n import LANGUAGES, language

_, _, _RETURNED = (churn_features.__doc__ or "").partition("Returns:")
_LISTED = re.findall(r"- ((?:`[a-z_0-9]+`(?:, )?)+):", _RETURNED.replace("\n          ", " "))
FEATURES = [one for one in re.findall(r"`([a-z_0-9]+)`", "".join(_LISTED)) if one != "customer_id"]
NAMES = ("main_channel", "main_category", "contract_plan", "kind", "region", "city", "acquisition_channel")
NUMBERS = (0.0, 1.0, 2.0, 2.5, -0.4, -1.0, 37.0)


def test_the_features_are_all_there() -> None:
    assert len(FEATURES) == len(set(FEATURES)) == 78
    assert {family_of(one)[0] for one in (*FEATURES, NO_PURCHASE)} == SUBJECTS.keys()
    assert all(subject_of(one) for one in FEATURES)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("feature", [*FEATURES, NO_PURCHASE])
def test_a_feature_has_words_whatever_its_value(feature: str, code: str) -> None:
    spoken = language(code)
    values: list[tuple[float | None, str | None]] = [(number, None) for number in NUMBERS]
    if feature in NAMES:
        values = [(None, "Tea"), (None, "company"), (None, "person")]
    for number, name in [*values, (None, None), (float("nan"), None)]:
        if number is not None and number < 0 and feature not in ("payment_delay_days", "perception_gap"):
            number = number if "trend" in feature else abs(number)
        said = spoken.tell(reason_told(feature, number, name, "EUR"))
        assert said
        assert not re.search(r"[a-z]_[a-z]|\{|\}|nan", said), said
    assert spoken.tell(feature_named(feature))


def row_of(**changed: object) -> dict[str, object]:
    row: dict[str, object] = {"days_since_last_order": 84, "gap_days": 21.2}
    for place in PLACES:
        row |= {place: None, f"{place}_number": float("nan"), f"{place}_name": None}
    return {**row, **changed}


def test_silence_is_told_against_what_is_usual() -> None:
    english = language("en")
    row = row_of(
        raises_1=NO_PURCHASE, raises_1_number=3.0, raises_2="open_complaint_count", raises_2_number=2.0
    )
    assert english.tell(why_told(row, "EUR")) == (
        "no purchase for 84 days, usually every 21; 2 complaints open"
    )
    once = row_of(raises_1="silent_share", gap_days=float("nan"))
    assert english.tell(why_told(once, "EUR")) == "no purchase for 84 days, bought on one day only"
    seldom = row_of(raises_1="overdue_ratio", gap_days=500.0)
    assert english.tell(why_told(seldom, "EUR")) == "buys seldom, every 500 days on average"
    assert english.tell(why_told(row_of(), "EUR")).startswith("no more likely")


def test_who_is_no_likelier_to_leave_than_others_is_told_by_what_speaks_for_it() -> None:
    row = row_of(lowers_1="days_since_last_order", gap_days=121.2)
    assert language("en").tell(why_told(row, "EUR")) == (
        "no more likely to leave than others (bought 84 days ago, usually every 121), but much at stake"
    )


def test_a_single_purchase_is_told_once() -> None:
    once = row_of(
        raises_1="silent_share", gap_days=float("nan"), raises_2="purchase_days", raises_2_number=1.0
    )
    assert language("en").tell(why_told(once, "EUR")) == "no purchase for 84 days, bought on one day only"
    alone = row_of(raises_1="purchase_days", raises_1_number=1.0, gap_days=float("nan"))
    assert language("en").tell(why_told(alone, "EUR")) == "bought on 1 day so far"


def test_more_returned_than_bought_is_no_negative_spending() -> None:
    row = change_of(raises_1="revenue_90", raises_1_number=-4.25, raises_1_number_before=1566.0)
    (said,) = changes_told(row, "GBP", 30)
    assert language("en").tell(said) == "returned £4.25 more than was bought in the last 90 days"


def test_spending_is_never_told_as_a_number_of_purchases() -> None:
    told = language("fa").tell
    spent, bought = (reason_told(one, 359.0, None, "") for one in ("revenue_365", "order_count_365"))
    assert told(spent) != told(bought)


def test_numbers_are_written_with_no_digits_that_are_not_there() -> None:
    assert language("en").tell(reason_told("orders_per_year", 1.43, None, "")) == "1.43 purchases a year"


def test_what_lowers_the_risk_is_told_apart() -> None:
    row = row_of(raises_1="late_share", raises_1_number=0.5, lowers_1="days_since_last_order")
    (told,) = reasons_told({**row, "gap_days": 121.2}, "EUR", "lowers")
    assert language("en").tell(told) == "bought 84 days ago, usually every 121"
    (told,) = reasons_told(row, "EUR")
    assert language("en").tell(told) == "50% of invoices paid late"


def test_what_is_not_known_or_not_there_is_no_reason() -> None:
    assert not reasons_told(row_of(raises_1="revenue_trend_90", raises_2="contract_days"), "EUR")
    assert not reasons_told(row_of(raises_1="contract_count", raises_1_number=0.0), "EUR")
    assert not reasons_told(row_of(raises_1="known_days", raises_1_number=40.0), "EUR")


def change_of(**changed: object) -> dict[str, object]:
    row = {name: value for name, value in row_of().items() if not name.startswith("lowers")}
    for place in (one for one in PLACES if one.startswith("raises")):
        row |= {f"{place}_number_before": float("nan"), f"{place}_name_before": None}
    return {**row, **changed}


@pytest.mark.parametrize(
    ("feature", "now", "before", "told"),
    [
        ("days_since_last_order", 84.0, 54.0, "no purchase for 84 days, usually every 21 (30 days ago: 54)"),
        ("open_complaint_count", 2.0, 0.0, "2 complaints open (30 days ago: 0)"),
        ("revenue_365", 20.0, 120.0, "€20 spent in the last 365 days (30 days ago: €120)"),
        ("discount_share_90", 0.1, 0.104, "10% discount in the last 90 days"),
        ("discount_share_90", 0.1, 0.25, "10% discount in the last 90 days (30 days ago: 25%)"),
        ("payment_delay_days", 5.0, float("nan"), "pays 5 days after the due date on average"),
    ],
)
def test_what_raised_the_risk_says_what_it_was(feature: str, now: float, before: float, told: str) -> None:
    row = change_of(raises_1=feature, raises_1_number=now, raises_1_number_before=before)
    (said,) = changes_told(row, "EUR", 30)
    assert language("en").tell(said).replace("\N{NO-BREAK SPACE}", " ") == told


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("feature", FEATURES)
def test_whatever_it_was_has_words(feature: str, code: str) -> None:
    if family_of(feature)[0] in UNTOLD:
        assert not changes_told(change_of(raises_1=feature, raises_1_number=2.0), "EUR", 30)
        return
    if feature in NAMES:
        told = change_of(raises_1=feature, raises_1_name="Tea", raises_1_name_before="Coffee")
    else:
        now, before = (-0.5, 0.25) if "trend" in feature else (0.25, -0.5)
        told = change_of(raises_1=feature, raises_1_number=now, raises_1_number_before=before)
    (said,) = changes_told(told, "EUR", 30)
    assert not re.search(r"[a-z]_[a-z]|\{|\}|nan", language(code).tell(said))


def test_silence_no_longer_than_usual_is_told_as_what_changed() -> None:
    row = change_of(raises_1="days_since_last_order", raises_1_number=84.0, raises_1_number_before=54.0)
    (said,) = changes_told({**row, "gap_days": 500.0}, "EUR", 30)
    assert language("en").tell(said) == "no purchase for 84 days (30 days ago: 54)"


def test_what_the_customer_does_is_told_before_what_the_customer_is() -> None:
    row = row_of(
        raises_1="acquisition_channel",
        raises_1_name="Social media",
        raises_2="main_category",
        raises_2_name="Gifts",
        raises_3="city",
        raises_3_name="Berlin",
    )
    told = language("en").tell
    assert told(why_told(row, "EUR")) == "buys mostly Gifts; is from Berlin"
    more = {**row, "raises_5": "open_complaint_count", "raises_5_number": 2.0}
    assert told(why_told(more, "EUR")) == "2 complaints open; buys mostly Gifts; is from Berlin"
    alone = row_of(raises_1="acquisition_channel", raises_1_name="Social media")
    assert told(why_told(alone, "EUR")) == "was won through Social media"


def test_no_more_reasons_are_told_than_one_reads() -> None:
    many = ("days_since_last_order", "late_share", "open_complaint_count", "order_trend_90")
    values = (84.0, 0.5, 2.0, -0.5)
    row = row_of()
    for place, (feature, value) in enumerate(zip(many, values, strict=True), start=1):
        row |= {f"raises_{place}": feature, f"raises_{place}_number": value}
    assert len(reasons_told(row, "EUR")) == 3


@pytest.mark.parametrize(
    ("which", "feature", "number"),
    [
        ("raises", "order_trend_90", 0.2),
        ("raises", "order_trend_90", 0.0),
        ("lowers", "revenue_trend_90", -0.2),
        ("raises", "price_change_180", 0.001),
        ("raises", "price_change_180", -0.1),
        ("lowers", "price_change_180", 0.1),
        ("raises", "discount_share", 0.0),
        ("raises", "complaint_count", 0.0),
        ("raises", "late_share", 0.0),
        ("lowers", "open_complaint_count", 2.0),
        ("lowers", "days_since_last_order", 84.0),
    ],
)
def test_what_sounds_like_its_opposite_is_not_told(which: str, feature: str, number: float) -> None:
    row = row_of(**{f"{which}_1": feature, f"{which}_1_number": number})
    assert not reasons_told(row, "EUR", which)
