"""The ranking on the page of the customer club, and the way to a first programme."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.loyalty.answers import ranked, standing
from crm_core.loyalty.estimates import loyalty_ranking
from crm_core.loyalty.rules import GOALS, TEMPLATES, Indicator, read_programme, template
from crm_core.ui.loyalty.weighing import read
from crm_core.workspace import open_base, programmes
from tests.pages.drawn import Drawn, drawn, said


@pytest.fixture(autouse=True)
def shown(shown_base: Path) -> Path:
    return shown_base


AS_OF = dt.date(2026, 10, 31)
"""The last day of the demonstration."""


def customer() -> None:
    from pages import customer

    customer.render()


def page() -> None:
    from pages import loyalty

    loyalty.render()


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_customers_are_ranked_by_the_indicators_of_each_template(code: str, name: str) -> None:
    found = drawn(page, lang=code, programme=name)
    say = language(code).say
    assert say("loyalty.ranking.title") in found.texts("mo-section")
    sliders = [one.label.replace("\\", "") for one in found.app.select_slider]
    assert sliders == [say(f"loyalty.indicator.{one.name}") for one in own(name)]
    assert [one.value for one in found.app.select_slider] == [one.weight for one in own(name)]


def bound(found: Drawn, what: str, place: int) -> object:
    return found.app.number_input(key=f"mo-band-{what}-{place}").value


def own(name: str) -> tuple[Indicator, ...]:
    return read_programme(template(name)).indicators


def test_weights_and_bands_of_the_address_rank(shown_base: Path) -> None:
    usual = drawn(page, lang="en", programme="points_club")
    by = ["purchases~5~0~1_1~3_2~9_4", "tenure_days~0.5~0~30_3"]
    changed = drawn(page, lang="en", programme="points_club", by=by, indicator="1")
    assert [one.value for one in changed.app.select_slider] == [5.0, 0.5]
    assert [bound(changed, "from", place) for place in range(3)] == [1.0, 3.0, 9.0]
    assert [bound(changed, "points", place) for place in range(3)] == [1.0, 2.0, 4.0]
    assert "Back to the programme" in changed.html
    assert "Back to the programme" not in usual.html
    workspace = open_base(str(shown_base))
    programme = replace(read_programme(template("points_club")), indicators=read(by) or ())
    rows = workspace.ask()(loyalty_ranking, as_of=workspace.as_of, programme=programme)
    # After the lists of members who are about to move.
    found = re.findall(r"customer=(C\d+)", changed.html)[-20:]
    order = ranked(standing(workspace.ask(), as_of=workspace.as_of, programme=programme), read(by) or ())
    assert found == list(order.customers.head(20))
    parts = parse_qs(re.findall(r'"([^"]*customer=[^"]*)"', unescape(changed.html))[-20].partition("?")[2])
    assert parts["by"] == by
    one = drawn(customer, lang="en", customer=found[0], programme=parts["programme"][0], by=parts["by"])
    lines = re.findall(r"<dd>(-?[\d.]+) points: ", one.html)
    assert len(lines) == len(by)
    assert sum(map(float, lines)) == rows["indicator_points"].iloc[0]
    workspace.close()


@pytest.mark.parametrize("code", LANGUAGES)
def test_customers_with_equal_points_share_a_rank_and_that_is_said(code: str, shown_base: Path) -> None:
    by = ["purchases~1~0~1_1~3_2"]
    found = drawn(page, lang=code, programme="points_club", by=by)
    workspace = open_base(str(shown_base))
    programme = replace(read_programme(template("points_club")), indicators=read(by) or ())
    rows = workspace.ask()(loyalty_ranking, as_of=workspace.as_of, programme=programme)
    first = int((rows["rank"] == 1).sum())
    assert first > 1
    spoken = language(code)
    label = re.escape(spoken.say("column.rank"))
    ranks = [unescape(one) for one in re.findall(rf'data-label="{label}">(.*?)</td>', found.html)]
    assert ranks == [said(spoken, "loyalty.ranking.shared", rank=spoken.number(1), sharing=first)] * 20
    workspace.close()


def test_a_moved_weight_is_in_the_address() -> None:
    found = drawn(page, lang="en", programme="discount_ladder")
    found.app.select_slider[0].set_value(5.0).run()
    assert found.app.query_params["by"][0].startswith("amount~5~365~")
    assert len(found.app.query_params["by"]) == 3


def test_bands_that_begin_alike_are_told_and_nothing_is_lost() -> None:
    found = drawn(page, lang="en", programme="discount_ladder", indicator="1")
    at = found.app.number_input(key="mo-band-from-1")
    assert at.value == 300.0
    at.set_value(100.0).run()
    assert "Two bands cannot begin at the same value" in found.html
    assert "by" not in found.app.query_params
    found.app.number_input(key="mo-band-from-1").set_value(250.0).run()
    assert found.app.query_params["by"][0] == "amount~3~365~100_1~250_2~1000_3"


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_has_no_programme_is_asked_for_a_goal(code: str) -> None:
    found = drawn(page, lang=code)
    say = language(code).say
    assert found.texts("mo-answer") == [say("loyalty.first.headline")]
    assert found.texts("mo-highlight") == [say(f"loyalty.goal.{goal}") for goal in GOALS]
    assert len(found.ways) == len(GOALS)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("goal", GOALS)
def test_a_goal_leads_to_a_programme_with_its_cost(code: str, goal: str) -> None:
    found = drawn(page, lang=code, goal=goal)
    assert "mo-failure" not in found.html
    assert len(found.texts("mo-value")) == 5
    assert "mo-rules" in found.html
    terms, reasons = (len(re.findall(one, found.html)) for one in ("<li><span>", "</span><small>"))
    assert terms - (goal == "punctual") == reasons > 0
    name = language(code).say("loyalty.name.partners" if goal == "punctual" else "loyalty.name.club")
    assert found.app.text_input[0].value == name


def test_a_programme_that_is_saved_is_the_page_s_from_then_on(
    demonstration_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "base"
    shutil.copytree(demonstration_base, base)
    monkeypatch.setenv("MOSHTARI_BASE", str(base))
    assert "Rank" not in drawn(customer, lang="en", customer="C0000004").html
    found = drawn(page, lang="en", goal="again", give="1")
    found.app.text_input[0].set_value("Coffee friends").run()
    found.app.button(key="mo-first-keep").click().run()
    kept = programmes.read(str(base), "Coffee friends")
    assert kept.version == 1
    after = drawn(page, lang="en")
    assert after.texts("mo-answer")[0].startswith("“Coffee friends” would cost €")
    assert language("en").say("loyalty.template.note") not in after.html
    weighed = drawn(page, lang="en", programme="Coffee friends")
    weighed.app.select_slider[0].set_value(10.0).run()
    weighed.app.button(key="mo-weights-take").click().run()
    assert "by" not in weighed.app.query_params
    weighed.app.button(key="mo-edit-save").click().run()
    again = programmes.read(str(base), "Coffee friends")
    assert again.version == 2
    assert again.programme.indicators[0].weight == 10.0
    assert replace(again.programme, indicators=kept.programme.indicators) == kept.programme
    assert "by" not in weighed.app.query_params
    order = open_base(str(base)).ask()(loyalty_ranking, as_of=AS_OF, programme=again.programme)
    third = order.iloc[2]
    shown = drawn(customer, lang="en", customer=str(third["customer_id"]))
    points = f"{third['indicator_points']:g}"
    alike = int((order["rank"] == third["rank"]).sum())
    rank = f"{third['rank']} (shared by {alike})" if alike > 1 else third["rank"]
    told = f"Rank {rank} of {len(order)} in “Coffee friends”, with {points} points"
    assert told in shown.texts("mo-section")
    lines = re.findall(r"<dd>(-?[\d.]+) points: ", shown.html)
    assert sum(float(one) for one in lines) == third["indicator_points"]
    assert len(lines) == len(again.programme.indicators)
    taken = drawn(page, lang="en", goal="more")
    taken.app.text_input[0].set_value("coffee  friends").run()
    taken.app.button(key="mo-first-keep").click().run()
    assert "mo-failure" in taken.html
    assert taken.app.text_input[0].value == "coffee friends 2"
    assert "See “Coffee friends”" in taken.html
    nonsense = drawn(page, lang="en", programme="nonsense")
    assert "There is no programme “nonsense”; this is “Coffee friends”." in nonsense.html
    assert programmes.read(str(base), "Coffee friends").version == 2
