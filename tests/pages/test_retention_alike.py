"""Wherever the retention page says the same of the same customers it says the same number."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from crm_core.customers.metrics.groupings import acquisition_channel
from crm_core.periods import Calendar
from crm_core.retention.answers import Shape, cohorts, comeback
from crm_core.retention.answers.ladder import ladder
from crm_core.retention.answers.survival import survival
from crm_core.retention.metrics import Length, customers_on_rung
from crm_core.sources.mapping import load_mapping
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import bring
from tests.pages.drawn import Drawn, drawn
from tests.pages.test_few_customers import MAPPING, customer_page
from tests.pages.test_retention import cells, page


def _shares(text: str) -> list[str]:
    return re.findall(r"[\d.]+%", text)


def _titled(found: Drawn, words: str) -> str:
    return next(one for one in found.texts("mo-title") if words in one)


def _figure(found: Drawn, words: str) -> list[Any]:
    return next(figure["data"] for alt, figure in found.pictures.items() if words in alt)


def _begun_in_the_middle(directory: Path) -> Path:
    """Two months of 300 old ones who do not come back; then 40 new ones a month, half of whom do."""
    rows = []
    for month in range(30):
        many = 300 if month < 2 else 40
        day = dt.date(2022 + month // 12, month % 12 + 1, 10)
        for number in range(many):
            days = [day, day + dt.timedelta(days=40)] if month >= 2 and number % 2 else [day]
            rows += [f"{month}/{number}/{at},{month}-{number},{at},9" for at in days]
    file = directory / "orders.csv"
    file.write_text("order,customer,date,amount\n" + "\n".join(rows) + "\n", "utf-8")
    bring(directory / "base", file, load_mapping(MAPPING), source_name="orders.csv")
    return directory / "base"


@pytest.fixture(params=["demonstration", "begun in the middle"])
def shown(
    request: pytest.FixtureRequest, demonstration_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    base = demonstration_base if request.param == "demonstration" else _begun_in_the_middle(tmp_path)
    monkeypatch.setenv("MOSHTARI_BASE", str(base))
    return base


@pytest.fixture
def workspace(shown: Path) -> Workspace:
    return open_base(str(shown))


@pytest.mark.parametrize(
    ("unit", "calendar"),
    [("month", "gregorian"), ("quarter", "gregorian"), ("year", "jalali"), ("week", "jalali")],
)
def test_headline_curve_and_ladder_speak_of_the_same_customers_and_say_the_same(
    workspace: Workspace, unit: Length, calendar: Calendar
) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    found = cohorts(ask, as_of=as_of, shape=Shape(unit=unit, calendar=calendar))
    assert found is not None
    said = comeback(ask, as_of=as_of, won_from=found.won_from, customers=found.customers)
    curve = survival(ask, "purchase", as_of=as_of, won_from=found.won_from)
    steps = ladder(ask, as_of=as_of, won_from=found.won_from)
    assert curve is not None
    assert steps is not None
    assert said.days == curve.horizon
    assert said.share == curve.whole.within[said.days or 0] == steps.rungs[0].within[said.days or 0]
    assert curve.whole.within == steps.rungs[0].within
    # New customers are those of the cohorts without a dagger, which are those of the mean.
    new = sum(row.customers for row in found.rows if not row.old)
    assert said.customers == curve.whole.count == steps.rungs[0].customers == new
    assert found.mean[0].customers == sum(
        row.customers for row in found.rows if not row.old and row.cells[0].complete
    )


def test_customers_before_the_records_are_marked_and_counted_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOSHTARI_BASE", str(_begun_in_the_middle(tmp_path)))
    found = drawn(page, lang="en")
    assert found.texts("mo-answer") == ["50% of new customers come back within 365 days"]
    assert "Of 1,120 customers who first bought since 1 March 2022" in found.texts("mo-context")[0]
    assert found.html.count("† 300") == 2
    assert _titled(found, "buy a second time").startswith("50% buy a second time within 365 days")
    assert "1 March 2022, is shown in two parts" not in found.html


def test_a_longer_period_is_parted_where_new_customers_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOSHTARI_BASE", str(_begun_in_the_middle(tmp_path)))
    found = drawn(page, lang="en", unit="quarter")
    assert found.texts("mo-answer") == drawn(page, lang="en").texts("mo-answer")
    assert "on 1 March 2022, is shown in two parts" in found.html
    assert "all customers won from 1 March 2022 to " in found.html
    beside = re.findall(r"<small>([^<]*)</small>", found.html)
    assert beside[-4:] == ["120", "40", "† 600", "1,120"]
    assert "Of 1,120 customers who first bought since 1 March 2022" in found.texts("mo-context")[0]


@pytest.mark.parametrize(
    ("part", "named", "customers"),
    [("Jan – Feb 2022", "January – February 2022", 600), ("Mar 2022", "March 2022", 40)],
)
def test_a_part_of_a_cohort_leads_to_its_customers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, named: str, customers: int
) -> None:
    monkeypatch.setenv("MOSHTARI_BASE", str(_begun_in_the_middle(tmp_path)))
    found = drawn(page, lang="en", unit="quarter")
    query, _, _ = next(one for one in cells(found) if one[1].startswith(part))
    asked = {name: values[0] for name, values in query.items()}
    there, away = (drawn(customer_page, **{**asked, "back": back}) for back in ("yes", "no"))
    everybody = drawn(
        customer_page, **{name: value for name, value in asked.items() if name not in ("after", "back")}
    )
    assert everybody.texts("mo-answer")[0].startswith(f"{customers} customers")
    assert named in everybody.texts("mo-answer")[0]
    counts = [int(one.texts("mo-answer")[0].replace("No", "0").split()[0]) for one in (there, away)]
    assert sum(counts) == customers
    assert all("until=" in way for way in there.ways if "cohort=" in way)


@pytest.mark.parametrize("query", [{}, {"unit": "quarter"}, {"counting": "on_or_after"}])
def test_figures_mean_row_and_mean_curve_are_one(shown: Path, query: dict[str, str]) -> None:
    found = drawn(page, lang="en", **query)
    mean = found.html.partition("<tfoot>")[2].partition("</tfoot>")[0]
    row = [text for text in re.findall(r"<td[^>]*>([^<]*)</td>", mean) if text]
    curve = _figure(found, "after the first purchase; the band is")[1]["y"]
    told = [float(one) for one in re.findall(r'data-told="[^"]*?: ([\d.]+)%', mean)]
    assert told[: len(curve)] == pytest.approx([100 * share for share in curve], abs=0.051)
    labels, values = found.texts("mo-label"), found.texts("mo-value")
    at = {int(re.findall(r"\d+", one)[0]): value for one, value in zip(labels, values, strict=False)}
    assert at
    assert {place: row[place - 1] for place in at} == at
    assert _shares(_titled(found, "On average"))[0] == row[0]


@pytest.mark.usefixtures("shown_base")
def test_channels_are_alike_in_every_picture_of_them() -> None:
    found = drawn(page, lang="en", split="acquisition_channel")
    dots = _figure(found, "won through each channel")[0]
    bars = _figure(found, "Share of those who made a purchase")[0]
    assert dots["x"] == bars["x"]
    assert dots["error_x"]["array"] == bars["error_x"]["array"]


def test_channels_are_those_of_the_curves(demonstration_base: Path) -> None:
    workspace = open_base(str(demonstration_base))
    ask, as_of = workspace.ask(), workspace.as_of
    curves = survival(ask, "purchase", as_of=as_of, group=acquisition_channel)
    steps = ladder(ask, as_of=as_of, group=acquisition_channel)
    assert curves is not None
    assert steps is not None
    assert [one.within for one in curves.groups] == [one.within for one in steps.groups]


@pytest.mark.usefixtures("shown_base")
def test_the_benchmark_is_a_mark_of_one_quantity() -> None:
    found = drawn(page, lang="en", benchmark="25")
    marked = [
        alt
        for alt, figure in found.pictures.items()
        if "'dash': 'dash'" in str(figure["layout"].get("shapes"))
    ]
    assert len(marked) == 1
    assert "after the first purchase; the band is" in marked[0]
    assert found.app.text_input(key="mo-benchmark").label == "Your benchmark for a month, %"


def test_a_bar_of_the_ladder_leads_to_the_new_customers_whom_it_counts(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    found = cohorts(ask, as_of=as_of, shape=Shape())
    assert found is not None
    steps = ladder(ask, as_of=as_of, won_from=found.won_from)
    assert steps is not None
    first = steps.rungs[0]
    listed = ask(customers_on_rung, as_of=as_of, purchase=1, won_from=found.won_from or dt.date(1970, 1, 1))
    assert len(listed) == first.customers - first.next_customers
    code = next(
        code
        for code in _figure(drawn(page, lang="en"), "Share of those who made a purchase")[0]["customdata"]
    )
    query = dict(part.split("=") for part in code.split("&"))
    behind = drawn(customer_page, lang="en", **query).texts("mo-answer")[0]
    assert behind.startswith(f"{len(listed):,} ")
    assert ("won since" in behind) == (found.won_from is not None)
