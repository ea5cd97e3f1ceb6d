"""Features, labels and the rhythm equal the oracle on random bases, and the future is never looked at."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from functools import partial

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crm_core.base import InputError, NotProvided
from crm_core.churn.metrics import (
    Churn,
    campaign_effects,
    churn_features,
    churn_labels,
    draws,
    purchase_rhythm,
)
from crm_core.churn.metrics.campaigns import campaign_customers
from crm_core.tables import Tables
from tests.churn.around import drawn_around, load_around
from tests.engines import Engine
from tests.oracle import churn as expected
from tests.oracle.bases import TIMES, TIMES_OF_ENGINE, bases, days_within
from tests.oracle.churn import Around
from tests.oracle.history import Base, History, Line
from tests.oracle.loading import load, materialise, moment
from tests.oracle.questions import Question, check, rows_of

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]
FEW = settings(max_examples=3, suppress_health_check=CHECKS)
"""To compile the features takes far longer than to answer them."""
SOME = settings(max_examples=8, suppress_health_check=CHECKS)
MANY = settings(max_examples=100, suppress_health_check=CHECKS)
CHURNS: tuple[Churn, ...] = ("purchases", "contract")


def _drawn(data: st.DataObject, engine: Engine) -> tuple[Base, Around, dt.date]:
    base, around, as_of = drawn_around(data, engine)
    return _priced(base), around, as_of


def _priced(base: Base) -> Base:
    """The base with products and pieces, of some lines unknown."""
    lines = [
        line._replace(product_id=("x", "y", None)[place % 3], quantity=(10_000, 25_000, 0, None)[place % 4])
        for place, line in enumerate(base.lines)
    ]
    return replace(base, lines=tuple(lines))


def _features(base: Base, around: Around, as_of: dt.date, churn: Churn) -> Question:
    return Question(
        f"churn_features {churn} as of {as_of}",
        partial(churn_features, as_of=as_of, churn=churn),
        partial(expected.churn_features, base, around, as_of, churn),
        ("customer_id",),
    )


@pytest.mark.parametrize("churn", CHURNS)
@FEW
@given(st.data())
def test_features_equal_the_oracle(any_engine: Engine, churn: Churn, data: st.DataObject) -> None:
    base, around, as_of = _drawn(data, any_engine)
    check(load_around(any_engine, base, around), [_features(base, around, as_of, churn)])


@pytest.mark.slow
@pytest.mark.parametrize("churn", CHURNS)
@MANY
@given(st.data())
def test_features_of_many_bases_equal_the_oracle(
    any_engine: Engine, churn: Churn, data: st.DataObject
) -> None:
    base, around, as_of = _drawn(data, any_engine)
    check(load_around(any_engine, base, around), [_features(base, around, as_of, churn)])


@pytest.mark.parametrize("churn", CHURNS)
@FEW
@given(st.data())
def test_features_of_derived_tables_are_the_same(
    kept_duckdb: Engine, churn: Churn, data: st.DataObject
) -> None:
    base, around, as_of = _drawn(data, kept_duckdb)
    loaded = materialise(load_around(kept_duckdb, base, around))
    check(loaded, [_features(base, around, as_of, churn)])


@pytest.mark.parametrize("churn", CHURNS)
@SOME
@given(st.data())
def test_what_comes_after_the_day_changes_no_feature(
    kept_duckdb: Engine, churn: Churn, data: st.DataObject
) -> None:
    """Not of orders, and not of any table: what was resolved, paid or ended later was not by then."""
    base, around, as_of = _drawn(data, kept_duckdb)
    past = base.up_to(as_of)
    assume(past.lines)
    question = _features(base, around, as_of, churn)
    with_future = rows_of(load_around(kept_duckdb, base, around), question)
    first = {rate.currency: rate for rate in sorted(base.rates, key=lambda one: one.valid_from, reverse=True)}
    rates = tuple(one for one in base.rates if one.valid_from <= as_of or one in first.values())
    known = around.up_to(as_of)
    assert rows_of(load_around(kept_duckdb, replace(past, rates=rates), known), question) == with_future


@pytest.mark.parametrize("churn", CHURNS)
@FEW
@given(st.data(), st.integers(1, 5))
def test_features_of_drawn_customers_are_theirs(
    any_engine: Engine, churn: Churn, data: st.DataObject, most: int
) -> None:
    base, around, as_of = _drawn(data, any_engine)
    loaded = load_around(any_engine, base, around)
    question = _features(base, around, as_of, churn)
    rows = {str(row["customer_id"]): row for row in rows_of(loaded, question)}
    some = replace(question, ask=partial(churn_features, as_of=as_of, churn=churn, most_customers=most))
    drawn = rows_of(loaded, some)
    assert drawn == [rows[str(row["customer_id"])] for row in drawn]
    assert min(len(rows), most - 1) <= len(drawn) <= most + 1
    if len(rows) <= most:
        assert len(drawn) == len(rows)


def test_a_draw_is_even_and_another_every_day(any_engine: Engine) -> None:
    ids = pa.table({"customer_id": [f"c{place:04d}" for place in range(5_000)]})
    people = any_engine.load({"people": ids})["people"]
    found = [set(draws.drawn(people, 500, day).execute()["customer_id"]) for day in (0, 20_000, 20_045)]
    for some in found:
        places = [int(one[1:]) for one in some]
        assert len(some) == pytest.approx(500, abs=3)
        assert [sum(place // 500 == tenth for place in places) for tenth in range(10)] == pytest.approx(
            [50] * 10, abs=3
        )
        assert [sum(place % 7 == rest for place in places) for rest in range(7)] == pytest.approx(
            [500 / 7] * 7, abs=5
        )
    assert len(found[0] & found[1]) < 250
    assert found[1] != found[2]


def test_a_draw_of_fewer_than_none_is_refused(engine: Engine) -> None:
    loaded = load(engine, Base(LINES))
    with pytest.raises(InputError):
        churn_features(loaded.tables, as_of=AS_OF, most_customers=-1)


@pytest.mark.parametrize("churn", CHURNS)
@FEW
@given(st.data(), st.sampled_from((1, 7, 30, 90)))
def test_labels_equal_a_loop(any_engine: Engine, churn: Churn, data: st.DataObject, horizon: int) -> None:
    base, around, as_of = _drawn(data, any_engine)
    cut_off = as_of - dt.timedelta(horizon + data.draw(st.sampled_from((0, 0, 1, 20))))
    question = Question(
        f"churn_labels {churn} {cut_off} + {horizon} as of {as_of}",
        partial(churn_labels, as_of=as_of, cut_off=cut_off, horizon_days=horizon, churn=churn),
        partial(expected.churn_labels, base, around, as_of, cut_off, horizon, churn),
        ("customer_id",),
    )
    loaded = load_around(any_engine, base, around)
    check(loaded, [question])
    told = {row["customer_id"] for row in rows_of(loaded, question)}
    asked = rows_of(loaded, _features(base, around, cut_off, churn))
    assert told == {row["customer_id"] for row in asked}


@SOME
@given(st.data(), st.sampled_from((1, 30, 90)))
def test_effects_of_campaigns_equal_a_loop(any_engine: Engine, data: st.DataObject, horizon: int) -> None:
    base, around, as_of = _drawn(data, any_engine)
    check(load_around(any_engine, base, around), [_effects(base, around, as_of, horizon)])


@SOME
@given(st.data(), st.sampled_from((1, 30, 90)))
def test_effects_of_campaigns_are_those_of_then(
    kept_duckdb: Engine, data: st.DataObject, horizon: int
) -> None:
    """As a loop says, with the future there and with it deleted."""
    base, around, as_of = _drawn(data, kept_duckdb)
    question = _effects(base, around, as_of, horizon)
    loaded = load_around(kept_duckdb, base, around)
    check(loaded, [question])
    past = base.up_to(as_of)
    assume(past.lines and not base.rates)
    found = rows_of(loaded, question)
    assert rows_of(load_around(kept_duckdb, past, around.up_to(as_of)), question) == found


def _effects(base: Base, around: Around, as_of: dt.date, horizon: int) -> Question:
    return Question(
        f"campaign_effects within {horizon} as of {as_of}",
        partial(campaign_effects, as_of=as_of, horizon_days=horizon),
        partial(expected.campaign_effects, base, around, as_of, horizon),
        ("campaign_id",),
    )


@SOME
@given(st.data())
def test_the_rhythm_equals_a_loop(any_engine: Engine, data: st.DataObject) -> None:
    base = data.draw(bases(times=TIMES_OF_ENGINE.get(any_engine.name, TIMES)), label="base")
    as_of = data.draw(days_within(base), label="as of")
    question = Question(
        f"purchase_rhythm as of {as_of}",
        partial(purchase_rhythm, as_of=as_of),
        partial(expected.purchase_rhythm, History(base, as_of)),
        ("gap_days",),
    )
    check(load(any_engine, base), [question])


AS_OF = dt.date(2024, 6, 30)
# a bought three times and is overdue; b bought once on the web, and sent something back since.
LINES = (
    Line("a", "1", moment("2024-01-01 10:00"), 100_000, channel="shop", category="tea", discount=0),
    Line("a", "2", moment("2024-01-31 10:00"), 300_000, channel="shop", category="rice", discount=100_000),
    Line("a", "3", moment("2024-04-30 23:59"), 200_000, channel="web", category="tea", discount=None),
    Line("b", "4", moment("2024-06-01 00:00"), 50_000, channel="web", category="tea", discount=50_000),
    Line("b", "5", moment("2024-06-30 23:00"), -20_000, channel="web", category="tea"),
)


def test_features_of_five_lines(engine: Engine) -> None:
    loaded = load(engine, Base(LINES))
    a, b = loaded.rows(churn_features(loaded.tables, as_of=AS_OF).order_by("customer_id"))
    wanted_a = {
        "customer_id": "a",
        "days_since_last_order": 61,
        "days_since_first_order": 181,
        "order_count": 3,
        "order_count_30": 0,
        "order_count_90": 1,
        "order_count_180": 2,
        "revenue_180": 500_000,
        "average_order_value": 200_000,
        "gap_days": 60.0,
        "gap_deviation_days": 1800**0.5,
        "last_gap_days": 90,
        "longest_gap_days": 90,
        "overdue_ratio": 61 / 60,
        "order_trend_90": 0.0,
        "revenue_trend_90": -1 / 5,
        "channel_count": 2,
        "main_channel": "shop",
        "main_channel_share": 2 / 3,
        "category_count": 2,
        "main_category": "rice",
        "main_category_share": 0.5,
        "discount_share": 1 / 7,
        "discount_share_90": 0.0,
        "complaint_count": None,
        "contract_count": None,
        "kind": None,
    }
    assert {name: a[name] for name in wanted_a} == wanted_a
    wanted_b = {
        "customer_id": "b",
        "order_count": 1,
        "revenue": 30_000,
        "return_count": 1,
        "returned": -20_000,
        "days_since_last_return": 0,
        "returned_order_count": 1,
        "price_change_180": None,
        "days_since_last_order": 29,
        "order_count_30": 1,
        "gap_days": None,
        "overdue_ratio": None,
        "discount_share": 0.5,
    }
    assert {name: b[name] for name in wanted_b} == wanted_b


def test_what_has_become_dearer_is_told_by_what_was_spent_on_it(engine: Engine) -> None:
    """Tea rises from 10 to 12 a piece, rice stays at 5, oil is new; a guest's tea counts too."""
    sold = (
        ("a", "1", "2023-12-01", 300_000, "tea", 3, 0),
        (None, "2", "2024-05-01", 220_000, "tea", 2, 20_000),
        ("a", "3", "2024-05-01", 100_000, "rice", 2, 0),
        ("b", "4", "2023-12-02", 50_000, "rice", 1, 0),
        ("b", "5", "2024-06-30", 70_000, "oil", 1, 0),
    )
    lines = [
        Line(
            who, order, moment(f"{day} 10:00"), paid, product_id=what, quantity=pieces * 10_000, discount=off
        )
        for who, order, day, paid, what, pieces, off in sold
    ]
    loaded = load(engine, Base(tuple(lines)))
    rows = loaded.rows(churn_features(loaded.tables, as_of=AS_OF).order_by("customer_id"))
    assert [row["price_change_180"] for row in rows] == [0.15, 0.0]


