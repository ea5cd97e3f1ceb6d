"""The pictures of the segments page."""

from __future__ import annotations

import itertools
import re

import pandas as pd
import pytest

from crm_core.looks import Look, contrast, shades
from crm_core.segments.charts import moves, rfm_grid, whale_curve
from crm_core.segments.rules import SEGMENT_GRID, SEGMENTS
from tests.looks import DARK, ENGLISH, LOOKS, keeps_the_rules, texts

ENDS = {"recent": "lately", "long_ago": "long ago", "little": "little", "much": "much"}
NAMES = {name: name for name in SEGMENTS}
ADDRESSES = {name: f"customer?segment={name}" for name in SEGMENTS}


def cells(customers: int = 100) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "r_score": r,
                "value_score": v,
                "segment": segment,
                "customers": customers + 10 * r + v,
                "revenue": 1_000.0 * r * v,
                "told": "told",
                "code": f"r={r}&v={v}",
            }
            for r, row in enumerate(SEGMENT_GRID, 1)
            for v, segment in enumerate(row, 1)
        ]
    )


def curve() -> tuple[pd.DataFrame, pd.DataFrame]:
    points = [at / 100 for at in range(1, 101)]
    line = pd.DataFrame(
        {
            "customer_share": points,
            "value_share": [1 - (1 - at) ** 4 for at in points],
            "told": "told",
            "code": "abc=A",
        }
    )
    classes = pd.DataFrame(
        {
            "name": ["A", "B", "C"],
            "customer_share": [0.33, 0.2, 0.47],
            "value_share": [0.8, 0.15, 0.05],
            "told": "told",
            "code": ["abc=A", "abc=B", "abc=C"],
        }
    )
    return line, classes


def move_rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["Loyal<br>→ At risk", "Not yet<br>→ Promising"],
            "address": ["customer?segment=at_risk", "customer?segment=promising"],
            "customers": [30, 20],
            "way": ["down", "new"],
            "text": ["30", "20"],
            "told": "told",
            "code": ["segment=at_risk", "segment=promising"],
        }
    )


@pytest.mark.parametrize("reader", LOOKS)
def test_every_picture_keeps_the_rules(reader: Look) -> None:
    keeps_the_rules(rfm_grid(cells(), NAMES, ADDRESSES, ENDS, reader), reader)
    keeps_the_rules(whale_curve(*curve(), "even", reader), reader)
    keeps_the_rules(moves(move_rows(), reader), reader)


def test_the_grid_has_a_square_for_each_pair_of_scores() -> None:
    bars = rfm_grid(cells(), NAMES, ADDRESSES, ENDS, ENGLISH).data[0]
    places = {(x, base + 0.5) for x, base in zip(bars.x, bars.base, strict=True)}
    assert places == {(v, r) for r in range(1, 6) for v in range(1, 6)}
    assert set(bars.y) == {1.0}


def test_more_money_is_darker_on_light_ground_and_lighter_on_dark() -> None:
    for reader in (ENGLISH, DARK):
        bars = rfm_grid(cells(), NAMES, ADDRESSES, ENDS, reader).data[0]
        ground = reader.colours.ground
        strength = [
            contrast(colour, ground)
            for _, colour in sorted(zip(cells()["revenue"], bars.marker.color, strict=True))
        ]
        assert strength == sorted(strength)


def test_numbers_can_be_read_on_every_square() -> None:
    for reader in LOOKS:
        figure = rfm_grid(cells(), NAMES, ADDRESSES, ENDS, reader)
        fills = list(figure.data[0].marker.color)
        inks = [annotation.font.color for annotation in figure.layout.annotations][:25]
        assert all(contrast(ink, fill) >= 4.5 for ink, fill in zip(inks, fills, strict=True))


def test_a_ramp_has_no_jump_that_looks_like_an_event() -> None:
    for reader in LOOKS:
        ramp = shades(reader)
        assert all(contrast(one, other) < 1.2 for one, other in itertools.pairwise(ramp))


def test_too_few_customers_are_hatched_and_nobody_is_left_blank() -> None:
    rows = cells()
    rows.loc[0, "customers"] = 4
    rows.loc[1, "customers"] = 0
    rows.loc[2, "customers"] = 5
    bars = rfm_grid(rows, NAMES, ADDRESSES, ENDS, ENGLISH).data[0]
    assert list(bars.marker.pattern.shape)[:4] == ["/", "", "", ""]
    assert bars.marker.color[1] == ENGLISH.colours.ground


def test_every_segment_is_named_once_and_framed() -> None:
    figure = rfm_grid(cells(), NAMES, ADDRESSES, ENDS, ENGLISH)
    named = [re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', text) for text in texts(figure)]
    led = {name: address for found in named for address, name in found}
    assert led == ADDRESSES
    assert sum(len(found) for found in named) == len(SEGMENTS)
    inside = sum(SEGMENT_GRID[r][v] != SEGMENT_GRID[r][v + 1] for r in range(5) for v in range(4)) + sum(
        SEGMENT_GRID[r][v] != SEGMENT_GRID[r + 1][v] for r in range(4) for v in range(5)
    )
    assert len(figure.layout.shapes) == inside + 10 + 2


def test_the_curve_runs_through_its_classes() -> None:
    figure = whale_curve(*curve(), "even", ENGLISH)
    even, line, ends = figure.data
    assert list(even.x) == list(even.y) == [0.0, 1.0]
    assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert list(ends.x) == pytest.approx([0.33, 0.53])
    assert list(ends.y) == pytest.approx([0.8, 0.95])
    assert {"<b>A</b>", "<b>B</b>", "<b>C</b>", "even"} <= set(texts(figure))


def test_a_class_without_customers_has_no_letter() -> None:
    line, classes = curve()
    classes.loc[1, ["customer_share", "value_share"]] = 0.0
    assert "<b>B</b>" not in texts(whale_curve(line, classes, "even", ENGLISH))


def test_movements_are_coloured_by_their_way() -> None:
    bars = moves(move_rows(), ENGLISH).data[0]
    assert bars.marker.color == (ENGLISH.colours.warm, ENGLISH.colours.ink)
    assert moves(move_rows(), ENGLISH).layout.xaxis.range[0] == 0


def test_the_name_of_a_movement_leads_where_its_bar_does() -> None:
    told = [text for text in texts(moves(move_rows(), ENGLISH)) if "<a " in text]
    assert [re.findall('href="([^"]*)"', text) for text in told] == [
        ["customer?segment=at_risk"],
        ["customer?segment=at_risk"],
        ["customer?segment=promising"],
        ["customer?segment=promising"],
    ]
