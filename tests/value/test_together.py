"""What groups of customers are worth together lies in its interval as often as the interval says."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from benchmarks.purchase_processes import PROCESSES, SPEND, simulate, simulate_spend
from crm_core.customers.metrics import first_channel
from crm_core.value import rules
from crm_core.value.estimates import expected_total, value_by_group, value_by_tenth
from crm_core.value.estimates.fitted import fitted_model
from crm_core.value.models import interval_of_sum
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2025, 12, 31)
DAYS = (dt.date(2026, 12, 31) - AS_OF).days
NOT_TRIED = pd.DataFrame(
    {"cut_off": [], "forecast": [], "forecast_money": [], "actual_money": [], "error_of_money": []},
    dtype="object",
)
NOT_TRIED_BY_GROUP = pd.DataFrame(
    {"cut_off": [], "group": [], "customers": [], "forecast_money": [], "actual_money": []}, dtype="object"
)


def _base(seed: int, model: str, customers: int = 1_200) -> tuple[FakeAsk, pd.DataFrame]:
    """A base of customers who buy as a model says, and what each will have spent in the year to come."""
    random = np.random.default_rng(seed)
    age = random.integers(20, 150, customers).astype(np.float64)
    made = simulate(model, PROCESSES[model], age, DAYS / 7, random)
    mean_spend, value = simulate_spend(SPEND, made, random)
    frequency, recency, days = made.days()
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{one:04}" for one in range(customers)],
            "frequency": frequency,
            "recency_days": recency,
            "age_days": days,
            "window_frequency": 0,
            "repeat_revenue": np.rint(100 * mean_spend * frequency).astype("int64"),
        }
    )
    # Groups of 40 to 500 customers; the older half of them stands at the beginning.
    groups = np.array(["few", "some", "more", "many"])[np.searchsorted([40, 160, 500], np.arange(customers))]
    history = ["frequency", "recency_days", "age_days"]
    cells = rows.groupby(history).agg(
        customers=("customer_id", "size"), repeat_revenue=("repeat_revenue", "sum")
    )
    bought = rows[rows["frequency"] > 0]
    worth = {"purchased": [100], "revenue": [100], "margin": [None]}
    ask = FakeAsk(
        tables_between(dt.date(2023, 1, 1), AS_OF),
        {
            "value_trials": NOT_TRIED,
            "money_trials": NOT_TRIED,
            "worth_of_purchases": pd.DataFrame(worth),
            "purchase_histories": rows,
            "purchase_cells": cells.reset_index(),
            "spend_cells": bought.groupby(["frequency", "repeat_revenue"])
            .size()
            .reset_index(name="customers"),
            "customers_in_groups": rows[["customer_id"]].assign(group=groups),
        },
    )
    fitted = [ask(fitted_model, as_of=AS_OF, model=name) for name in (model, "gamma_gamma")]
    ask.answers["fitted_models"] = pd.concat(fitted)
    ask.answers["fitted_model"] = lambda **options: fitted[options["model"] != model]
    return ask, pd.DataFrame({"group": groups, "value": 100 * value})


def _within(seed: int, model: str) -> dict[str, bool]:
    ask, came = _base(seed, model)
    found = ask(value_by_group, as_of=AS_OF, group=first_channel, discount_rate=0.0).set_index("group")
    total = ask(expected_total, as_of=AS_OF, discount_rate=0.0).assign(group="all").set_index("group")
    rows = pd.concat([found, total])
    truth = {**came.groupby("group")["value"].sum(), "all": came["value"].sum()}
    return {str(name): row["low"] <= truth[str(name)] <= row["high"] for name, row in rows.iterrows()}


def test_intervals_of_groups_hold_what_they_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of customers who buy as the model says nothing is missed but by chance."""
    monkeypatch.setattr(rules, "USUAL_MISS", 0.0)
    held = pd.DataFrame([_within(seed, "pareto_nbd") for seed in range(100)])
    assert 0.93 <= held.to_numpy().mean() <= 0.975
    assert (held.mean() >= 0.89).all()


def test_groups_and_tenths_are_parts_of_the_whole() -> None:
    ask, _ = _base(1, "mbg_nbd")
    total = ask(expected_total, as_of=AS_OF).iloc[0]
    groups = ask(value_by_group, as_of=AS_OF, group=first_channel)
    tenths = ask(value_by_tenth, as_of=AS_OF)
    for parts in (groups, tenths):
        for name in ("customers", "customer_lifetime_value"):
            assert parts[name].sum() == total[name]
        assert (parts["low"] < parts["customer_lifetime_value"]).all()
        assert (parts["high"] > parts["customer_lifetime_value"]).all()
        # What is common to all does not cancel out, chance does.
        whole = total["high"] - total["low"]
        widths = parts["high"] - parts["low"]
        assert np.sqrt((widths**2).sum()) < whole < widths.sum()


def test_what_the_method_missed_before_widens_every_interval_alike() -> None:
    ask, _ = _base(2, "pareto_nbd")
    narrow = ask(value_by_group, as_of=AS_OF, group=first_channel)
    off = {"cut_off": [1, 2], "forecast": "x", "forecast_money": [100, 100], "actual_money": [160, 40]}
    ask.answers["money_trials"] = pd.DataFrame(off)
    ask.answers["money_trials_by_group"] = NOT_TRIED_BY_GROUP
    wide = ask(value_by_group, as_of=AS_OF, group=first_channel)
    assert (wide["high"] - wide["low"] > narrow["high"] - narrow["low"]).all()
    assert (wide["high"] - wide["low"] > 1.9 * 0.45 * wide["customer_lifetime_value"]).all()


def test_one_trial_that_went_well_promises_nothing() -> None:
    """Its miss of nothing and the usual one have a mean square, by which all together are unsure."""
    ask, _ = _base(2, "pareto_nbd")
    of_luck = pd.DataFrame({"cut_off": [1], "forecast": "x", "forecast_money": [100], "actual_money": [100]})
    ask.answers["money_trials"] = of_luck
    once = ask(expected_total, as_of=AS_OF).iloc[0]
    ask.answers["money_trials"] = pd.concat([of_luck] * 4)
    four_times = ask(expected_total, as_of=AS_OF).iloc[0]
    widths = [(each["high"] - each["low"]) / each["customer_lifetime_value"] for each in (once, four_times)]
    assert widths[0] > 2 * 1.96 * rules.USUAL_MISS / np.sqrt(2)
    assert widths[1] < widths[0]


def test_the_interval_of_a_sum() -> None:
    low, high = interval_of_sum([100.0, 100.0, 100.0, 0.0], [1.0, 0.0, 40_000.0, 5.0])
    assert low[:2] == pytest.approx([98.05, 100.0], abs=0.01)
    assert high[:2] == pytest.approx([101.97, 100.0], abs=0.01)
    assert 0 <= low[2] < 1
    assert high[2] > 500
    assert (low[3], high[3]) == (0, 0)