def test_a_return_under_the_order_s_own_id_is_seen(engine: Engine) -> None:
    lines = (
        Line("a", "1", moment("2024-01-01 10:00"), 100_000),
        Line("a", "1", moment("2024-01-05 10:00"), -40_000),
        Line("a", "2", moment("2024-02-01 10:00"), 100_000),
        Line("a", "3", moment("2024-02-05 10:00"), -100_000),
    )
    loaded = load(engine, Base(lines))
    (row,) = loaded.rows(churn_features(loaded.tables, as_of=AS_OF))
    assert (row["returned_order_count"], row["return_count"]) == (2, 1)


def test_the_columns_are_the_same_whatever_a_base_provides(engine: Engine) -> None:
    poor = Base(
        tuple(Line(line.customer_id, None, line.ordered_at, line.amount) for line in LINES), currency=""
    )
    loaded = load(engine, poor)
    bare = replace(
        loaded.tables, provided=frozenset({"orders.customer_id", "orders.ordered_at", "orders.amount"})
    )
    found = churn_features(bare, as_of=AS_OF)
    assert found.schema() == churn_features(_full(), as_of=AS_OF).schema()
    rows = loaded.answer(found)
    silent = {name for name in rows.column_names if rows[name].null_count == rows.num_rows}
    assert silent >= {"main_channel", "channel_count", "category_count", "discount_share", "unpaid_count"}
    assert not silent & {"order_count_365", "revenue_30", "days_since_last_order"}


