"""The page on who leaves in a browser: in each language, on each screen, and what readers do there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import pytest

from crm_core.i18n import LANGUAGES
from crm_core.workspace.bringing import write_demonstration
from tests.browser.tabs import ON_EVERY_SCREEN, holds, tab
from tests.servers.app import AppServer, app_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# All in one process, as the page has to learn first who leaves.
pytestmark = pytest.mark.xdist_group("churn in a browser")

LEARNING = 300_000
"""Milliseconds within which it has learnt."""
SAVED = ".st-key-mo-terms [data-testid=stSlider] >> nth=2"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app on a base of as few customers as who leaves can be learnt from."""
    directory = tmp_path_factory.mktemp("leaving")
    write_demonstration(directory / "base", customers=600, seed=7)
    with app_server(directory / "base", directory) as server:
        yield server


@ON_EVERY_SCREEN
def test_the_page_in_every_language(
    width: int, scheme: Literal["light", "dark"], chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app, width=width, scheme=scheme, patience=LEARNING) as opened:
        for code in LANGUAGES:
            opened.open(f"churn?lang={code}")
            holds(opened, "churn", code, f"churn {code} {width} {scheme}")


def test_a_moved_slider_changes_whom_it_pays_to_contact_and_the_address(
    chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app, patience=LEARNING) as opened:
        opened.open("churn?lang=en&saved=50")
        before = opened.headline
        contacted = opened.page.inner_text(".mo-value >> nth=1")
        opened.page.locator(SAVED).locator("input").focus()
        opened.page.keyboard.press("ArrowLeft")
        opened.page.wait_for_url("**saved=40**")
        opened.settle()
        opened.page.keyboard.press("ArrowRight")
        opened.page.wait_for_url("**saved=50**")
        opened.settle()
        opened.page.keyboard.press("ArrowRight")
        opened.page.wait_for_function(
            "(before) => document.querySelectorAll('.mo-value')[1]?.innerText !== before",
            arg=contacted,
            timeout=30_000,
        )
        opened.settle()
        assert opened.query == {"lang": ["en"], "saved": ["60"]}
        assert opened.headline != before
        assert opened.page.inner_text(".mo-value >> nth=1") in opened.headline
        # However often it is moved, Back leads to where it stood before it was touched.
        opened.page.go_back()
        opened.wait_for_headline(before)
        assert opened.query == {"lang": ["en"], "saved": ["50"]}


def test_a_customer_on_the_list_leads_to_why(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app, patience=LEARNING) as opened:
        opened.open("churn?lang=en&saved=50")
        first = opened.page.locator(".mo-table tbody tr").first
        who = first.locator("td >> nth=0").inner_text()
        first.locator("a").click()
        opened.wait_for_headline(f"Customer {who}")
        assert opened.query == {"lang": ["en"], "customer": [who], "risk": ["yes"], "saved": ["50"]}
        opened.page.wait_for_selector("h2:has-text('Will this customer leave?')", timeout=LEARNING)
        opened.page.wait_for_selector(".mo-facts:has-text('Speaks for')")


def test_a_telephone_unfolds_what_it_is_asked_for(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app, width=390, patience=LEARNING) as opened:
        opened.open("churn?lang=en&saved=50")
        slider = opened.page.locator(SAVED)
        assert not slider.is_visible()
        opened.page.click(".st-key-mo-fold-terms summary")
        slider.wait_for(state="visible")
        slider.locator("input").focus()
        opened.page.keyboard.press("ArrowRight")
        opened.page.wait_for_url("**saved=60**")
        opened.settle()
        assert slider.is_visible()
        rows = opened.page.locator(".mo-table >> nth=0").locator("tbody tr >> visible=true")
        assert rows.count() == 5
        opened.page.click(".mo-scroll + .mo-more summary >> nth=0")
        assert rows.count() == 10
        picture = opened.page.locator(".st-key-mo-picture-churn-lift .main-svg >> nth=0")
        assert not picture.is_visible()
        opened.page.click(".st-key-mo-fold-tried summary")
        picture.wait_for(state="visible")
        box = picture.bounding_box()
        assert box is not None
        assert 300 < box["width"] < 390


def test_what_says_nothing_here_leaves_the_address_without_a_step(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app, patience=LEARNING) as opened:
        opened.open("churn?lang=en&saved=50")
        before = opened.headline
        opened.open("churn?lang=en&saved=60&days=17&via=Pigeon")
        opened.settle()
        assert opened.query == {"lang": ["en"], "saved": ["60"]}
        opened.page.go_back()
        opened.wait_for_headline(before)
