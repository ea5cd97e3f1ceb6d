"""The app in a browser: each page in each language, wide and narrow, light and dark, and what readers do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from crm_core.i18n import LANGUAGES, language
from tests.browser.tabs import ON_EVERY_SCREEN, Tab, holds, tab, violations
from tests.servers.app import AppServer, app_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

PAGES = ("overview", "segments", "value", "retention", "customer", "data")

ORDERS = """Invoice,CustomerID,InvoiceDate,Quantity,Price,Description
1001,00042,2024-01-05,2,10.50,Tea
1001,00042,2024-01-05,1,3.00,Cup
1002,00043,2024-02-11,1,99.00,Kettle
1003,00042,2024-03-01,-1,10.50,Tea
1004,,2024-03-02,4,2.50,Spoon
1005,00044,not a date,1,5.00,Plate
1006,<img src=x onerror=alert(1)>,2024-05-02,1,7.25,=1+1
"""

CUT_OFF = """() => [...document.querySelectorAll('.mo-choices')]
    .some((one) => one.scrollHeight > one.clientHeight + 1)"""


@pytest.fixture(scope="module")
def app(demonstration_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app on the small demonstration base."""
    with app_server(demonstration_base, tmp_path_factory.mktemp("app")) as server:
        yield server


@ON_EVERY_SCREEN
def test_every_page_in_every_language(
    width: int, scheme: Literal["light", "dark"], chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app, width=width, scheme=scheme) as opened:
        for page in PAGES:
            for code in LANGUAGES:
                opened.open(f"{page}?lang={code}")
                holds(opened, page, code, f"{page} {code} {width} {scheme}")


def test_a_click_on_the_grid_shows_the_customers_behind_it_and_back_returns(
    chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app) as opened:
        opened.open("segments?lang=en&channel=App")
        before = opened.headline
        grid = opened.page.locator(".st-key-mo-picture-rfm-grid .js-plotly-plot")
        _click(grid, across=0.85, down=0.2)
        opened.wait_for_headline("of 5 on recency")
        assert opened.query["channel"] == ["App"]
        opened.page.click(".mo-table tbody tr:first-child a")
        opened.wait_for_headline("Customer ")
        opened.page.click(".mo-table tbody tr:first-child a")
        opened.page.wait_for_selector("text=What was in order")
        for part in ("Customer ", "of 5 on recency", before):
            opened.page.go_back()
            opened.wait_for_headline(part)
        assert opened.query == {"lang": ["en"], "channel": ["App"]}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("width", [1440, 390])
def test_a_cell_of_the_cohorts_is_read_by_keyboard_and_leads_to_its_customers(
    width: int, code: str, chromium: Browser, app: AppServer
) -> None:
    cell = ".mo-matrix tbody tr:nth-child(5) td:nth-child(3) a"
    with tab(chromium, app, width=width) as opened:
        opened.open(f"retention?lang={code}")
        before = opened.headline
        opened.page.focus(cell)
        told = opened.page.get_attribute(cell, "aria-label")
        assert opened.page.inner_text(".mo-told") == re.sub(r"\s+", " ", str(told))
        opened.page.press(cell, "Enter")
        opened.page.wait_for_url("**/customer?**after=2**")
        # The old headline stays in its place until the new one is there.
        opened.page.wait_for_function(
            "(before) => document.querySelector('h1')?.innerText"
            ".replace(/[\\u2066-\\u2069]/g, '') !== before",
            arg=before,
            timeout=30_000,
        )
        opened.settle()
        opened.page.click(".mo-way >> nth=0")
        opened.page.wait_for_url("**back=no**")
        opened.settle()
        for _ in range(2):
            opened.page.go_back()
        opened.wait_for_headline(before)