def _full() -> Tables:
    from tests.house.test_metric_docs import _everything

    return _everything()


BEFORE, AFTER = moment("2024-06-10 09:00"), moment("2024-07-01 00:00")
AROUND = Around(
    payments=[{"customer_id": "a", "due_at": BEFORE, "paid_at": AFTER, "amount": 70, "currency": None}],
    complaints=[{"customer_id": "a", "opened_at": BEFORE, "resolved_at": AFTER, "satisfaction": 1.0}],
    surveys=[
        {"customer_id": "a", "answered_at": BEFORE, "question": "nps", "score": 9.0},
        {"customer_id": "a", "answered_at": AFTER, "question": "nps", "score": 0.0},
    ],
    contacts=[{"customer_id": "a", "contacted_at": AFTER, "channel": "web", "direction": "inbound"}],
    consents=[
        {"customer_id": "a", "channel": "web", "allowed": True, "changed_at": BEFORE, "purpose": None},
        {"customer_id": "a", "channel": "web", "allowed": False, "changed_at": AFTER, "purpose": None},
    ],
    contracts=[
        {
            "customer_id": "a",
            "started_at": BEFORE,
            "ended_at": AFTER,
            "plan": "gold",
            "monthly_amount": 9,
            "currency": None,
        }
    ],
)


