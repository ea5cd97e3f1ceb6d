"""The bridge hangs together, and the lifecycle stands on its line."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from crm_core.looks import Look
from crm_core.overview.charts import ABOVE, bridge_axis, lifecycle, revenue_bridge
from tests.looks import ENGLISH, LOOKS, PERSIAN, keeps_the_rules, texts

NAMES = {"new": "new", "returning": "returning", "resurrected": "won back", "dormant": "dormant"}


def bridge_rows(before: float, *amounts: float) -> pd.DataFrame:
    rows: list[dict[str, object]] = [{"kind": "before", "low": min(0.0, before), "high": max(0.0, before)}]
    level = before
    for amount in amounts:
        kind = "up" if amount >= 0 else "down"
        rows.append({"kind": kind, "low": min(level, level + amount), "high": max(level, level + amount)})
        level += amount
    rows.append({"kind": "now", "low": min(0.0, level), "high": max(0.0, level)})
    frame = pd.DataFrame(rows)
    return frame.assign(label="part", text="x", told="told", code="group=active")


def months(count: int = 14) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "new": range(10, 10 + count),
            "returning": range(100, 100 + count),
            "resurrected": range(50, 50 + count),
            "dormant": range(70, 70 + count),
            "complete": [at < count - 1 for at in range(count)],
            "label": ["Nov" if at % 3 == 0 else "" for at in range(count)],
            "year": ["2011" if at == 0 else "" for at in range(count)],
        }
    )
    for state in NAMES:
        frame[f"told_{state}"] = f"told {state}"
        frame[f"code_{state}"] = f"group={state}"
    return frame


@pytest.mark.parametrize("reader", LOOKS)
def test_the_bridge_keeps_the_rules(reader: Look) -> None:
    keeps_the_rules(revenue_bridge(bridge_rows(5_693, 21, -229, 243), reader), reader)


def test_the_bars_of_a_bridge_hang_together() -> None:
    rows = bridge_rows(5_693, 21, -229, 243)
    figure = revenue_bridge(rows, ENGLISH)
    bars = figure.data[0]
    begins = bridge_axis(rows)
    assert 0 < begins < 5_485
    assert bars.base[0] == begins
    assert [base + length for base, length in zip(bars.base, bars.x, strict=True)] == [
        5_693,
        5_714,
        5_714,
        5_728,
        5_728,
    ]
    assert bars.base[1:4] == (5_693, 5_485, 5_485)
    assert min(figure.layout.xaxis.range) == begins
    assert len(figure.layout.shapes) == len(rows) - 1
    assert [joint.x0 for joint in figure.layout.shapes] == [5_693, 5_714, 5_485, 5_728]


def test_up_and_down_have_colours_of_their_own() -> None:
    colours = revenue_bridge(bridge_rows(100, 5, -5), ENGLISH).data[0].marker.color
    palette = ENGLISH.colours
    assert colours == (palette.grey, palette.accent, palette.warm, palette.ink)


def test_an_axis_begins_at_zero_where_the_bars_differ_much() -> None:
    assert bridge_axis(bridge_rows(100, 300, -50)) == 0
    assert bridge_axis(bridge_rows(0, 300)) == 0


def test_an_axis_reaches_below_zero_where_revenue_does() -> None:
    assert bridge_axis(bridge_rows(100, -150)) == -50


def test_where_nothing_changed_the_axis_still_has_a_width() -> None:
    low, high = revenue_bridge(bridge_rows(100, 0, 0), ENGLISH).layout.xaxis.range
    assert low < high
    low, high = revenue_bridge(bridge_rows(0, 0), ENGLISH).layout.xaxis.range
    assert low < high


@pytest.mark.parametrize("reader", LOOKS)
def test_the_lifecycle_keeps_the_rules(reader: Look) -> None:
    keeps_the_rules(lifecycle(months(), NAMES, reader), reader)


def test_who_bought_stands_above_the_line_and_who_did_not_below() -> None:
    figure = lifecycle(months(), NAMES, ENGLISH)
    assert figure.layout.barmode == "relative"
    assert len(figure.data) == 4
    for trace, state in zip(figure.data, (*ABOVE, "dormant"), strict=True):
        sign = -1 if state == "dormant" else 1
        assert list(trace.y) == [sign * value for value in months()[state]]
        assert set(trace.customdata) == {f"group={state}"}


def test_a_month_that_is_not_over_is_hatched() -> None:
    for trace in lifecycle(months(), NAMES, ENGLISH).data:
        assert list(trace.marker.pattern.shape) == [""] * 13 + ["/"]


def test_there_are_few_grid_lines_and_they_are_written_without_a_sign() -> None:
    figure = lifecycle(months(), NAMES, ENGLISH)
    assert 2 <= len(figure.layout.yaxis.tickvals) <= 5
    assert 0 not in figure.layout.yaxis.tickvals
    assert all("-" not in text and "−" not in text for text in figure.layout.yaxis.ticktext)


def test_states_are_named_at_their_marks_and_do_not_touch() -> None:
    figure = lifecycle(months(), NAMES, ENGLISH)
    assert {text.split("</span> ")[1] for text in texts(figure) if "</span>" in text} == set(NAMES.values())
    places = sorted(annotation.y for annotation in figure.layout.annotations)
    span = 14 * 3 + 123 + 113 + 83
    assert all(after - before > 0.05 * span for before, after in pairwise(places))


def test_time_runs_from_right_to_left_in_persian() -> None:
    english, persian = (lifecycle(months(), NAMES, one).layout for one in (ENGLISH, PERSIAN))
    assert english.xaxis.range[0] < english.xaxis.range[1]
    assert persian.xaxis.range[0] > persian.xaxis.range[1]
    assert persian.annotations[0].xanchor == "right"
    assert any("۱" in text for text in persian.yaxis.ticktext)


def test_a_single_month_without_customers_can_be_drawn() -> None:
    nobody = months(1)
    nobody[["new", "returning", "resurrected", "dormant"]] = 0
    figure = lifecycle(nobody, NAMES, ENGLISH)
    low, high = figure.layout.yaxis.range
    assert low < high