def test_headings_of_the_cohorts_stay_in_sight_and_choices_add_up(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app) as opened:
        opened.open("retention?lang=en")
        view = opened.page.locator(".mo-matrix-view")
        view.evaluate("(one) => one.scrollTo(400, 300)")
        corner, name = (
            opened.page.locator(f".mo-matrix {one} th").first.bounding_box()
            for one in ("thead tr", "tfoot tr")
        )
        frame = view.bounding_box()
        assert corner
        assert name
        assert frame
        assert abs(corner["x"] - frame["x"]) < 2
        assert abs(corner["y"] - frame["y"]) < 2
        assert abs(name["x"] - frame["x"]) < 2
        for pill, words in (("unit", "By quarter"), ("measure", "Purchases"), ("split", "First channel")):
            opened.page.click(f".st-key-mo-{pill} button")
            opened.page.click(f".mo-choices a:has-text('{words}')")
            opened.page.wait_for_selector(f".st-key-mo-{pill} button:has-text('{words}')")
            opened.settle()
        opened.page.fill(".st-key-mo-mark input", "30")
        opened.page.press(".st-key-mo-mark input", "Enter")
        opened.page.wait_for_selector(".mo-title:has-text('your 30%')")
        assert opened.query == {
            "lang": ["en"],
            "unit": ["quarter"],
            "measure": ["orders"],
            "split": ["first_channel"],
            "benchmark": ["30"],
        }


@pytest.mark.parametrize("code", ["en", "fa"])
def test_the_matrix_is_one_stop_and_arrows_lead_through_it(
    chromium: Browser, app: AppServer, code: str
) -> None:
    with tab(chromium, app) as opened:
        opened.open(f"retention?lang={code}")
        opened.page.locator('.mo-matrix a[tabindex="0"]').focus()
        onward = "ArrowLeft" if code == "fa" else "ArrowRight"
        for key in ("ArrowDown", onward, "ArrowDown"):
            opened.page.keyboard.press(key)
        told = opened.page.evaluate("document.activeElement.ariaLabel")
        assert told == opened.page.inner_text(".mo-told")
        assert opened.page.locator('.mo-matrix a[tabindex="0"]').count() == 1
        opened.page.keyboard.press("Tab")
        assert opened.page.evaluate("document.activeElement.closest('.mo-matrix')") is None


@pytest.mark.parametrize(("code", "width"), [("en", 1440), ("fa", 390)])
def test_a_matrix_that_goes_on_to_the_side_says_so_until_its_end(
    chromium: Browser, app: AppServer, code: str, width: int
) -> None:
    with tab(chromium, app, width=width) as opened:
        opened.open(f"retention?lang={code}")
        opened.page.wait_for_selector('.mo-matrix[data-wide="on"] .mo-sideways', state="visible")
        opened.page.locator('.mo-matrix a[tabindex="0"]').focus()
        for key in ("ArrowDown",) * 40 + ("End",):
            opened.page.keyboard.press(key)
        opened.page.wait_for_selector('.mo-matrix[data-wide="end"]')
        opened.open(f"retention?lang={code}&unit=year")
        opened.page.wait_for_selector(".mo-sideways", state="hidden")


def test_the_way_back_leads_to_where_one_was(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app) as opened:
        opened.open("retention?lang=en")
        place = "() => document.querySelector('[data-testid=\"stMain\"]').scrollTop"
        link = opened.page.locator(".mo-bars li a").first
        link.scroll_into_view_if_needed()
        before = opened.page.evaluate(place)
        assert before > 0
        link.click()
        opened.wait_for_headline("last bought")
        opened.page.go_back()
        opened.wait_for_headline("come back")
        opened.page.wait_for_function(f"(before) => ({place})() === before", arg=before, timeout=15_000)


def test_a_finger_reads_a_cell_first_and_follows_it_then(chromium: Browser, app: AppServer) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened = Tab(context.new_page(), app)
    opened.open("retention?lang=en")
    cell = opened.page.locator(".mo-matrix td a").first
    cell.scroll_into_view_if_needed()
    told = cell.get_attribute("aria-label") or ""
    cell.tap()
    opened.page.wait_for_selector(".mo-told a.mo-way")
    assert told in opened.page.inner_text(".mo-told")
    assert "retention" in opened.page.url
    cell.tap()
    opened.wait_for_headline("bought")
    assert "after" in opened.query
    context.close()