def test_what_was_resolved_paid_refused_or_ended_later_was_not_by_then(engine: Engine) -> None:
    loaded = load_around(engine, Base(LINES), AROUND)
    a, _ = loaded.rows(churn_features(loaded.tables, as_of=AS_OF).order_by("customer_id"))
    wanted = {
        "invoice_count": 1,
        "unpaid_count": 1,
        "unpaid_amount": 70,
        "oldest_unpaid_days": 20,
        "payment_delay_days": None,
        "late_share": 1.0,
        "complaint_count": 1,
        "complaint_count_since_order": 1,
        "open_complaint_count": 1,
        "resolution_days": None,
        "complaint_satisfaction": None,
        "survey_answer_count": 1,
        "last_nps": 9.0,
        "contact_count_365": 0,
        "days_since_last_contact": None,
        "consent_count": 1,
        "refusal_count": 0,
        "contract_count": 1,
        "ended_contract_count": 0,
        "contract_days": 20,
        "contract_plan": "gold",
        "contract_monthly_amount": 9,
    }
    assert {name: a[name] for name in wanted} == wanted
    known = load_around(engine, Base(LINES), AROUND.up_to(AS_OF))
    assert known.rows(churn_features(known.tables, as_of=AS_OF).order_by("customer_id"))[0] == a


