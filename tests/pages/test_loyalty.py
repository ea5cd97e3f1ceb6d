"""The page of the customer club as its readers see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.i18n import LANGUAGES, language
from tests.pages.drawn import drawn


@pytest.fixture(autouse=True)
def shown(shown_base: Path) -> Path:
    return shown_base


def page() -> None:
    from pages import loyalty

    loyalty.render()


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_opens_with_its_answer_and_shows_figures_and_pictures(code: str) -> None:
    found = drawn(page, lang=code)
    assert len(found.texts("mo-answer")) == len(found.texts("mo-context")) == 1
    assert len(found.texts("mo-value")) == 5
    assert len(found.pictures) == 2
    assert "mo-failure" not in found.html


def test_a_programme_without_points_shows_none() -> None:
    found = drawn(page, lang="en", programme="discount_ladder")
    assert found.texts("mo-answer")[0].startswith("“Discount ladder” would cost €")
    assert not found.pictures


def test_what_the_address_says_wrongly_is_as_usual() -> None:
    usual = drawn(page, lang="en")
    wrong = drawn(page, lang="en", programme="no such programme", months="13", compare="none")
    assert wrong.texts("mo-answer") == usual.texts("mo-answer")


@pytest.mark.parametrize("code", LANGUAGES)
def test_nobody_to_speak_of_is_one_sentence(code: str) -> None:
    found = drawn(page, lang=code, channel="no such channel")
    assert found.texts("mo-answer") == [language(code).say("loyalty.nobody")]
    assert not found.pictures