def test_a_tenth_of_value_to_come_leads_to_its_customers_and_choices_stay_in_the_address(
    chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app) as opened:
        opened.open("value?lang=en")
        opened.page.click(".mo-offers a:has-text('24 months')")
        opened.wait_for_headline("in the next 24 months")
        assert opened.query == {"lang": ["en"], "horizon": ["24"]}
        before = opened.headline
        _click(opened.page.locator(".st-key-mo-picture-tenths .js-plotly-plot"), across=0.06, down=0.8)
        opened.wait_for_headline("expected to be worth most in the next 24 months")
        assert opened.query == {"lang": ["en"], "tenth": ["1"], "horizon": ["24"]}
        opened.page.wait_for_selector("th[aria-sort=descending]:has-text('Expected value')")
        opened.page.click(".mo-table th a:has-text('Probability of no purchase')")
        opened.page.wait_for_selector("th[aria-sort=descending]:has-text('Probability of no purchase')")
        opened.page.go_back()
        opened.page.go_back()
        opened.wait_for_headline(before)


def test_who_brought_much_and_will_probably_not_buy_is_listed(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app) as opened:
        opened.open("value?lang=en")
        opened.page.click(".mo-ways a[href*='worth=fading']")
        opened.wait_for_headline("will probably buy nothing in the next 12 months")
        assert opened.query == {"lang": ["en"], "worth": ["fading"]}
        opened.page.wait_for_selector("th[aria-sort=descending]:has-text('Revenue, last 365 days')")
        assert "most likely nothing" in opened.page.inner_text(".mo-table")


@pytest.mark.parametrize("width", [1440, 390])
def test_other_figures_and_how_they_are_counted_are_one_click_away(
    width: int, chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app, width=width) as opened:
        opened.open("overview?lang=en")
        for key, words in (("table-figures", "Average order value"), ("how-figures", "returns deducted")):
            opened.page.click(f".st-key-mo-{key} button")
            opened.page.wait_for_selector(f"[data-testid=stPopoverBody]:has-text('{words}')")
            opened.page.keyboard.press("Escape")
        opened.page.click(".st-key-mo-how-standing-out button")
        opened.page.wait_for_selector("[data-testid=stPopoverBody]:has-text('Against the period before')")


def test_a_segment_s_name_leads_to_its_list_which_is_searched_and_sorted_in_the_address(
    chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app) as opened:
        opened.open("segments?lang=en")
        name = opened.page.locator(".st-key-mo-picture-rfm-grid a:has-text('At risk')").last
        name.scroll_into_view_if_needed()
        box = name.bounding_box()
        assert box is not None
        opened.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        opened.wait_for_headline("in the segment “At risk”")
        assert opened.query == {"lang": ["en"], "segment": ["at_risk"]}
        opened.page.fill(".st-key-mo-find input", "c00")
        opened.page.keyboard.press("Enter")
        opened.page.wait_for_url("**id=c00**")
        opened.settle()
        opened.page.click(".mo-table th a:has-text('Last purchase')")
        opened.page.wait_for_selector("th[aria-sort=descending]:has-text('Last purchase')")
        assert opened.query == {
            "lang": ["en"],
            "segment": ["at_risk"],
            "id": ["c00"],
            "sort": ["-last_ordered_at"],
        }
        link = opened.page.url
        shown = opened.page.inner_text(".mo-table")
        opened.page.goto(link)
        opened.wait_for_headline("in the segment “At risk”")
        opened.settle()
        assert opened.page.inner_text(".mo-table") == shown
        assert opened.page.input_value(".st-key-mo-find input") == "c00"


def _click(picture: Locator, *, across: float, down: float) -> None:
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    picture.page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)


def test_language_and_filters_are_steps_that_back_undoes(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app) as opened:
        opened.open("customer?lang=en")
        everybody = opened.headline
        opened.page.click(".st-key-mo-channel button")
        opened.page.click(".mo-choices a:has-text('Store')")
        opened.page.wait_for_url("**channel=Store**")
        opened.page.click(".mo-choices a:has-text('App')")
        opened.page.wait_for_url("**channel=Store&channel=App**")
        opened.page.keyboard.press("Escape")
        opened.page.click(".mo-language a[lang=fa]")
        opened.wait_for_headline("مشتری")
        assert opened.query == {"lang": ["fa"], "channel": ["Store", "App"]}
        opened.page.click(".mo-nav a[href^=segments]")
        opened.page.wait_for_url("**/segments?**")
        opened.settle()
        assert opened.query == {"lang": ["fa"], "channel": ["Store", "App"]}
        for _ in range(4):
            opened.page.go_back()
            opened.settle()
        opened.wait_for_headline(everybody)
        assert opened.query == {"lang": ["en"]}


