"""The overview as its readers see it."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import get_args

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.overview.answers import FigureName
from crm_core.overview.rules import PERIOD_CHOICES
from crm_core.workspace import open_base
from tests.pages.drawn import drawn

pytestmark = pytest.mark.usefixtures("shown_base")

FIGURES = ("revenue", "active_customers", "new_customers", "lost_customers", "purchases_per_customer")


def page() -> None:
    from pages import overview

    overview.render()


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_opens_with_its_answer_and_shows_figures_pictures_and_ways_on(code: str) -> None:
    shown = drawn(page, lang=code)
    spoken = language(code)
    (answer,) = shown.texts("mo-answer")
    assert answer
    assert shown.texts("mo-label") == [spoken.say(f"figure.{name}") for name in FIGURES]
    assert len(shown.texts("mo-title")) == len(shown.pictures) == 2
    assert shown.texts("mo-section") == [spoken.say("overview.standing_out")]
    assert all(f"lang={code}" in way for way in shown.ways)


def test_the_other_figures_stand_in_the_table_below() -> None:
    shown = drawn(page, lang="en", period="last_3_months")
    table = next(part for part in shown.html.split("<table")[1:] if "Other figures" in part)
    for name in set(get_args(FigureName)) - set(FIGURES):
        assert f">{language('en').say(f'figure.{name}')}</th>" in table
    assert table.count("<tr>") == 4


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_stands_out_leads_to_where_one_acts(code: str) -> None:
    """In its first year of two, the demonstration's base grew."""
    stands_out, quiet = set(), 0
    for month in range(1, 13):
        shown = drawn(page, lang=code, period="last_3_months", as_of=f"2026-{month:02}-15")
        found = shown.texts("mo-highlight")
        nothing = [language(code).say(f"overview.standing_out.{end}") for end in ("nothing", "uncompared")]
        assert bool(found) != any(one in shown.html for one in nothing)
        quiet += not found
        for way in shown.ways[-max(len(found), 1) :]:
            assert way.startswith(("customer?", "segments?", "data?"))
        stands_out.update(found)
    assert stands_out


def test_every_picture_says_what_it_shows_to_those_who_cannot_see_it() -> None:
    shown = drawn(page, lang="en")
    assert shown.texts("mo-title")
    for title, subtitle in zip(shown.texts("mo-title"), shown.texts("mo-subtitle"), strict=True):
        assert f"{title}. {subtitle}" in shown.pictures


def test_a_cut_axis_is_said_in_the_subtitle() -> None:
    shown = drawn(page, lang="en", period="last_3_months")
    begins = {
        alt: min(figure["layout"]["xaxis"]["range"])
        for alt, figure in shown.pictures.items()
        if "bar" in figure["data"][0]["type"] and figure["data"][0].get("orientation") == "h"
    }
    assert begins
    for alt, begin in begins.items():
        assert ("the axis begins at" in alt) == (begin > 0)


@pytest.mark.parametrize("choice", PERIOD_CHOICES)
@pytest.mark.parametrize("cal", ["gregorian", "jalali", "buddhist"])
def test_every_period_can_be_shown_in_every_calendar(choice: str, cal: str) -> None:
    shown = drawn(page, lang="en", period=choice, cal=cal)
    assert shown.texts("mo-answer")
    assert len(shown.pictures) == (1 if choice == "all" else 2)


def test_without_an_earlier_period_it_says_so_and_breaks_nothing(demonstration_base: Path) -> None:
    with_base = open_base(str(demonstration_base))
    first = dt.date(1970, 1, 1) + dt.timedelta(days=with_base.tables.first_day)
    with_base.close()
    shown = drawn(page, lang="en", as_of=(first + dt.timedelta(days=40)).isoformat())
    assert "no earlier period" in " ".join(shown.texts("mo-context"))
    assert not shown.pictures
    assert shown.texts("mo-title") == ["Who bought, month by month"]
    assert not shown.texts("mo-highlight")


def test_what_the_base_cannot_know_is_a_dash_with_its_reason() -> None:
    shown = drawn(page, lang="en", period="all")
    lost = shown.texts("mo-label").index("Stopped buying")
    assert shown.texts("mo-value")[lost] == "–"
    assert any("nothing earlier to compare with" in change for change in shown.texts("mo-change"))


def test_nothing_to_show_is_said_kindly() -> None:
    shown = drawn(page, lang="en", as_of="1950-01-01")
    assert shown.texts("mo-answer") == [language("en").say("empty.for_filters")]
    assert not shown.pictures


def test_a_figure_shows_its_full_value_on_hover() -> None:
    shown = drawn(page, lang="en")
    titles = re.findall(r'class="mo-value" title="([^"]+)"', shown.html)
    values = shown.texts("mo-value")
    assert len(titles) == len(values) == len(FIGURES)
    assert re.fullmatch(r"€[\d,]+", titles[0])


def test_time_runs_from_right_to_left_in_persian() -> None:
    pictures = drawn(page, lang="fa").pictures
    assert pictures
    for figure in pictures.values():
        low, high = figure["layout"]["xaxis"]["range"]
        assert low > high
        assert figure["layout"]["yaxis"]["side"] == "right"
