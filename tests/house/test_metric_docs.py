"""A metric's docstring is what people read: it must say what the function takes and gives, and no more."""

from __future__ import annotations

import datetime as dt
import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Annotated, get_origin, get_type_hints

import ibis
import ibis.expr.types as ir
import pytest

from crm_core.churn import metrics as churn
from crm_core.customers import metrics as customers
from crm_core.loyalty import metrics as loyalty
from crm_core.loyalty.rules import Members, Rule
from crm_core.overview import metrics as overview
from crm_core.retention import metrics as retention
from crm_core.schemas import DATATYPES, SCHEMAS
from crm_core.segments import metrics as segments
from crm_core.tables import Build, Estimate, Metric, Tables
from crm_core.value import metrics as value
from crm_core.workspace.catalogue import METRICS

AS_OF = dt.date(2024, 2, 29)
ENTRY = re.compile(r"^ {8}- (?P<names>`[a-z_0-9]+`(?:, `[a-z_0-9]+`)*): (?P<said>.+)$", re.MULTILINE)
_MEMBERS = {"members": Members("everybody"), "begin": dt.date(2024, 1, 1)}
_EARLY = {"members": Members("joined", "club"), "opened": dt.date(2024, 1, 1)}
OPTIONS: dict[str, dict[str, object]] = {
    "span_figures": {"spans": ((0, 6), (7, 13))},
    "customers_of_span": {"group": "new", "before": 0, "first": 7, "last": 13},
    "segment_moves": {"since": dt.date(2023, 2, 28)},
    "customers_of_cohort": {"cohort": 24_000},
    "customers_on_rung": {"purchase": 1},
    "overdue_customers": {"category": "tea", "longer_than": 30},
    "one_customer": {"customer_id": "a"},
    "orders_of_customer": {"customer_id": "a"},
    "lines_of_order": {"customer_id": "a", "order_id": "1"},
    "held_out_cells": {
        "cut_off": dt.date(2023, 8, 31),
        "window_days": 182,
        "group": customers.first_channel,
    },
    "grouped_cells": {"group": customers.first_channel},
    "customers_grouped": {"group": customers.first_channel},
    "customers_in_groups": {"group": customers.first_channel},
    "purchases_after": {"cut_off": dt.date(2023, 8, 31)},
    "customers_named": {"ids": ("a",)},
    "churn_labels": {"cut_off": dt.date(2023, 8, 31), "horizon_days": 90},
    "loyalty_members": _MEMBERS,
    "loyalty_bought": _MEMBERS,
    "loyalty_grouped": {**_MEMBERS, "group": customers.first_channel},
    "loyalty_entries": {**_MEMBERS, "earn": (Rule("amount", 1, unit=1.0), Rule("variety", 10))},
    "loyalty_rule_met": {**_MEMBERS, "rule": Rule("purchase", 1)},
    "loyalty_indicators": {"looked": (loyalty.Looked("amount"), loyalty.Looked("purchases"))},
    "loyalty_rhythm": {"begin": dt.date(2024, 1, 1)},
    "loyalty_early": _EARLY,
    "loyalty_early_days": _EARLY,
    "loyalty_early_contacts": _EARLY,
}
AS_ANOTHER = {"listed_customers"}
"""Those whose columns are, in so many words, those of another metric and a few more."""


def _everything() -> Tables:
    """A base with every table and every column."""
    stored = {
        name: ibis.table({column: DATATYPES[kind] for column, kind in schema.columns.items()}, name=name)
        for name, schema in SCHEMAS.items()
    }
    provided = frozenset(f"{name}.{column}" for name, schema in SCHEMAS.items() for column in schema.columns)
    return Tables(stored.pop("orders"), stored, provided, "EUR", first_day=19_000, last_day=20_000)


def _public(module: ModuleType) -> list[Callable[..., ir.Table]]:
    return [
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__.startswith(module.__name__)
        and not name.startswith("_")
        and next(iter(inspect.signature(function).parameters), "") == "tables"
    ]