def test_clicks_that_are_quicker_than_the_page_add_up(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app) as opened:
        opened.open("overview?lang=en")
        opened.page.click(".st-key-mo-channel button")
        opened.page.wait_for_selector(".mo-choices a[data-toggle=Store]")
        opened.page.evaluate(
            """() => {
                const click = (which) => document.querySelector(which).click();
                click(".mo-choices a[data-toggle=Store]");
                click(".mo-choices a[data-toggle=App]");
                click(".mo-choices a[data-toggle='Web shop']");
                click(".mo-choices a[data-toggle=App]");
                click(".mo-language a[lang=fa]");
                click(".mo-nav a[href^=segments]");
            }"""
        )
        opened.page.wait_for_url("**/segments?**")
        kept = {"lang": ["fa"], "channel": ["Store", "Web shop"]}
        assert opened.query == kept
        opened.page.wait_for_selector("html[lang=fa]", state="attached")
        opened.settle()
        assert opened.query == kept
        chosen = opened.page.inner_text(".st-key-mo-channel button")
        assert chosen.startswith(language("fa").say("filter.channels_chosen", count=2))


@pytest.mark.parametrize("width", [360, 700, 768, 1024])
def test_filters_can_be_opened_and_seen_whole_on_every_width(
    width: int, chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app, width=width) as opened:
        opened.page.set_viewport_size({"width": width, "height": 844})
        for code in ("en", "fa"):
            opened.open(f"overview?lang={code}")
            for name in ("period", "as-of", "channel", "category", "region"):
                opened.page.click(f".st-key-mo-{name} button", timeout=5_000)
                opened.page.wait_for_selector(".mo-choices >> visible=true")
                box = opened.page.locator('[data-testid="stPopoverBody"]').bounding_box()
                assert box is not None
                assert box["x"] >= 0, (code, name)
                assert box["x"] + box["width"] <= width, (code, name)
                assert not opened.page.evaluate(CUT_OFF), (code, name)
                opened.page.keyboard.press("Escape")
                opened.page.wait_for_selector('[data-testid="stPopoverBody"]', state="detached")


def test_the_day_is_chosen_in_the_readers_calendar(chromium: Browser, app: AppServer) -> None:
    with tab(chromium, app) as opened:
        opened.open("overview?lang=fa&as_of=2026-03-20")
        opened.page.click(".st-key-mo-as-of button")
        opened.page.click(".st-key-mo-day-month [data-testid=stSelectbox] >> visible=true")
        opened.page.click("[role=option]:has-text('فروردین')")
        opened.page.wait_for_url(re.compile("as_of=2025-04-18"))
        opened.settle()


def test_a_file_is_brought_in_and_read(chromium: Browser, demonstration_base: Path, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, "utf-8")
    base = tmp_path / "base"
    with app_server(base, tmp_path) as server, tab(chromium, server) as opened:
        opened.open("overview?lang=en")
        opened.page.click(".mo-way")
        opened.page.set_input_files("input[type=file]", file)
        opened.page.click(".st-key-mo-expert summary")
        opened.page.wait_for_selector("textarea >> visible=true")
        assert "amount: Quantity * Price" in opened.page.input_value("textarea")
        assert "Price: 10.50, 3.00" in chosen(opened, "mo-from-price")
        pick(opened, "mo-currency", "GBP")
        opened.page.click(".st-key-mo-bring button")
        opened.page.wait_for_selector("text=7 rows read: 6 accepted, 1 set aside.")
        opened.settle()
        with opened.page.expect_download() as rejected:
            opened.page.click("text=The rows set aside, as CSV")
        assert "not a date" in Path(rejected.value.path()).read_text("utf-8-sig")
        opened.page.click("text=See the overview")
        opened.wait_for_headline("£")
        opened.page.click(".mo-nav a[href^=customer]")
        opened.wait_for_headline("3 customers")
        assert "<img src=x" in opened.page.inner_text(".mo-table")
        with opened.page.expect_download() as listed:
            opened.page.click(".mo-table a:has-text('00042')")
            opened.wait_for_headline("Customer 00042")
            opened.page.click(".st-key-mo-csv-orders button")
        assert Path(listed.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")


def pick(opened: Tab, field: str, words: str) -> None:
    """Choose what has these words in a field, and wait until the page has taken it in."""
    opened.page.click(f".st-key-{field} [data-testid=stSelectbox] >> visible=true")
    opened.page.keyboard.type(words)
    opened.page.click(f"[role=option]:has-text('{words}') >> visible=true")
    opened.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="running"]')
    opened.settle()
    opened.page.wait_for_function(
        "([field, words]) => document.querySelector(`.st-key-${field} input`).value.includes(words)",
        arg=[field, words],
    )


