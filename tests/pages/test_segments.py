"""The segments page as its readers see it."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.segments.rules import SEGMENTS
from crm_core.workspace import open_base
from tests.pages.drawn import Drawn, drawn

pytestmark = pytest.mark.usefixtures("shown_base")


def page() -> None:
    from pages import segments

    segments.render()


def figures(shown: Drawn) -> list[Any]:
    return list(shown.pictures.values())


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_opens_with_its_answer_and_shows_four_pictures(code: str) -> None:
    shown = drawn(page, lang=code)
    assert len(shown.texts("mo-answer")) == 1
    assert len(shown.texts("mo-title")) == 4
    assert len(figures(shown)) == 3
    assert len(shown.texts("mo-beside")) == len(SEGMENTS)
    assert len(shown.texts("mo-value")) == 4
    advice = [language(code).say(f"segment.{name}.strategy") for name in SEGMENTS]
    assert sum(each in unescape(shown.html) for each in advice) == len(shown.texts("mo-highlight"))


def test_every_mark_leads_to_customers_that_the_customer_page_knows() -> None:
    shown = drawn(page, lang="en")
    codes: set[str] = set()
    for figure in figures(shown):
        for trace in figure["data"]:
            data = trace.get("customdata", [])
            codes.update(code for code in data if code)
    assert {code.split("=")[0] for code in codes} == {"segment", "r", "abc"}
    assert all("from=" in code for code in codes if code.startswith("segment"))
    assert {"abc=A", "abc=B", "abc=C"} <= codes


def test_each_strategy_ends_in_a_way_to_its_customers() -> None:
    ways = [way for way in drawn(page, lang="en").ways if way.startswith("customer?")]
    assert 1 <= sum("segment=" in way for way in ways) <= 4
    assert {way.rpartition("=")[2] for way in ways if "abc=" in way} == {"A", "B", "C"}


def test_every_segment_is_a_link_to_its_customers_in_rows_cards_and_grid() -> None:
    shown = drawn(page, lang="en")
    bars = shown.html.split('<div class="mo-bars">')[1].split("<details")[0]
    cards = shown.html.split('<div class="mo-highlights">')[1]
    grid = next(str(figure) for figure in figures(shown) if "bargap" in figure["layout"])
    for markup in (bars, cards, grid):
        found = set(re.findall(r"customer\?lang=en&(?:amp;)?segment=([a-z_]+)", markup))
        assert found == set(SEGMENTS)


def test_a_change_is_one_of_the_share_and_names_its_day() -> None:
    shown = drawn(page, lang="en")
    changes = shown.texts("mo-change")
    assert len(changes) == 4
    assert all(
        re.fullmatch(r"[▲▼–] [+−]?[\d.]+\spts to \d+(\.\d+)?% of all customers since .+", each)
        for each in changes
    ), changes
    points = [
        float(found[1].replace("−", "-"))
        for each in shown.texts("mo-beside")
        if (found := re.search(r"([+−]?[\d.]+)\spts$", each))
    ]
    assert len(points) == len(SEGMENTS)
    assert abs(sum(points)) < 0.06 * len(points)


def test_a_narrow_screen_first_shows_one_segment_of_each_strategy() -> None:
    shown = drawn(page, lang="en")
    assert shown.html.count('<li class="mo-minor">') == len(SEGMENTS) - 4
    assert language("en").say("segments.all") in shown.html.split("<summary>")[1]


def test_without_a_year_of_history_nobody_is_said_to_have_moved(demonstration_base: Path) -> None:
    with_base = open_base(str(demonstration_base))
    first = dt.date(1970, 1, 1) + dt.timedelta(days=with_base.tables.first_day)
    with_base.close()
    shown = drawn(page, lang="en", as_of=(first + dt.timedelta(days=200)).isoformat())
    assert len(figures(shown)) == 2
    assert "Who moved between segments" in shown.texts("mo-title")
    assert not shown.texts("mo-change")
    assert not any("pts" in each for each in shown.texts("mo-beside"))


def test_one_single_day_can_be_shown(demonstration_base: Path) -> None:
    with_base = open_base(str(demonstration_base))
    first = dt.date(1970, 1, 1) + dt.timedelta(days=with_base.tables.first_day)
    with_base.close()
    shown = drawn(page, lang="th", as_of=first.isoformat())
    assert shown.texts("mo-answer")


def test_nothing_to_show_is_said_kindly() -> None:
    shown = drawn(page, lang="en", as_of="1950-01-01")
    assert shown.texts("mo-answer") == [language("en").say("empty.for_filters")]


def test_the_grid_has_25_squares() -> None:
    assert any(
        len(trace["y"]) == 25 and trace["type"] == "bar"
        for figure in figures(drawn(page, lang="fa"))
        for trace in figure["data"]
    )
