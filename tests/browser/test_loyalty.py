"""The page of the customer club in a browser: in each language, on each screen, and what readers do there."""

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

pytestmark = pytest.mark.xdist_group("the club in a browser")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app on a base of a few hundred customers."""
    directory = tmp_path_factory.mktemp("club")
    write_demonstration(directory / "base", customers=500, seed=7)
    with app_server(directory / "base", directory) as server:
        yield server


@ON_EVERY_SCREEN
def test_the_page_in_every_language(
    width: int, scheme: Literal["light", "dark"], chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app, width=width, scheme=scheme) as opened:
        for code in LANGUAGES:
            opened.open(f"loyalty?lang={code}&programme=points_club&compare=discount_ladder")
            holds(opened, "loyalty", code, f"loyalty {code} {width} {scheme}")


def test_another_programme_and_more_months_are_a_click_away(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app) as opened:
        opened.open("loyalty?lang=en&programme=points_club")
        before = opened.headline
        opened.page.click(".mo-offers a:has-text('24 months')")
        opened.page.wait_for_selector(".mo-context:has-text('the 73')", timeout=60_000)
        assert opened.query == {"lang": ["en"], "programme": ["points_club"], "months": ["24"]}
        opened.page.click(".mo-offers a:has-text('Discount ladder') >> nth=0")
        opened.page.wait_for_selector("h1:has-text('Discount ladder')", timeout=60_000)
        assert opened.query == {"lang": ["en"], "months": ["24"], "programme": ["discount_ladder"]}
        opened.page.go_back()
        opened.page.go_back()
        opened.wait_for_headline(before)


def test_who_is_about_to_fall_leads_to_the_customer(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app) as opened:
        opened.open("loyalty?lang=en&programme=points_club")
        section = "h2:has-text('About to fall')"
        opened.page.wait_for_selector(section)
        first = opened.page.locator(".mo-table tbody tr:has(td[data-label='Falls to'])").first
        who = first.locator("td >> nth=0").inner_text()
        first.locator("a").click()
        opened.wait_for_headline(f"Customer {who}")
        assert opened.query == {"lang": ["en"], "customer": [who]}


def test_a_segment_leads_to_its_customers(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app) as opened:
        opened.open("loyalty?lang=en&programme=points_club")
        opened.page.click(".st-key-mo-picture-loyalty-segments a:has-text('Champions')")
        opened.page.wait_for_url("**/customer?**segment=champions**")