def chosen(opened: Tab, field: str) -> str:
    """What a field shows."""
    return opened.page.input_value(f".st-key-{field} input")


def test_a_file_with_names_that_nobody_knows_is_understood_by_asking(
    chromium: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "verkauf.csv"
    file.write_text("Kd;Datum;Stk;Preis;Ort\n007;03/04/2024;2;12,50;Ulm\n008;05/04/2024;1;1.107,25;Bonn\n")
    with app_server(tmp_path / "base", tmp_path) as server, tab(chromium, server) as opened:
        opened.open("data?lang=en")
        opened.page.set_input_files("input[type=file]", file)
        opened.page.wait_for_selector(
            "text=Still to be chosen: Customer ID, Amount, Order of the dates, Currency."
        )
        assert opened.page.is_disabled(".st-key-mo-bring button")
        assert "Datum: 03/04/2024, 05/04/2024" in chosen(opened, "mo-from-orders-ordered_at")
        assert "“03/04/2024”" in opened.page.inner_text(".mo-ask >> nth=0")
        assert not violations(opened.page)
        pick(opened, "mo-from-orders-customer_id", "Kd: 007, 008")
        pick(opened, "mo-from-amount", "Unit price × quantity")
        pick(opened, "mo-from-price", "Preis: 12,50, 1.107,25")
        pick(opened, "mo-from-orders-quantity", "Stk: 2, 1")
        assert "Comma" in chosen(opened, "mo-option-decimal")
        pick(opened, "mo-option-day_order", "Day, month, year (03/04/2024 is 3 April 2024)")
        pick(opened, "mo-currency", "EUR")
        opened.page.wait_for_selector(".mo-table:has-text('€25.00'):has-text('3 Apr 2024') >> visible=true")
        assert not (tmp_path / "base" / "CURRENT").exists()

        opened.page.click(".st-key-mo-expert summary")
        written = opened.page.input_value("textarea")
        assert "amount: Stk * Preis" in written
        assert "day_order: dmy" in written
        opened.page.fill("textarea", written + "customers:\n  columns: {customer_id: Kd, city: Ort}\n")
        opened.page.keyboard.press("Control+Enter")
        opened.page.wait_for_selector("text=More that the file tells: 1 of 16 columns")
        opened.page.wait_for_selector(".mo-table:has-text('Bonn') >> visible=true")
        opened.page.fill("textarea", "orders: [")
        opened.page.keyboard.press("Control+Enter")
        opened.page.wait_for_selector(".mo-failure:has-text('The mapping cannot be read')")
        assert opened.page.is_disabled(".st-key-mo-bring button")
        pick(opened, "mo-option-day_order", "Month, day, year")
        opened.page.wait_for_selector(".mo-table:has-text('4 Mar 2024') >> visible=true")
        assert "day_order: mdy" in opened.page.input_value("textarea")
        opened.page.click(".st-key-mo-bring button")
        opened.page.wait_for_selector("text=2 rows read: 2 accepted, 0 set aside.")
        opened.settle()


def test_a_file_that_cannot_be_read_changes_nothing_and_the_app_goes_on(
    chromium: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 40)
    with app_server(tmp_path / "base", tmp_path) as server, tab(chromium, server) as opened:
        opened.open("data?lang=en")
        opened.page.set_input_files("input[type=file]", file)
        opened.page.wait_for_selector(".mo-failure")
        assert "orders.csv" in opened.page.inner_text(".mo-failure")
        assert not (tmp_path / "base" / "CURRENT").exists()
        opened.page.click(".mo-language a[lang=th]")
        opened.wait_for_headline(language("th").say("empty.base"))
