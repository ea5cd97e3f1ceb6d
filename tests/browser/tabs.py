"""A tab of a browser on the app, and what holds for every page in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from crm_core.i18n import language
from tests.servers.app import REPOSITORY, AppServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTEFACTS: Final = REPOSITORY / "artefacts" / "browser"

_STREAMLIT_BASELINE: Final = {("presentation-role-conflict", "stFileUploaderDropzone")}
"""What axe finds in Streamlit's own elements, by rule and element."""

_SMALLEST_LETTERS: Final = """() => [...document.querySelectorAll('.stHtml *')]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .filter((one) => one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < 12)
    .map((one) => one.outerHTML.slice(0, 120))"""

_SIDEWAYS: Final = """() => [...document.querySelectorAll('[data-testid="stMain"]')]
    .some((one) => one.scrollWidth > one.clientWidth + 1)"""


ON_EVERY_SCREEN: Final = pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1440, "light"),
        (390, "dark"),
        pytest.param(1440, "dark", marks=pytest.mark.slow),
        pytest.param(390, "light", marks=pytest.mark.slow),
    ],
)
"""Wide and narrow, light and dark; all four only in the slow tests."""


@dataclass
class Tab:
    """A page of a browser, and everything that went wrong in it."""

    page: Page
    server: AppServer
    patience: int = 60_000
    faults: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.page.goto(self.server.url + address)
        self.settle()

    def settle(self) -> None:
        """Wait until the page is drawn, its pictures included."""
        ready = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        self.page.wait_for_selector(ready, timeout=self.patience)
        self.page.wait_for_selector("h1, .mo-failure", timeout=self.patience)
        self.page.wait_for_function(
            "() => !document.querySelector('[data-testid=\"stSkeleton\"]') &&"
            " [...document.querySelectorAll('[data-testid=\"stPlotlyChart\"]')]"
            ".every((one) => one.querySelector('.main-svg'))",
            timeout=self.patience,
        )
        self.page.wait_for_selector(ready)

    @property
    def headline(self) -> str:
        return re.sub("[\u2066-\u2069]", "", self.page.inner_text("h1"))

    def wait_for_headline(self, part: str) -> None:
        self.page.wait_for_function(
            "(part) => document.querySelector('h1')?.innerText"
            ".replace(/[\\u2066-\\u2069]/g, '').includes(part)",
            arg=part,
            timeout=30_000,
        )
        self.settle()

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query)


@contextmanager
def tab(
    browser: Browser,
    server: AppServer,
    *,
    width: int = 1440,
    scheme: Literal["light", "dark"] = "light",
    patience: int = Tab.patience,
) -> Iterator[Tab]:
    """A fresh browser tab; leaving it asserts that nothing went wrong in it.

    Args:
        browser: Whose.
        server: Of the app.
        width: Of the screen.
        scheme: What the reader's machine prefers.
        patience: Milliseconds within which a page is drawn.
    """
    height = 1100 if width > 600 else 844
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale="en-GB",
        accept_downloads=True,
    )
    opened = Tab(context.new_page(), server, patience)
    opened.page.on("pageerror", lambda error: opened.faults.append(f"error: {error}"))
    opened.page.on("console", lambda message: _note_console(opened, message.type, message.text))
    opened.page.on("request", lambda request: _note_request(opened, request.url))
    yield opened
    context.close()
    assert not opened.faults


def _note_console(opened: Tab, kind: str, text: str) -> None:
    # Below a page's address Streamlit asks for its server once, before it asks at the root.
    if kind == "error" and "404" not in text:
        opened.faults.append(f"console: {text}")


def _note_request(opened: Tab, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != f"127.0.0.1:{opened.server.port}":
        opened.faults.append(f"asked elsewhere: {url}")


def holds(opened: Tab, page: str, code: str, where: str) -> None:
    """What holds for every page in every language on every screen; a picture of it is kept.

    Args:
        opened: Where it is open.
        page: Its name.
        code: Of the language.
        where: A name for the picture, and for what does not hold.
    """
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    opened.page.screenshot(path=ARTEFACTS / f"{where.replace(' ', '_')}.png")
    assert not opened.page.query_selector('.mo-failure, [data-testid="stException"]'), where
    assert opened.page.evaluate("document.documentElement.lang") == code, where
    assert (opened.page.evaluate("document.documentElement.dir") == "rtl") == (code == "fa"), where
    assert language(code).say(f"page.{page}") in opened.page.title(), where
    assert not opened.page.evaluate(_SIDEWAYS), where
    assert not opened.page.evaluate(_SMALLEST_LETTERS), where
    assert not violations(opened.page), where


def violations(page: Page) -> list[str]:
    """What axe finds beyond Streamlit's own baseline."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found
        for node in violation["nodes"]
        if not any(violation["id"] == rule and name in node["html"] for rule, name in _STREAMLIT_BASELINE)
    ]
