"""Every question that is put to the metrics, and to the oracle."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from crm_core.customers import metrics as customers
from crm_core.overview import metrics as overview
from crm_core.retention import metrics as retention
from crm_core.segments import metrics as segments
from crm_core.segments.rules import SEGMENTS
from crm_core.tables import Tables
from crm_core.value import metrics as value
from crm_core.workspace.catalogue import GROUPINGS
from tests.oracle import customers as expected_customers
from tests.oracle import overview as expected_overview
from tests.oracle import retention as expected_retention
from tests.oracle import segments as expected_segments
from tests.oracle import value as expected_value
from tests.oracle.calendars import CALENDARS, UNITS, day_number, period_of
from tests.oracle.history import History, Row
from tests.oracle.loading import Loaded

BEHIND_SEGMENTS: tuple[dict[str, object], ...] = (
    {"segment": SEGMENTS[0]},
    {"r_score": 5, "value_score": 3},
    {"segment": SEGMENTS[-1], "abc_class": "C"},
)
OWN_ORDER_ID = "line:"
MONEY = frozenset({"revenue", "margin", "value", "customer_revenue", "guest_revenue", "returned"})


@dataclass(frozen=True)
class Question:
    """A question and its answer.

    Attributes:
        name: what a failing test says.
        ask: the expression of it over some tables.
        expected: the oracle's answer.
        keys: columns that tell rows apart; none when the order of rows is part of the answer.
    """

    name: str
    ask: Callable[[Tables], ir.Table]
    expected: Callable[[], list[Row]]
    keys: tuple[str, ...] = ()


def check(loaded: Loaded, questions: Sequence[Question]) -> None:
    """Ask each question of the engine and compare with the oracle, to the last unit and the last bit."""
    for question in questions:
        answer = loaded.answer(question.ask(loaded.tables))
        found = _plain(answer, question)
        wanted = sorted_rows(question.expected(), question.keys)
        assert found == wanted, f"{question.name}:\n{_difference(found, wanted)}"
        if wanted:
            assert answer.column_names == list(wanted[0]), question.name
        for column in MONEY & set(answer.column_names):
            assert answer.schema.field(column).type == pa.int64(), f"{question.name}: {column}"


def rows_of(loaded: Loaded, question: Question) -> list[Row]:
    """The answer alone, in the order in which answers are compared."""
    return _plain(loaded.answer(question.ask(loaded.tables)), question)


def _plain(answer: pa.Table, question: Question) -> list[Row]:
    return sorted_rows(_without_own_ids(answer.to_pylist()), question.keys)


def sorted_rows(rows: list[Row], keys: Collection[str]) -> list[Row]:
    """Rows by their keys, those without a value first; as they are when there are no keys."""
    if not keys:
        return rows
    return sorted(rows, key=lambda row: tuple((row[key] is not None, row[key]) for key in keys))


def _without_own_ids(rows: list[Row]) -> list[Row]:
    """The ids that the product gives to orders without one are its own affair."""
    return [
        {**row, "order_id": None} if str(row.get("order_id")).startswith(OWN_ORDER_ID) else row
        for row in rows
    ]


def _difference(found: list[Row], wanted: list[Row]) -> str:
    unlike = [pair for pair in zip(found, wanted, strict=False) if pair[0] != pair[1]]
    lines = [f"{len(found)} rows for {len(wanted)}, {len(unlike)} unlike"]
    for one, other in unlike[:3]:
        names = [name for name in {**one, **other} if one.get(name, ...) != other.get(name, ...)]
        lines.append(f"{ {name: (one.get(name, '-'), other.get(name, '-')) for name in names} } in {one}")
    return "\n".join(lines)


def by_period(history: History, units: Sequence[str], calendars: Sequence[str]) -> list[Question]:
    """Both metrics by period, for every pair of a unit and a calendar."""
    pairs = (
        (overview.revenue_by_period, expected_overview.revenue_by_period),
        (overview.lifecycle, expected_overview.lifecycle),
    )
    return [
        Question(
            f"{metric.__name__} by {unit} ({calendar})",
            partial(_call, metric, as_of=history.as_of, unit=unit, calendar=calendar),
            partial(oracle, history, unit, calendar),
        )
        for metric, oracle in pairs
        for unit in units
        for calendar in calendars
    ]


def of_customers(history: History, some: Sequence[str]) -> list[Question]:
    """The summary, lists of customers, and the orders of a few."""
    asked = partial(partial, _call, as_of=history.as_of)
    everybody = set(history.customers)
    found = [
        _question("customer_summary", history, customers.customer_summary, expected_customers, "customer_id"),
    ]
    found += [
        Question(
            f"listed_customers {limit} after {skip}",
            asked(customers.listed_customers, which=customers_with_a_purchase, limit=limit, skip=skip),
            partial(expected_customers.listed_customers, history, everybody, limit, skip),
        )
        for limit, skip in ((5, 0), (7, 3))
    ]
    scores = expected_segments.rfm(history)
    found += [
        Question(
            f"listed_customers {listing}",
            asked(
                customers.listed_customers,
                which=customers_with_a_purchase,
                limit=6,
                skip=1,
                beside=segments.rfm,
                **listing,
            ),
            partial(expected_customers.listed_customers, history, everybody, 6, 1, beside=scores, **listing),
        )
        for listing in _listings(some)
    ]
    for one in some:
        found += [
            Question(
                f"orders_of_customer {one!r}",
                asked(customers.orders_of_customer, customer_id=one),
                partial(_orders_of, history, one),
                ("ordered_at", "order_id", "revenue", "line_count", "margin"),
            ),
            Question(
                f"one_customer {one!r}",
                asked(customers.listed_customers, which=customers.one_customer, limit=2, customer_id=one),
                partial(expected_customers.listed_customers, history, {one}, 2),
            ),
        ]
    return found


def _listings(some: Sequence[str]) -> list[dict[str, Any]]:
    """Orders by columns of each kind, also by one that may not be known, and by beginnings of ids."""
    columns = ("customer_id", "last_ordered_at", "order_count", "margin", "r_score")
    found: list[dict[str, Any]] = [
        {"sort": column, "descending": descending} for column in columns for descending in (True, False)
    ]
    found += [{"sort": "segment", "descending": down, "ranks": SEGMENTS} for down in (True, False)]
    return [*found, *({"beginnings": (one[:1], one)} for one in some if one)]


def customers_with_a_purchase(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """Everybody of whom there is a summary; an option of `listed_customers`."""
    return customers.customer_summary(tables, as_of=as_of)


def of_segments(history: History, earlier: History) -> list[Question]:
    """Scores, classes, the curve, the segments, who moved since, and the customers behind a cell."""
    question = partial(_question, history=history, module=expected_segments)
    found = [
        question("rfm", metric=segments.rfm, keys="customer_id"),
        question("segment_summary", metric=segments.segment_summary, keys="segment"),
        question("rfm_grid", metric=segments.rfm_grid, keys="r_score value_score"),
        question("abc_summary", metric=segments.abc_summary, keys="abc_class"),
        Question(
            f"segment_moves since {earlier.as_of}",
            partial(_call, segments.segment_moves, as_of=history.as_of, since=earlier.as_of),
            partial(expected_segments.segment_moves, history, earlier),
            ("segment_before", "segment"),
        ),
    ]
    for by in ("auto", "revenue", "margin") if history.base.costed else ("auto", "revenue"):
        found.append(question("abc", metric=segments.abc, keys="customer_id", value=by))
        found += [
            question("pareto_curve", metric=segments.pareto_curve, keys="customers", value=by, points=points)
            for points in (3, 100)
        ]
    found += [
        _behind(expected_segments.customers_of_segment, segments.customers_of_segment, history, options)
        for options in BEHIND_SEGMENTS
    ]
    return found


def of_cohorts(history: History, units: Sequence[str], calendars: Sequence[str]) -> list[Question]:
    """Cohorts by each unit and calendar, counted in every way, split by every grouping; and who is behind.

    Ways, lengths and groupings take turns: each is asked, not each with all others.
    """
    ways: list[dict[str, Any]] = [
        {"counting": counting, "brackets": brackets}
        for counting, brackets in (
            ("on", ()),
            ("rolling", (2, 5)),
            ("on_or_after", ()),
            ("rolling", ()),
            ("on", (1, 2, 4)),
            ("on_or_after", (0, 1, 3)),
        )
    ]
    pairs = [
        {"unit": unit, "calendar": calendar} for unit in units if unit != "day" for calendar in calendars
    ]
    options = (
        [{**pair, **ways[turn % len(ways)]} for turn, pair in enumerate(pairs)]
        if len(pairs) > 1
        else [{**pair, **way} for pair in pairs for way in ways]
    )
    groupings = [
        "first_channel",
        "first_category",
        "first_product",
        *(["region"] if history.base.regions else []),
    ]
    options += [
        {"group": name, "counting": way}
        for name, way in zip(groupings, ("on", "on_or_after", "on_or_after", "on"), strict=False)
    ]
    first_days = sorted(one.first.date for one in history.customers.values())
    if first_days and pairs:
        middle = first_days[len(first_days) // 2]
        options += [
            {**pairs[-1], **ways[0], "parted_on": middle},
            {**pairs[0], **ways[2], "parted_on": middle, "group": "first_channel"},
        ]
    found = [_of_cohorts(history, one) for one in options]
    found += [
        Question(
            f"retention_by_group {name} {days} days",
            partial(
                _call,
                retention.retention_by_group,
                as_of=history.as_of,
                group=GROUPINGS[name],
                days=days,
            ),
            partial(
                expected_retention.retention_by_group,
                history,
                getattr(expected_retention, name)(history),
                days,
            ),
            ("group",),
        )
        for name, days in zip(groupings, (30, 365, 1), strict=False)
    ]
    found += [
        Question(
            f"reactivation {pair} {silent}",
            partial(_call, retention.reactivation, as_of=history.as_of, silent=silent, **pair),
            partial(expected_retention.reactivation, history, silent=silent, **pair),
            ("period",),
        )
        for pair, silent in zip(pairs[::4], itertools.cycle((1, 3)), strict=False)
    ]
    behind = options[:2] + [
        {side if name == "parted_on" else name: value for name, value in one.items()}
        for side, one in zip(("won_from", "won_to"), options[-2:], strict=False)
    ]
    cells: list[dict[str, Any]] = [{"period": 0}, {"period": 1}, {"period": 1, "came_back": False}, {}]
    return found + [
        _behind_cohort(history, date, {**one, **cell})
        for date in first_days[:1]
        for one in behind
        for cell in cells
        if "period" not in cell or cell["period"] in (one.get("brackets") or (0, 1))[:2]
    ]


def _of_cohorts(history: History, options: Mapping[str, Any]) -> Question:
    asked, expected = _with_groups(history, options)
    return Question(
        f"cohort_retention {options} as of {history.as_of}",
        partial(_call, retention.cohort_retention, as_of=history.as_of, **asked),
        partial(expected_retention.cohort_retention, history, **expected),
        (*_parts(options), "cohort", "period"),
    )


def _parts(options: Mapping[str, Any]) -> tuple[str, ...]:
    """By which columns cohorts are parted besides."""
    columns = {"group": "group", "parted_on": "new"}
    return tuple(column for option, column in columns.items() if option in options)


def _behind_cohort(history: History, date: dt.date, options: Mapping[str, Any]) -> Question:
    """Customers of the cohort of a day; of one group, the first by name, where they are parted."""
    asked, expected = _with_groups(history, options)
    where: dict[str, Any] = {
        "cohort": period_of(date, asked.get("unit", "month"), asked.get("calendar", "gregorian"))
    }
    if "groups" in expected:
        where["within"] = min((one for one in expected["groups"].values() if one is not None), default=None)
    return Question(
        f"customers_of_cohort {options} of {date} as of {history.as_of}",
        partial(_call, retention.customers_of_cohort, as_of=history.as_of, **asked, **where),
        lambda: [
            {"customer_id": one}
            for one in expected_retention.customers_of_cohort(history, **expected, **where)
        ],
        ("customer_id",),
    )


def _with_groups(history: History, options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options of the metric and those of the oracle, which is told who is in which group."""
    if "group" not in options:
        return dict(options), dict(options)
    rest = {name: value for name, value in options.items() if name != "group"}
    groups = getattr(expected_retention, options["group"])(history)
    return {**rest, "group": GROUPINGS[options["group"]]}, {**rest, "groups": groups}