CAMPAIGNS = Around(
    contacts=[
        {"customer_id": name, "contacted_at": moment(at), "direction": direction, "campaign_id": campaign}
        for campaign, name, at, direction in (
            ("may", "a", "2024-04-30 08:00", "outbound"),
            ("may", "b", "2024-05-31 08:00", "outbound"),  # has not bought by then
            ("may", "e", "2024-04-30 08:00", "none"),
            ("may", "e", "2024-05-02 08:00", None),  # contacted by mistake: was to be held back
            ("may", "c", "2024-04-30 09:00", None),
            ("may", "d", "2024-04-30 09:00", "outbound"),
            ("may", "f", "2024-04-01 09:00", "inbound"),  # an answer
            ("june", "a", "2024-06-10 08:00", "outbound"),  # not over
            ("june", "e", "2024-06-10 08:00", "none"),
            ("all", "a", "2024-02-01 08:00", "outbound"),  # nobody was held back
        )
    ]
)
CAMPAIGN_LINES = (
    Line("a", "1", moment("2024-04-30 10:00"), 100_000),
    Line("a", "2", moment("2024-05-30 10:00"), 100_000),
    Line("b", "3", moment("2024-06-01 10:00"), 100_000),
    Line("c", "4", moment("2024-01-01 10:00"), 100_000),
    Line("c", "5", moment("2024-05-31 10:00"), 100_000),
    Line("d", "6", moment("2024-01-01 10:00"), 100_000),
    Line("d", "7", moment("2024-05-01 10:00"), -10_000),
    Line("e", "8", moment("2024-03-01 10:00"), 100_000),
    Line("e", "9", moment("2024-04-30 11:00"), 100_000),
    Line("f", "10", moment("2024-03-01 10:00"), 100_000),
)


def test_the_effect_of_one_campaign(engine: Engine) -> None:
    """Of a, c and d who were contacted a came back on the 30th day after, c on the 31st, d gave back."""
    loaded = load_around(engine, Base(CAMPAIGN_LINES), CAMPAIGNS)
    (found,) = loaded.rows(campaign_effects(loaded.tables, as_of=AS_OF, horizon_days=30))
    assert found == {
        "campaign_id": "may",
        "sent_on": dt.date(2024, 4, 30),
        "treatment_customers": 3,
        "control_customers": 1,
        "treatment_stayed": 1,
        "control_stayed": 0,
        "uplift": pytest.approx(1 / 3),
        "standard_error": pytest.approx((0.4 * 0.6 / 5 + 1 / 3 * 2 / 3 / 3) ** 0.5),
    }


def test_only_the_latest_campaigns_with_customers_of_both_sorts_are_asked_for(engine: Engine) -> None:
    sent = {"old": 1, "twin": 5, "late": 9, "tie": 5, "one_sort": 12}
    around = Around(
        contacts=[
            {
                "customer_id": name,
                "contacted_at": moment(f"2024-04-{day:02} 08:00"),
                "direction": "none" if name == "c" and campaign != "one_sort" else "outbound",
                "campaign_id": campaign,
            }
            for campaign, day in sent.items()
            for name in ("c", "d", "e")
        ]
    )
    loaded = load_around(engine, Base(CAMPAIGN_LINES), around)

    def asked(latest: int) -> list[tuple[object, ...]]:
        rows = loaded.rows(
            campaign_customers(loaded.tables, as_of=AS_OF, horizon_days=30, latest=latest).order_by(
                "campaign_id", "customer_id"
            )
        )
        return [tuple(row.values()) for row in rows]

    every = asked(0)
    assert len(every) == 15
    for latest, names in (
        (1, {"late"}),
        (2, {"late", "twin"}),
        (3, {"late", "twin", "tie"}),
        (9, {*sent} - {"one_sort"}),
    ):
        assert asked(latest) == [row for row in every if row[0] in names]


def test_without_campaigns_there_are_no_effects(engine: Engine) -> None:
    loaded = load(engine, Base(LINES))
    with pytest.raises(NotProvided) as refused:
        campaign_effects(loaded.tables, as_of=AS_OF)
    assert refused.value.key == "base.table_not_provided"
    with pytest.raises(InputError):
        campaign_effects(loaded.tables, as_of=AS_OF, horizon_days=0)


