"""The retention page as its readers see it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crm_core.i18n import LANGUAGES, language
from tests.pages.drawn import Drawn, drawn
from tests.pages.test_few_customers import base_of, customer_page

shown = pytest.mark.usefixtures("shown_base")


def page() -> None:
    from pages import retention

    retention.render()


def cells(found: Drawn) -> list[tuple[dict[str, list[str]], str, str]]:
    """Of each cell that is a link: where it leads, what it means, and what stands in it."""
    links = re.findall(
        r'<td[^>]*><a href="([^"]*)" tabindex="-?[01]" aria-label="([^"]*)">(.*?)</a></td>', found.html
    )
    return [
        (parse_qs(urlsplit(unescape(address)).query), unescape(told), text) for address, told, text in links
    ]


TITLES = 11
"""Matrix and mean; curve, ages, ladder, who is overdue; channels and returns; three of contracts, if any."""


@shown
@pytest.mark.parametrize("code", LANGUAGES)
def test_it_opens_with_its_answer_and_shows_the_matrix_and_the_curve(code: str) -> None:
    found = drawn(page, lang=code)
    assert len(found.texts("mo-answer")) == 1
    assert len(found.texts("mo-title")) == TITLES
    assert len(found.texts("mo-value")) == 4
    assert language(code).say("retention.mean.all") in found.html
    assert len(cells(found)) > 500


@shown
def test_every_cell_says_its_interval_and_leads_to_as_many_customers(shown_base: Path) -> None:
    found = drawn(page, lang="en")
    address, told, _ = next(one for one in cells(found) if one[0]["back"] == ["yes"])
    assert re.search(r"month later: [\d.]+% \(95% interval [\d.]+% to [\d.]+%, \d+ customers?\)", told)
    query = {name: values[0] for name, values in address.items()}
    there = drawn(customer_page, **query).texts("mo-answer")[0]
    away = drawn(customer_page, **{**query, "back": "no"}).texts("mo-answer")[0]
    everybody = drawn(
        customer_page, **{name: value for name, value in query.items() if name not in ("after", "back")}
    ).texts("mo-answer")[0]
    counts = [int(text.split()[0]) for text in (there, away, everybody)]
    assert counts[0] + counts[1] == counts[2]
    assert int(re.search(r"(\d+) customers?\)", told)[1]) == counts[2]  # type: ignore[index]  # it was found above
    assert "bought again 1 month later" in there
    assert "did not buy again" in away


@shown
def test_a_list_of_who_came_back_leads_to_those_who_did_not() -> None:
    address, _, _ = next(one for one in cells(drawn(page, lang="en")) if one[0]["back"] == ["yes"])
    listed = drawn(customer_page, **{name: values[0] for name, values in address.items()})
    assert any("back=no" in way and "cohort=" in way for way in listed.ways)


@shown
def test_cells_with_too_few_customers_or_without_their_whole_time_are_hatched() -> None:
    found = drawn(page, lang="en")
    hatched = re.findall(
        r'class="mo-hatched"><a href="[^"]*" tabindex="-?[01]" aria-label="([^"]*)"', found.html
    )
    assert hatched
    assert all("not over yet" in told or "Too few customers" in told for told in hatched)
    coloured = re.findall(
        r'style="background:[^"]*"><a href="[^"]*" tabindex="-?[01]" aria-label="([^"]*)"', found.html
    )
    assert not any("not over yet" in told or "Too few customers" in told for told in coloured)


@shown
@pytest.mark.parametrize(
    "query",
    [
        {"unit": "week"},
        {"unit": "year", "counting": "on_or_after"},
        {"counting": "rolling", "measure": "customers"},
        {"brackets": "0,1,2,4,7,13", "measure": "cumulative"},
        {"unit": "quarter", "measure": "margin", "cal": "jalali"},
        {"measure": "orders", "split": "first_channel"},
        {"measure": "revenue", "split": "segment"},
        {"split": "first_channel:App", "benchmark": "22.5"},
        {"unit": "fortnight", "measure": "joy", "counting": "never", "brackets": "3,1", "split": "x"},
    ],
)
def test_every_choice_can_be_shown(query: dict[str, str]) -> None:
    found = drawn(page, lang="en", **query)
    assert found.texts("mo-answer")
    assert len(found.texts("mo-title")) == TITLES


@shown
def test_groups_lead_to_their_own_cohorts() -> None:
    found = drawn(page, lang="en", split="first_channel")
    ways = {unescape(one) for one in re.findall(r'href="(retention\?[^"]*split=[^"]*)"', found.html)}
    assert "retention?lang=en&split=first_channel%3AApp" in ways
    alone = drawn(page, lang="en", split="first_channel:App")
    assert all(query["split"] == ["first_channel:App"] for query, _, _ in cells(alone))
    nobody = drawn(page, lang="en", split="first_channel:Pigeon")
    assert nobody.texts("mo-answer") == [language("en").say("retention.split.nobody", group="Pigeon")]
    assert nobody.ways == ["retention?lang=en&split=first_channel"]


@shown
@pytest.mark.parametrize(("code", "typed"), [("en", "20"), ("fa", "۲۰"), ("th", "20%")])
def test_a_benchmark_is_compared_in_words_and_drawn(code: str, typed: str) -> None:
    found = drawn(page, lang=code, benchmark=typed)
    figure = next(iter(found.pictures.values()))
    assert any(shape["y0"] == 0.2 for shape in figure["layout"]["shapes"])
    share = language(code).percent(0.2, None)
    assert any(re.sub("[\u2066-\u2069]", "", share) in title for title in found.texts("mo-title"))


@shown
@pytest.mark.parametrize("typed", ["many", "0", "-5", "101", "9" * 50])
def test_what_is_no_share_sets_no_benchmark_and_stays_to_be_mended(typed: str) -> None:
    found = drawn(page, lang="en", benchmark=typed)
    figure = next(iter(found.pictures.values()))
    assert "dash" not in str(figure["layout"]["shapes"])
    assert found.app.text_input(key="mo-benchmark").value == typed[:8]
    assert f"“{typed[:8]}” is not a share" in found.html


@shown
def test_brackets_of_one_s_own_are_typed_in_the_digits_of_any_language() -> None:
    for code, typed, written in (
        ("en", "0, 1, 4,13", "0,1,4,13"),
        ("fa", "۰، ۲، ۶", "0,2,6"),
        ("th", "๐ ๒ ๖", "0,2,6"),
        ("en", "some", "some"),
        ("en", "", None),
    ):
        app = drawn(page, lang=code, brackets="0,1,3").app
        app.text_input(key="mo-own-brackets").set_value(typed).run()
        assert app.query_params.get("brackets") == written
        shown = app.text_input(key="mo-own-brackets").value
        assert bool(shown) == (written not in {None, "some"})


@shown
def test_what_is_typed_as_a_benchmark_is_in_the_address() -> None:
    for typed, written in (("abc", "abc"), ("250", "250"), (" 25 % ", "25"), ("", None)):
        app = drawn(page, lang="en", benchmark="30").app
        app.text_input(key="mo-benchmark").set_value(typed).run()
        assert app.query_params.get("benchmark") == written


@shown
@pytest.mark.parametrize(
    ("query", "grouping"),
    [
        ({"channel": "App"}, "first_channel"),
        ({"category": "Tea"}, "first_category"),
        ({"channel": "App", "category": "Tea"}, "first_channel"),
    ],
)
def test_a_filter_of_purchases_says_so_and_leads_to_whole_customers(
    query: dict[str, str], grouping: str
) -> None:
    found = drawn(page, lang="en", **query)
    (said,) = found.texts("mo-remark")
    assert said.startswith("Only purchases")
    assert f"retention?lang=en&split={grouping}" in found.ways
    assert not drawn(page, lang="en").texts("mo-remark")


@shown
@pytest.mark.parametrize(
    ("query", "said", "way"),
    [
        ({"split": "Nope"}, "Customers cannot be compared by “Nope”", "retention?lang=en"),
        ({"brackets": "3,1"}, "Brackets are whole numbers", "retention?lang=en"),
        ({"brackets": ",".join(map(str, range(400)))}, "at most 24 cells", "retention?lang=en"),
    ],
)
def test_what_is_asked_in_vain_is_said_with_a_way_on(query: dict[str, str], said: str, way: str) -> None:
    found = drawn(page, lang="en", **query)
    (remark,) = found.texts("mo-remark")
    assert said in remark
    assert way in found.ways
    assert found.texts("mo-value")


@shown
def test_a_day_before_the_records_is_said_with_a_way_on() -> None:
    found = drawn(page, lang="en", as_of="1990-01-01")
    assert "The records begin on" in found.texts("mo-answer")[0]
    assert found.ways == ["retention?lang=en"]


@shown
def test_a_period_that_has_not_begun_is_said_with_a_way_on() -> None:
    query = next(one for one, _, _ in cells(drawn(page, lang="en")))
    parts = {name: values[0] for name, values in query.items()} | {"after": "999"}
    found = drawn(customer_page, **parts)
    assert "nothing can be told 999 months later" in found.texts("mo-answer")[0]
    assert any("cohort=" in way and "after=" not in way for way in found.ways)


@shown
def test_the_keyboard_stops_once_at_the_matrix() -> None:
    found = drawn(page, lang="en")
    matrix = found.html[found.html.index('<div class="mo-matrix"') :]
    stops = re.findall(r'<a [^>]*tabindex="0"', matrix)
    assert len(stops) == 1


@shown
def test_the_latest_cohorts_come_first() -> None:
    codes = [int(query["cohort"][0]) for query, _, _ in cells(drawn(page, lang="en"))]
    assert codes == sorted(codes, reverse=True)


@shown
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_comparison_of_groups_has_one_meaning_and_says_it(code: str) -> None:
    spoken = language(code)
    found = drawn(page, lang=code, split="first_channel", measure="revenue")
    per = spoken.say("retention.measure.revenue.per_customer")
    title, subtitle = found.texts("mo-title")[0], found.html
    assert title.startswith(per)
    assert spoken.say("retention.measure.revenue.per_customer.told") in subtitle
    assert spoken.say("retention.matrix.groups_corner.month") in found.html
    alone = drawn(page, lang=code, split="first_channel:App", measure="revenue")
    assert "App" in alone.texts("mo-title")[0]
    assert per in alone.texts("mo-title")[0]


@shown
def test_segments_are_compared_in_the_matrix_alone_and_with_a_warning() -> None:
    found = drawn(page, lang="en", split="segment")
    assert language("en").say("retention.matrix.circular") in found.html
    described = "\n".join(found.pictures)
    assert described.count(language("en").say("retention.split.circular")) == 2
    assert "which pairs do" not in found.html


@shown
def test_the_figures_say_what_they_are_and_of_whom() -> None:
    found = drawn(page, lang="en")
    assert found.texts("mo-label")[0] == "In month 1 after the first purchase"
    assert re.search(r"Shares of all customers won from \w+ \d{4} to \w+ \d{4}", found.html)
    assert re.search(
        r"customers who first bought since \d+ \w+ \d{4}, each counted", found.texts("mo-context")[0]
    )


@shown
@pytest.mark.parametrize(
    "query",
    [
        {"cohort": "-3"},
        {"cohort": "24290", "after": "-1"},
        {"cohort": "24290", "after": "2", "brackets": "1,4"},
    ],
)
def test_an_address_of_no_cohort_lists_everybody(query: dict[str, str]) -> None:
    assert "have bought from us" in drawn(customer_page, lang="en", **query).texts("mo-answer")[0]


@shown
def test_nothing_to_show_is_said_kindly() -> None:
    found = drawn(page, lang="en", as_of="1950-01-01")
    (answer,) = found.texts("mo-answer")
    assert answer.endswith("on 1 January 1950 there was no customer yet.")


@pytest.mark.parametrize("code", LANGUAGES)
def test_few_customers_are_counted_and_nothing_is_drawn(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_of(tmp_path, {"2024-01": 20, "2024-02": 20, "2024-03": 20}, monkeypatch)
    found = drawn(page, lang=code)
    assert not found.texts("mo-title")
    assert language(code).say("retention.context.few", least=25) in found.texts("mo-context")


def test_one_month_alone_says_what_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base_of(tmp_path, {"2024-01": 40}, monkeypatch)
    found = drawn(page, lang="en")
    assert found.texts("mo-answer") == [language("en").say("retention.headline.unknown")]
    assert not found.pictures
    assert len(found.texts("mo-title")) == TITLES - 3
    assert "shows from the next period on" in found.html
    assert "mo-figures" not in found.html
    # There are customers enough: it is time that is lacking, and one sentence says so.
    assert found.texts("mo-context") == [
        language("en").say("retention.context.too_early", count=40, least=25, days="30 days")
    ]


@shown
@pytest.mark.parametrize(
    ("code", "query", "months"),
    [("fa", {}, "jalali"), ("fa", {"cal": "gregorian"}, "gregorian"), ("en", {}, None)],
)
def test_the_context_says_by_whose_months_customers_are_counted(
    code: str, query: dict[str, str], months: str | None
) -> None:
    context = drawn(page, lang=code, **query).texts("mo-context")[0]
    for one in ("jalali", "gregorian"):
        assert (language(code).say(f"retention.context.months.{one}") in context) == (one == months)