def of_spans(history: History, spans: Sequence[tuple[int, int]]) -> list[Question]:
    """The figures of spans of days, and the customers behind those of the first."""
    found = [
        Question(
            f"span_figures {spans}",
            partial(_call, overview.span_figures, as_of=history.as_of, spans=tuple(spans)),
            partial(expected_overview.span_figures, history, spans),
        )
    ]
    first, last = spans[0]
    for group in ("active", "new", "returning", "resurrected", "lost"):
        options = {"group": group, "before": first - (last - first + 1), "first": first, "last": last}
        found.append(
            _behind(expected_overview.customers_of_span, overview.customers_of_span, history, options)
        )
    return found


def of_value(history: History, earlier: History) -> list[Question]:
    """Purchase histories, those that are equal together, and what followed the earlier ones."""
    found = [
        _question("purchase_histories", history, value.purchase_histories, expected_value, "customer_id"),
        _question(
            "purchase_histories",
            history,
            value.purchase_histories,
            expected_value,
            "customer_id",
            window_days=30,
        ),
        _question(
            "purchase_cells", history, value.purchase_cells, expected_value, " ".join(expected_value.HISTORY)
        ),
        _question("spend_cells", history, value.spend_cells, expected_value, "frequency repeat_revenue"),
    ]
    found += [
        _question(
            "worth_of_purchases", history, value.worth_of_purchases, expected_value, "", window_days=days
        )
        for days in (30, 365)
    ]
    found += [
        _question(
            "revenue_of_window",
            history,
            value.revenue_of_window,
            expected_value,
            "customer_id",
            window_days=days,
        )
        for days in (30, 365)
    ]
    for name in ("first_channel", *(["region"] if history.base.regions else [])):
        asked, expected = _with_groups(history, {"group": name})
        found += [
            Question(
                f"{metric.__name__} by {name} as of {history.as_of}",
                partial(_call, metric, as_of=history.as_of, **asked),
                partial(oracle, history, **expected),
                keys,
            )
            for metric, oracle, keys in (
                (customers.customers_in_groups, expected_value.customers_in_groups, ("customer_id",)),
                (value.grouped_cells, expected_value.grouped_cells, ("group", *expected_value.HISTORY)),
            )
        ]
    found.append(
        Question(
            f"purchases_after {earlier.as_of}",
            partial(_call, value.purchases_after, as_of=history.as_of, cut_off=earlier.as_of),
            partial(expected_value.purchases_after, history, earlier),
            ("day",),
        )
    )
    return found + [
        Question(
            f"held_out_cells since {earlier.as_of}, {days} days",
            partial(
                _call,
                value.held_out_cells,
                as_of=history.as_of,
                cut_off=earlier.as_of,
                window_days=days,
            ),
            partial(expected_value.held_out_cells, history, earlier, days),
            (*expected_value.HISTORY, "window_frequency", "held_out"),
        )
        for days in (7, 365)
    ]