def test_an_outcome_that_is_not_known_yet_is_refused(engine: Engine) -> None:
    loaded = load(engine, Base(LINES))
    ask = partial(churn_labels, loaded.tables, as_of=AS_OF, horizon_days=30)
    rows = loaded.rows(ask(cut_off=dt.date(2024, 5, 31)).order_by("customer_id"))
    assert rows == [{"customer_id": "a", "churned": 1}]
    with pytest.raises(InputError, match=r"churn\.outcome_not_known"):
        ask(cut_off=dt.date(2024, 6, 1))
    with pytest.raises(InputError, match=r"metric\.bad_option"):
        churn_labels(loaded.tables, as_of=AS_OF, cut_off=dt.date(2024, 5, 1), horizon_days=0)


def _contract(name: str, begun: dt.date, end: dt.date | None) -> dict[str, object]:
    spans = {
        "started_at": dt.datetime.combine(begun, dt.time(9)),
        "ended_at": None if end is None else dt.datetime.combine(end, dt.time(23, 59)),
    }
    return {"customer_id": name, **spans, "plan": "gold", "monthly_amount": 9, "currency": None}


MONTHS = [dt.date(2023 + month // 12, month % 12 + 1, 1) for month in range(18)]
MONTHLY = Around(
    contracts=[
        _contract(name, begun, after - dt.timedelta(1))
        for name, months in {"kept": 17, "ended": 10}.items()
        for begun, after in itertools.pairwise(MONTHS[: months + 1])
    ]
)
"""Contracts from the first of a month to its end; the last of `ended` ends on 31 October 2023."""


@pytest.mark.parametrize(("horizon", "left"), [(88, 0), (89, 0), (90, 0), (91, 1), (92, 1)])
@pytest.mark.parametrize("days_later", [0, 1, 60])
def test_a_renewal_on_the_day_after_the_horizon_is_no_leaving(
    engine: Engine, horizon: int, left: int, days_later: int
) -> None:
    """Of 2 August 90 days end on 31 October, the last day of a contract that may yet be renewed."""
    loaded, cut_off = load_around(engine, Base(LINES), MONTHLY), dt.date(2023, 8, 2)
    labels = churn_labels(
        loaded.tables,
        as_of=cut_off + dt.timedelta(horizon + days_later),
        cut_off=cut_off,
        horizon_days=horizon,
        churn="contract",
    )
    assert {row["customer_id"]: row["churned"] for row in loaded.rows(labels)} == {"kept": 0, "ended": left}


def test_on_its_last_day_a_contract_runs(engine: Engine) -> None:
    loaded = load_around(engine, Base(LINES), MONTHLY)
    for day, running in ((31, {"kept", "ended"}), (32, {"kept"})):
        as_of = dt.date(2023, 9, 30) + dt.timedelta(day)
        rows = loaded.rows(churn_features(loaded.tables, as_of=as_of, churn="contract"))
        assert {row["customer_id"] for row in rows} == running
        assert {row["contract_count"] for row in rows} == {1}
        assert {row["ended_contract_count"] for row in rows} == {9 if day == 31 else 10}
        labels = churn_labels(
            loaded.tables, as_of=as_of + dt.timedelta(1), cut_off=as_of, horizon_days=1, churn="contract"
        )
        told = {row["customer_id"]: row["churned"] for row in loaded.rows(labels)}
        assert told == {name: int(name == "ended") for name in running}


def test_without_contracts_nobody_is_under_contract(engine: Engine) -> None:
    loaded = load(engine, Base(LINES))
    with pytest.raises(NotProvided):
        churn_features(loaded.tables, as_of=AS_OF, churn="contract")
    engine.load({"contracts": pa.table({"customer_id": ["a"], "started_at": [moment("2024-01-01 09:00")]})})
    try:
        known = load_without_dropping(engine)
        with pytest.raises(NotProvided):
            churn_features(known, as_of=AS_OF, churn="contract")
    finally:
        engine.connection.drop_table("contracts")


def load_without_dropping(engine: Engine) -> Tables:
    from tests.oracle.loading import open_on

    return open_on(engine).tables