ROOMS = (churn, customers, loyalty, overview, retention, segments, value)
TABLES_OF_ROOMS = [one for module in ROOMS for one in _public(module)]


LAZY = {name: metric for name, metric in METRICS.items() if not isinstance(metric.build, Estimate)}
"""Estimates are made of rows: tests of their rooms compare what they return with what they say."""


def _built(build: Build) -> ir.Table:
    options = dict(OPTIONS.get(build.__name__, {}))
    if "as_of" in inspect.signature(build).parameters:
        options["as_of"] = AS_OF
    assert not isinstance(build, Estimate)
    return build(_everything(), **options)


def _section(build: Build, name: str) -> str:
    found = re.search(rf"^ {{4}}{name}:\n((?: {{8}}.*\n|\n)+)", f"{build.__doc__}\n", re.MULTILINE)
    return found[1] if found else ""


def _said(build: Build) -> dict[str, str]:
    """What is said of each returned column."""
    return {
        name.strip("`"): entry["said"]
        for entry in ENTRY.finditer(_section(build, "Returns"))
        for name in entry["names"].split(", ")
    }


def test_the_catalogue_has_the_names_that_others_call() -> None:
    assert set(METRICS) >= {
        "customer_summary",
        "rfm",
        "abc",
        "pareto_curve",
        "revenue_by_period",
        "lifecycle",
        "cohort_retention",
    }
    assert all(name == metric.build.__name__ for name, metric in METRICS.items())


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_metric_takes_tables_and_named_options(metric: Metric) -> None:
    parameters = inspect.signature(metric.build).parameters
    first, *options = parameters.values()
    assert first.name == ("ask" if isinstance(metric.build, Estimate) else "tables")
    assert "as_of" in parameters
    assert all(option.kind is inspect.Parameter.KEYWORD_ONLY for option in options)


@pytest.mark.parametrize("build", TABLES_OF_ROOMS, ids=lambda build: build.__name__)
def test_a_definition_of_one_line_comes_first(build: Callable[..., ir.Table]) -> None:
    lines = (build.__doc__ or "").split("\n")
    assert lines[0].endswith((".", "others."))
    assert len(lines) == 1 or not lines[1].strip()


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_every_argument_is_told_once_and_no_other(metric: Metric) -> None:
    """By the docstring or by its type; `ask` is always the base."""
    told = re.findall(r"^ {8}\**([a-z_]+): ", _section(metric.build, "Args"), re.MULTILINE)
    hints = get_type_hints(metric.build, include_extras=True)
    told_by_type = {name for name, hint in hints.items() if get_origin(hint) is Annotated}
    names = list(inspect.signature(metric.build).parameters)
    assert told == [name for name in names if name in told]
    assert not told_by_type & set(told)
    assert set(names) - told_by_type - {"ask"} == set(told) - {"ask"}


@pytest.mark.parametrize(
    "build",
    [one for one in TABLES_OF_ROOMS if _said(one) and one.__name__ not in AS_ANOTHER],
    ids=lambda build: build.__name__,
)
def test_every_column_is_told_and_no_other(build: Callable[..., ir.Table]) -> None:
    assert sorted(_said(build)) == sorted(_built(build).columns)


@pytest.mark.parametrize("metric", LAZY.values(), ids=LAZY)
def test_the_columns_are_told_in_their_order(metric: Metric) -> None:
    assert list(_said(metric.build)) == list(_built(metric.build).columns)


@pytest.mark.parametrize("metric", LAZY.values(), ids=LAZY)
def test_money_is_called_money_and_whole(metric: Metric) -> None:
    assert {name for name, said in _said(metric.build).items() if re.match(r"money\b", said)} == set(
        metric.money
    )
    schema = _built(metric.build).schema()
    assert {str(schema[name]) for name in metric.money} <= {"int64"}


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_the_grain_is_told(metric: Metric) -> None:
    assert _section(metric.build, "Returns").lstrip().startswith("Grain: ")
