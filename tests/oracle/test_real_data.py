"""Every metric equals the oracle on real orders and on the demonstration base, to the last unit of money.

All in one group, so that one worker reads and counts each base once for all engines.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from crm_core.tables import Selection
from tests.conftest import OpenEngine
from tests.oracle.data import cdnow, demonstrated, online_retail
from tests.oracle.history import Base, History
from tests.oracle.loading import Loaded, load, materialise
from tests.oracle.questions import Question, by_period, check, everything

JOINING_CUSTOMERS = ("listed_customers", "one_customer", "segment_moves", "customers_of_segment")
JOINING_DAYS = ("customers_of_cohort", "reactivation", "retention_by_group", "held_out_cells")
IN_GROUPS = "'group': "

pytestmark = pytest.mark.xdist_group("real data")


@dataclass(frozen=True)
class Put:
    """A base that lies on an engine, as it is and with its derived tables filled."""

    engine: str
    loaded: Loaded
    derived: Loaded

    def asked(self, case: Case, questions: list[Question]) -> list[Question]:
        """Those that this engine answers in seconds.

        SQLite and PostgreSQL join what a query has just made by comparing each row with each, which takes a
        minute for the 23,502 customers of CDNOW; they are asked that, and of cohorts in groups, about the two
        other bases, and what joins days of purchase about the demonstration alone.
        """
        if self.engine == "duckdb" or case is CASES["demonstration"]:
            return questions
        left_out = JOINING_DAYS + (JOINING_CUSTOMERS if case is CASES["cdnow"] else ())
        asked = [one for one in questions if not one.name.startswith(left_out)]
        return [one for one in asked if case is not CASES["cdnow"] or IN_GROUPS not in one.name]


@cache
def _history(base: Callable[[], Base], as_of: dt.date) -> History:
    history = History(base(), as_of)
    gc.freeze()
    return history


@dataclass(frozen=True)
class Case:
    """A base, the days of which it is asked, and a few of its customers."""

    base: Callable[[], Base]
    as_of: dt.date
    earlier: dt.date
    some: tuple[str, ...]

    def history(self, as_of: dt.date) -> History:
        """What exists at the end of a day, counted once."""
        return _history(self.base, as_of)


DIRECTORY = Path(__file__).resolve().parents[3] / "shared" / "data"


def _cdnow() -> Base:
    return cdnow(DIRECTORY)


def _online_retail() -> Base:
    return online_retail(DIRECTORY)


# Asked besides: who bought most often, and who brought nearly all of it back.
CASES = {
    "cdnow": Case(_cdnow, dt.date(1998, 6, 30), dt.date(1997, 6, 30), ("1", "14048")),
    "online_retail": Case(_online_retail, dt.date(2011, 12, 9), dt.date(2010, 12, 9), ("14911", "12346")),
    "demonstration": Case(demonstrated, dt.date(2026, 10, 31), dt.date(2025, 10, 31), ("C0000137",)),
}


@pytest.fixture(scope="module", autouse=True)
def _left_alone() -> Iterator[None]:
    """The collector does not walk through millions of order lines again and again."""
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def case(request: pytest.FixtureRequest, shared_data: Path) -> Case:
    """One of the bases; those of ../shared/data must be there."""
    found: Case = CASES[request.param]
    return found


@pytest.fixture(scope="module")
def put(request: pytest.FixtureRequest, case: Case, open_engine_named: OpenEngine) -> Iterator[Put]:
    """The base on an engine."""
    with open_engine_named(request.param) as engine:
        loaded = load(engine, case.base())
        yield Put(engine.name, loaded, materialise(loaded))


def on_engines() -> pytest.MarkDecorator:
    """Each base on each engine; the large ones on SQLite and PostgreSQL in the slow tests only."""
    asked = []
    for case in CASES:
        for engine in ("duckdb", "sqlite", "postgres"):
            marks = [pytest.mark.postgres] if engine == "postgres" else []
            if engine != "duckdb" and case != "demonstration":
                marks.append(pytest.mark.slow)
            asked.append(pytest.param(case, engine, marks=marks, id=f"{engine}-{case}"))
    return pytest.mark.parametrize(("case", "put"), asked, indirect=True)


@on_engines()
def test_metrics_from_derived_tables(put: Put, case: Case) -> None:
    """At the default day, as pages ask: every unit and calendar, and everything else."""
    questions = everything(case.history(case.as_of), case.history(case.earlier), case.some)
    check(put.derived, put.asked(case, questions))


@on_engines()
def test_metrics_of_an_earlier_day(put: Put, case: Case) -> None:
    """From the order lines, as everything after the day does not exist."""
    history = case.history(case.earlier)
    questions = everything(history, history, case.some[:1], ("month",), ("jalali",))
    check(put.derived, put.asked(case, questions))


@on_engines()
def test_metrics_from_stored_orders(put: Put, case: Case) -> None:
    """Without any derived table."""
    asked = everything(case.history(case.as_of), case.history(case.earlier), (), (), (), (30,))
    named = (
        "customer_summary",
        "rfm ",
        "abc value=auto",
        "segment_moves",
        "span_figures",
        "pareto_curve value=auto",
    )
    check(put.loaded, [question for question in asked if question.name.startswith(named)])
    check(put.loaded, by_period(case.history(case.as_of), ("quarter",), ("buddhist",)))


def test_online_retail_has_as_many_customers_and_purchases_as_are_known(shared_data: Path) -> None:
    case = CASES["online_retail"]
    history = case.history(case.as_of)
    assert len(history.base.lines) == 1_067_370
    assert len(history.customers) == 5_878
    assert len(history.purchases) == 36_969


@pytest.mark.parametrize(
    "chosen",
    [
        Selection(channels=("Store", "App")),
        Selection(channels=("Web shop",), regions=("Central Iran", "Western Europe")),
    ],
    ids=["channels", "channel-and-regions"],
)
def test_the_demonstration_narrowed_down(open_engine_named: OpenEngine, chosen: Selection) -> None:
    case = CASES["demonstration"]
    base = case.base()
    kept = base.only(chosen.channels, chosen.categories, chosen.regions)
    history, earlier = History(kept, case.as_of), History(kept, case.earlier)
    history.first_date = case.history(case.as_of).first_date
    with open_engine_named("duckdb") as engine:
        loaded = load(engine, base)
        narrowed = replace(loaded, tables=loaded.tables.select(chosen))
        check(narrowed, everything(history, earlier, (), ("month",), ("gregorian",)))