def spans_up_to(as_of: dt.date, *lengths: int) -> list[tuple[int, int]]:
    """The last so many days, and as many before them."""
    today = day_number(as_of)
    return [
        span
        for length in lengths
        for span in ((today - length + 1, today), (today - 2 * length + 1, today - length))
    ]


def everything(
    history: History,
    earlier: History,
    some: Sequence[str],
    units: Sequence[str] = UNITS,
    calendars: Sequence[str] = CALENDARS,
    lengths: Sequence[int] = (7, 30, 365),
) -> list[Question]:
    """All of the above."""
    return [
        *of_customers(history, some),
        *of_segments(history, earlier),
        *of_value(history, earlier),
        *of_spans(history, spans_up_to(history.as_of, *lengths)),
        *by_period(history, units, calendars),
        *of_cohorts(history, units, calendars),
    ]


def _question(
    name: str, history: History, metric: Any, module: Any, keys: str, **options: object
) -> Question:
    shown = " ".join(f"{key}={value}" for key, value in options.items())
    return Question(
        f"{name} {shown} as of {history.as_of}",
        partial(_call, metric, as_of=history.as_of, **options),
        partial(getattr(module, name), history, **options),
        tuple(keys.split()),
    )


def _call(metric: Callable[..., ir.Table], tables: Tables, /, **options: Any) -> ir.Table:
    return metric(tables, **options)


def _behind(oracle: Any, metric: Any, history: History, options: Mapping[str, object]) -> Question:
    """The ids of the customers whom a metric names."""
    return Question(
        f"{metric.__name__} {options}",
        partial(_call, metric, as_of=history.as_of, **options),
        lambda: [{"customer_id": one} for one in oracle(history, **options)],
        ("customer_id",),
    )


def _orders_of(history: History, customer_id: str) -> list[Row]:
    rows = expected_customers.orders_of_customer(history, customer_id)
    return [row if isinstance(row["order_id"], str) else {**row, "order_id": None} for row in rows]
