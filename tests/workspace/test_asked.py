"""Metrics by name: what they say of themselves, and how text becomes their options."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from crm_core.base import InputError
from crm_core.customers.metrics import first_channel
from crm_core.engine.versions import BaseDirectory
from crm_core.loyalty.rules import Programme, read_programme, template
from crm_core.tables import AsOf, Metric, Tables
from crm_core.workspace import programmes
from crm_core.workspace.asked import describe, in_currency, metric_named, options_from_text, reference
from crm_core.workspace.catalogue import METRICS


def _spent(tables: Tables, *, as_of: dt.date, least: int = 0, since: dt.date | None = None) -> ir.Table:
    """What somebody spent,
    in two lines.

    Args:
        tables: `orders` (order line).
        as_of: The day.
        least: A number,
            said at length.
        since: Another day.

    Returns:
        Grain: somebody, who
        may be anybody.

        - `name`, `other_name`: text
        - `revenue`: money, all
            of it
    """
    raise AssertionError("only described here")


def test_a_metric_is_described_by_its_docstring() -> None:
    told = describe(Metric(_spent, order=("name",), money=("revenue",)))
    assert told.definition == "What somebody spent, in two lines."
    assert told.grain == "somebody, who may be anybody."
    assert told.columns == (("name", "text"), ("other_name", "text"), ("revenue", "money, all of it"))
    assert dict(told.arguments)["least"] == "A number, said at length."


Least = Annotated[int, "The least."]


def test_an_option_that_the_docstring_leaves_out_means_what_its_type_says() -> None:
    def spent(tables: Tables, *, as_of: AsOf, least: Least = 0, most: int = 9) -> ir.Table:
        """What somebody spent.

        Args:
            most: The most,
                said at length.

        Returns:
            Grain: somebody.

            - `name`: text
        """
        raise AssertionError("only described here")

    told = describe(Metric(spent, order=("name",)))
    assert dict(told.arguments) == {
        "as_of": "Only what happened up to the end of this day exists.",
        "least": "The least.",
        "most": "The most, said at length.",
    }
    assert options_from_text(Metric(spent, order=("name",)), ["least=3"]) == {"least": 3}


def test_a_docstring_may_leave_all_options_to_their_types() -> None:
    def spent(tables: Tables, *, as_of: AsOf) -> ir.Table:
        """What somebody spent.

        Returns:
            Grain: somebody.

            - `name`: text

        Raises:
            InputError: Nobody is there.
        """
        raise AssertionError("only described here")

    told = describe(Metric(spent, order=("name",)))
    assert (told.definition, told.grain) == ("What somebody spent.", "somebody.")
    assert told.columns == (("name", "text"),)
    assert dict(told.arguments).keys() == {"as_of"}


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_describes_itself(name: str) -> None:
    told = describe(metric_named(name))
    assert told.definition.endswith(".")
    assert told.grain
    assert len(told.columns) >= 2
    assert all(column.isidentifier() and meaning for column, meaning in told.columns)


def test_the_reference_is_up_to_date() -> None:
    path = Path(__file__).parents[2] / "docs" / "metrics.md"
    assert path.read_text("utf-8") == reference(), (
        "run: python -m crm_core metrics --markdown > docs/metrics.md"
    )


def test_options_are_read_by_the_types_of_the_function() -> None:
    lifecycle = metric_named("lifecycle")
    assert options_from_text(lifecycle, ["unit=week", "calendar=jalali"]) == {
        "unit": "week",
        "calendar": "jalali",
    }
    assert options_from_text(metric_named("pareto_curve"), ["points=20"]) == {"points": 20}
    cohorts = metric_named("cohort_retention")
    assert options_from_text(cohorts, ["group=first_channel", "brackets=1,4,7"]) == {
        "group": first_channel,
        "brackets": (1, 4, 7),
    }


@pytest.mark.parametrize(
    ("metric", "setting", "key"),
    [
        ("lifecycle", "unit=fortnight", "metric.bad_option"),
        ("lifecycle", "unit", "metric.unknown_option"),
        ("lifecycle", "as_of=2024-01-01", "metric.unknown_option"),
        ("lifecycle", "tables=x", "metric.unknown_option"),
        ("rfm", "bins=5", "metric.unknown_option"),
        ("pareto_curve", "points=many", "metric.bad_option"),
        ("cohort_retention", "group=height", "metric.bad_option"),
        ("cohort_retention", "brackets=1-3", "metric.bad_option"),
    ],
)
def test_options_that_cannot_be_used_are_refused(metric: str, setting: str, key: str) -> None:
    with pytest.raises(InputError) as refused:
        options_from_text(metric_named(metric), [setting])
    assert refused.value.key == key


def test_a_programme_is_found_by_the_name_under_which_it_is_kept(tmp_path: Path) -> None:
    base = BaseDirectory(tmp_path / "base")
    base.sweep()
    text = template("points_club")
    programmes.save(str(base.path), text.replace("Points club", "باشگاه ما"))
    programmes.save(str(base.path), text.replace("Points club", "discount_ladder"))
    metric = metric_named("loyalty_cost")

    def named(name: str, location: str | None = str(base.path)) -> str:
        programme = options_from_text(metric, [f"programme={name}"], location)["programme"]
        assert isinstance(programme, Programme)
        return programme.name

    assert named("باشگاه ما") == "باشگاه ما"
    assert named("points_club") == "Points club"
    assert named("discount_ladder") == "discount_ladder", "a reader's own goes before a template"
    assert named("discount_ladder", None) == read_programme(template("discount_ladder")).name
    assert named("points_club", "postgres://127.0.0.1/x") == "Points club"
    with pytest.raises(InputError, match="bad_option"):
        named("باشگاه دیگر")


def test_an_unknown_metric_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(InputError) as refused:
        metric_named("rmf")
    assert "rfm" in str(refused.value.values["metrics"])


def test_money_becomes_exact_decimals_and_nothing_else_changes() -> None:
    rows = pa.table({"name": ["a", "b", "c"], "revenue": pa.array([2**62 + 1, -7, None], pa.int64())})
    shown = in_currency(rows, Metric(_spent, order=("name",), money=("revenue",)), 10_000)
    assert shown["revenue"].to_pylist() == [Decimal(2**62 + 1) / 10_000, Decimal("-0.0007"), None]
    assert shown["name"] == rows["name"]
    unscaled = in_currency(rows, Metric(_spent, order=("name",), money=("revenue",)), 1)
    assert unscaled["revenue"].to_pylist() == [Decimal(2**62 + 1), Decimal(-7), None]
