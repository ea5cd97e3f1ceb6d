"""Changing a programme in a browser: in each language, on each screen, after a reload, and two at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import pytest

from crm_core.i18n import LANGUAGES
from crm_core.loyalty.rules import template
from crm_core.workspace import programmes
from crm_core.workspace.bringing import write_demonstration
from tests.browser.tabs import ON_EVERY_SCREEN, Tab, holds, tab
from tests.servers.app import AppServer, app_server

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

PARTS = ("members", "earning", "tiers", "rewards", "text", "openings", "versions")
CLUB = (
    template("points_club").replace("Points club", "Club").replace("unit: 1}", "unit: 1, channels: [moon]}")
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("editing") / "base"
    write_demonstration(directory, customers=300, seed=7)
    programmes.save(str(directory), CLUB)
    programmes.save(str(directory), CLUB.replace("points: 100", "points: 110"), after=1)
    return directory


@pytest.fixture(scope="module")
def app(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    with app_server(base, tmp_path_factory.mktemp("serving")) as server:
        yield server


def open_parts(opened: Tab) -> None:
    for part in PARTS:
        opened.page.locator(f".st-key-mo-edit-{part} summary").first.click()
    opened.settle()


@ON_EVERY_SCREEN
def test_the_editor_in_every_language(
    width: int, scheme: Literal["light", "dark"], chromium: Browser, app: AppServer
) -> None:
    with tab(chromium, app, width=width, scheme=scheme) as opened:
        for code in LANGUAGES:
            opened.open(f"loyalty?lang={code}&programme=Club")
            open_parts(opened)
            holds(opened, "loyalty", code, f"editing {code} {width} {scheme}")


def test_of_two_in_two_browsers_the_second_is_told_and_loses_nothing(
    chromium: Browser, app: AppServer, base: Path
) -> None:
    name = "Ours"
    programmes.save(str(base), CLUB.replace("name: Club", f"name: {name}"))
    points, cost = (f".st-key-mo-edit-rewards-0-{name} input" for name in ("points", "cost"))
    with tab(chromium, app) as one, tab(chromium, app) as other:
        for opened, value in ((one, "150"), (other, "160")):
            opened.open(f"loyalty?lang=en&programme={name}")
            open_parts(opened)
            opened.page.fill(points, value)
            opened.page.press(points, "Enter")
            opened.page.wait_for_selector("text=Changed since version 1")
            opened.settle()
        one.page.fill(cost, "7")
        one.page.press(cost, "Enter")
        one.settle()
        one.page.click(".st-key-mo-edit-save button")
        one.page.wait_for_selector("text=is kept as version 2")
        other.page.reload()
        other.page.wait_for_selector(".mo-failure")
        other.settle()
        open_parts(other)
        assert other.page.input_value(points) == "160", "the draft is there again"
        other.page.click("text=Mine: 160")
        other.page.wait_for_selector("text=Points: 150 → 160")
        other.settle()
        other.page.click(".st-key-mo-edit-both button")
        other.page.wait_for_selector("text=is kept as version 3")
        other.settle()
        assert "draft" not in other.query
    merged = programmes.read(str(base), name).programme
    assert (merged.rewards[0].points, merged.rewards[0].cost) == (160, 7)
    assert programmes.read(str(base), name, 2).programme.rewards[0].points == 150
