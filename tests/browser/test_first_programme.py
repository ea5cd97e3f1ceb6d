"""From a file to a first loyalty programme in a browser: how many steps it takes, in each language."""

from __future__ import annotations

import csv
import datetime as dt
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect

from crm_core.i18n import LANGUAGES, language
from crm_core.loyalty.rules import GOALS, TEMPLATES
from crm_core.workspace import programmes
from tests.browser.tabs import ON_EVERY_SCREEN, Tab, holds, tab
from tests.servers.app import AppServer, app_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

STEPS = 8
SECONDS = 300
NAMES = {"en": "Tea friends", "fa": "باشگاه دوستان چای", "th": "คลับคนรักชา"}


def orders(path: Path) -> Path:
    """Two years of a shop's orders with usual headings."""
    draws = random.Random(11)
    rows = []
    for customer in range(120):
        for order in range(1 + int(draws.expovariate(0.4))):
            day = dt.date(2024, 1, 1) + dt.timedelta(days=draws.randrange(730))
            amount = round(25 * draws.lognormvariate(0, 0.8), 2)
            rows.append(
                (f"{customer}-{order}", f"C{customer:03}", day, amount, draws.choice(("Tea", "Cups")))
            )
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("order_id", "customer_id", "ordered_at", "amount", "category"), *rows])
    return path


@pytest.mark.parametrize("code", LANGUAGES)
def test_from_a_file_to_a_saved_programme(code: str, chromium: Browser, tmp_path: Path) -> None:
    say, steps, begin = language(code).say, 0, time.monotonic()
    file = orders(tmp_path / "orders.csv")
    with app_server(tmp_path / "base", tmp_path) as server, tab(chromium, server) as opened:
        page = opened.page

        def click(target: str) -> None:
            nonlocal steps
            steps += 1
            page.click(target)

        opened.open(f"data?lang={code}")
        steps += 1
        page.set_input_files("input[type=file]", file)
        page.wait_for_selector(".st-key-mo-currency")
        euro = language(code).currencies["EUR"]
        click(".st-key-mo-currency [data-testid=stSelectbox] >> visible=true")
        page.keyboard.type(euro)
        click(f"[role=option]:has-text('{euro}') >> nth=0")
        opened.settle()
        click(".st-key-mo-bring button")
        page.wait_for_selector("[role=status]", timeout=120_000)
        opened.settle()
        click(".mo-nav a[href^=loyalty]")
        opened.wait_for_headline(say("loyalty.first.headline"))
        click(".mo-highlights section >> nth=0 >> a")
        page.wait_for_selector(".st-key-mo-first-keep", timeout=120_000)
        opened.settle()
        assert say("loyalty.name.club") in opened.headline
        steps += 1
        page.fill(".st-key-mo-first-name input", NAMES[code])
        page.keyboard.press("Enter")
        opened.settle()
        click(".st-key-mo-first-keep button")
        opened.wait_for_headline(NAMES[code])
        assert opened.query["programme"] == [NAMES[code]]
        assert programmes.read(str(tmp_path / "base"), NAMES[code]).version == 1
        page.wait_for_selector("h2:has-text('" + say("loyalty.ranking.title") + "')")
        opened.open(f"loyalty?lang={code}")
        assert NAMES[code] in opened.headline
    assert steps <= STEPS
    assert time.monotonic() - begin < SECONDS


@pytest.fixture(scope="module")
def app(demonstration_base: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    """The app on the small demonstration base, beside which no programme is kept."""
    with app_server(demonstration_base, tmp_path_factory.mktemp("club")) as server:
        yield server


@ON_EVERY_SCREEN
def test_questions_and_proposals_in_every_language(
    width: int, scheme: Literal["light", "dark"], chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app, width=width, scheme=scheme) as opened:
        for place, code in enumerate(LANGUAGES):
            opened.open(f"loyalty?lang={code}")
            holds(opened, "loyalty", code, f"first {code} {width} {scheme}")
            # Proposals are drawn alike: each goal in some language on each width.
            for goal in GOALS[place + len(LANGUAGES) * (scheme == "dark") :: 2 * len(LANGUAGES)]:
                opened.open(f"loyalty?lang={code}&goal={goal}&indicator=1")
                holds(opened, "loyalty", code, f"first {goal} {code} {width} {scheme}")


# Each template and each language once; `make soak` takes every language of every template.
@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param(name, code, marks=() if paired == code else pytest.mark.slow)
        for name, paired in zip(TEMPLATES, LANGUAGES, strict=True)
        for code in LANGUAGES
    ],
)
def test_a_moved_weight_ranks_anew_and_stands_in_the_address(
    name: str, code: str, chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app) as opened:
        opened.open(f"loyalty?lang={code}&programme={name}")
        before = first_points(opened).inner_text()
        opened.page.locator(".st-key-mo-weights [data-testid=stSlider] >> nth=0").locator("input").focus()
        opened.page.keyboard.press("ArrowRight")
        opened.page.wait_for_url("**by=**")
        assert opened.query["by"][0].startswith("amount~4~")
        expect(first_points(opened)).not_to_have_text(before, timeout=opened.patience)
        opened.settle()
        opened.page.go_back()
        opened.page.wait_for_function("() => !location.search.includes('by=')")
        expect(first_points(opened)).to_have_text(before, timeout=opened.patience)


def first_points(opened: Tab) -> Locator:
    """The points of who comes first in the ranking."""
    row = opened.page.locator(".mo-table:has(th:has-text('×')) tbody tr").first
    return row.locator("td >> nth=2")
