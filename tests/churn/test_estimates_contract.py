"""Who ends a contract, learnt through the room of a base whose customers are known to leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_core.base import InputError
from crm_core.churn.answers import asked
from crm_core.churn.estimates import (
    churn_backtest,
    churn_drivers,
    churn_scores,
    churn_watch_list,
    risks_tried,
    trained_churn,
)
from crm_core.churn.estimates.questions import Question, question_of
from crm_core.churn.estimates.risks import customer_risks
from crm_core.churn.metrics import churn_labels
from crm_core.customers.metrics import customer_owners
from crm_core.periods import day_of
from crm_core.value.estimates import probability_of_none
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import bring, load_mapping
from crm_core.workspace.catalogue import handed_in

FIRST, LAST = dt.date(2021, 1, 1), dt.date(2023, 12, 31)
HORIZON = 90
LEAVE = {"basic": 0.30, "gold": 0.06}
"""Chance that a contract is not renewed at the end of each quarter."""
MAPPINGS = {
    "orders": "orders: {columns: {customer_id: who, ordered_at: day, amount: amount}}",
    "contracts": "contracts: {columns: {customer_id: who, started_at: began, ended_at: ended, plan: plan}}",
    "customers": "customers: {columns: {customer_id: who, owner: looks_after}}",
}


NOBODYS_ORDER = pd.DataFrame([("nobody", LAST, 1)], columns=["who", "day", "amount"])
DAYS = [LAST - dt.timedelta(days=HORIZON + number * HORIZON // 2) for number in range(6)]
"""On which customers are looked at to learn from, the latest first."""
YEAR_BEFORE = [day - dt.timedelta(days=365) for day in (LAST, DAYS[0])]


def _contracts(customers: int = 1_500) -> pd.DataFrame:
    """Quarter after quarter: a contract ends, and for who stays another begins on the next day."""
    draw = np.random.default_rng(8)
    rows = []
    for one in range(customers):
        plan = str(draw.choice(list(LEAVE)))
        day = FIRST + dt.timedelta(days=int(draw.integers(0, 900)))
        while True:
            end = day + dt.timedelta(days=90)
            left = draw.random() < LEAVE[plan]
            # Who stays for now has a contract whose end nobody knows yet.
            rows.append((f"c{one:04d}", plan, day, end if end <= LAST else None))
            if left or end > LAST:
                break
            day = end + dt.timedelta(days=1)
    return pd.DataFrame(rows, columns=["who", "plan", "began", "ended"])


@pytest.fixture(scope="module")
def contracts() -> pd.DataFrame:
    return _contracts()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, contracts: pd.DataFrame) -> Iterator[Workspace]:
    directory = tmp_path_factory.mktemp("contracts")
    orders = contracts.groupby("who")["began"].min().rename("day").reset_index()
    orders = pd.concat([orders.assign(amount=20), NOBODYS_ORDER])
    opened = _brought(directory, orders=orders, contracts=contracts)
    yield opened
    opened.close()


def _brought(directory: Path, **tables: pd.DataFrame) -> Workspace:
    for name, table in tables.items():
        file = directory / f"{name}.csv"
        table.to_csv(file, index=False)
        bring(directory / "base", file, load_mapping(MAPPINGS[name]), source_name=file.name)
    return open_base(str(directory / "base"))


def _broken_on(contracts: pd.DataFrame, *days: dt.date) -> pd.DataFrame:
    """The same contracts, with nobody under one on some days."""
    for day in days:
        broken = (contracts["began"] < day) & (contracts["ended"].isna() | (contracts["ended"] >= day))
        ended = contracts["ended"].mask(broken, day - dt.timedelta(days=1))
        contracts = contracts.assign(ended=ended)[contracts["began"] != day]
    return contracts


def _left(contracts: pd.DataFrame, cut_off: dt.date) -> dict[str, int]:
    """Of who is under contract on a day, whether there is a day within the horizon without one."""
    until = cut_off + dt.timedelta(days=HORIZON)
    found = {}
    for who, theirs in contracts.groupby("who"):
        known: list[tuple[dt.date, dt.date | None]] = list(zip(theirs["began"], theirs["ended"], strict=True))
        spans = [
            (began, ended if ended is not None and ended <= until else dt.date.max)
            for began, ended in known
            if began <= until
        ]
        running = [end for began, end in spans if began <= cut_off <= end]
        if not running:
            continue
        end = max(running)
        while end < dt.date.max:
            later = [e for began, e in spans if began <= end + dt.timedelta(days=1) and e > end]
            if not later:
                break
            end = max(later)
        found[str(who)] = int(end < until)
    return found


def test_who_renews_has_not_left(workspace: Workspace, contracts: pd.DataFrame) -> None:
    for cut_off in (dt.date(2022, 3, 1), dt.date(2023, 6, 30), LAST - dt.timedelta(days=HORIZON)):
        rows = workspace.ask()(
            churn_labels,
            as_of=cut_off + dt.timedelta(days=HORIZON),
            cut_off=cut_off,
            horizon_days=HORIZON,
            churn="contract",
        )
        told = {str(who): int(left) for who, left in zip(rows["customer_id"], rows["churned"], strict=True)}
        assert told == _left(contracts, cut_off)
        assert 0.05 < np.mean(list(told.values())) < 0.4


def test_it_is_foretold_who_ends_a_contract(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    tried = ask(churn_backtest, as_of=as_of, horizon_days=HORIZON, churn="contract")
    chosen = tried[tried["chosen"]]
    assert len(chosen) == 4
    assert chosen["auc"].mean() > 0.68
    assert chosen["calibration_error"].mean() < 0.06
    alike = tried[tried["model"] == "all_alike"]
    assert (alike["lost_more"] > 2 * alike["lost_more_error"]).all()


def test_lists_of_earlier_days_are_of_what_contracts_brought(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    options = {"horizon_days": HORIZON, "churn": "contract"}
    found = ask(risks_tried, as_of=as_of, **options)
    tried = ask(churn_backtest, as_of=as_of, **options)
    assert set(found["cut_off"]) == set(tried["cut_off"])
    then = ask(customer_risks, as_of=found["cut_off"].max(), **options).set_index("customer_id")["margin"]
    rows = found[found["cut_off"] == found["cut_off"].max()]
    assert rows["margin"].tolist() == rows["kept_margin"].tolist() == then[rows["customer_id"]].tolist()


def test_the_plan_that_was_planted_is_the_first_reason(workspace: Workspace, contracts: pd.DataFrame) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    options = {"horizon_days": HORIZON, "churn": "contract"}
    drivers = ask(churn_drivers, as_of=as_of, **options)
    assert drivers["feature"].iloc[0] == "contract_plan"
    scores = ask(churn_scores, as_of=as_of, **options)
    begun = contracts[contracts["began"] <= LAST]
    running = begun[begun["ended"].isna() | (begun["ended"] == LAST)].set_index("who")["plan"]
    assert sorted(scores["customer_id"]) == sorted(running.index)
    plans = running.reindex(scores["customer_id"]).to_numpy()
    mean = scores["churn_probability"].groupby(plans).mean()
    assert mean["basic"] == pytest.approx(LEAVE["basic"], abs=0.07)
    assert mean["gold"] == pytest.approx(LEAVE["gold"], abs=0.04)
    assert day_of(as_of) == day_of(LAST)


def test_a_page_asks_as_the_estimates_ask_one_another(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    question = question_of(ask, as_of, Question(HORIZON, "contract", probability_of_none))
    page = asked(ask, as_of=as_of, churn="contract", horizon_days=HORIZON)
    assert {**handed_in(trained_churn), **page.options} == question.options
    purchases = asked(ask, as_of=as_of, churn="purchases", horizon_days=HORIZON)
    question = question_of(ask, as_of, Question(HORIZON, "purchases", probability_of_none))
    assert {**handed_in(trained_churn), **purchases.options} == question.options


@pytest.mark.parametrize(
    ("empty", "levels"),
    [
        (DAYS[1], [DAYS[0], *YEAR_BEFORE]),
        (DAYS[0], [DAYS[1], YEAR_BEFORE[0]]),
        (YEAR_BEFORE[0], [DAYS[0]]),
        (YEAR_BEFORE[1], [DAYS[0], YEAR_BEFORE[0]]),
    ],
    ids=["earlier", "latest", "year before", "year before the latest"],
)
def test_a_day_on_which_nobody_is_under_contract_is_left_out(
    tmp_path: Path, contracts: pd.DataFrame, empty: dt.date, levels: list[dt.date]
) -> None:
    opened = _brought(tmp_path, orders=NOBODYS_ORDER, contracts=_broken_on(contracts, empty))
    rows = opened.ask()(trained_churn, as_of=LAST, horizon_days=HORIZON, churn="contract")
    opened.close()
    first = rows.iloc[0]
    assert first["trained_on"].split() == [str(day) for day in DAYS if day != empty]
    assert first["tried_on"] == str(levels[0])
    assert first["level_of"].split() == [str(day) for day in levels]


@pytest.mark.parametrize("empty", [DAYS[1:2], DAYS], ids=["one day", "every day"])
def test_too_few_are_refused_by_their_numbers(
    tmp_path: Path, contracts: pd.DataFrame, empty: list[dt.date]
) -> None:
    few = _broken_on(contracts[contracts["who"] < "c0020"], *empty)
    opened = _brought(tmp_path, orders=NOBODYS_ORDER, contracts=few)
    with pytest.raises(InputError) as refused:
        opened.ask()(churn_scores, as_of=LAST, horizon_days=HORIZON, churn="contract")
    tried = opened.ask()(churn_backtest, as_of=LAST, horizon_days=HORIZON, churn="contract")
    opened.close()
    outcomes = {(who, bool(left)) for day in DAYS for who, left in _left(few, day).items()}
    assert refused.value.key == "churn.too_few"
    assert refused.value.values["left"] == sum(left for _, left in outcomes)
    assert refused.value.values["stayed"] == sum(not left for _, left in outcomes)
    assert bool(outcomes) == (len(empty) == 1)
    assert tried.empty


def test_who_is_under_contract_and_never_bought_has_an_owner(tmp_path: Path, contracts: pd.DataFrame) -> None:
    people = sorted(contracts["who"].unique())
    customers = pd.DataFrame({"who": people, "looks_after": [f"o{one[-1]}" for one in people]})
    opened = _brought(tmp_path, orders=NOBODYS_ORDER, contracts=contracts, customers=customers)
    ask = opened.ask()
    owners = ask(customer_owners, as_of=LAST).set_index("customer_id")["owner"]
    options = {"horizon_days": HORIZON, "churn": "contract", "threshold": 0.15}
    found = ask(churn_watch_list, as_of=LAST, **options)
    opened.close()
    assert owners.to_dict() == dict(zip(people, customers["looks_after"], strict=True))
    assert len(found)
    assert found["owner"].tolist() == [f"o{one[-1]}" for one in found["customer_id"]]
