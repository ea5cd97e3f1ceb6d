"""Who is newly at risk, where the risk rises, and how well it would have been told, as readers see it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from crm_core.churn.estimates import churn_watch_list
from crm_core.i18n import LANGUAGES, language
from crm_core.ui import bases
from tests.pages.drawn import drawn, said


@pytest.fixture(autouse=True)
def shown(larger_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOSHTARI_BASE", str(larger_base))


def page() -> None:
    from pages import churn

    churn.render()


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_is_watched_and_how_well_it_was_told(code: str) -> None:
    found, spoken = drawn(page, lang=code), language(code)
    assert found.texts("mo-section")[2:] == [
        said(spoken, f"churn.{part}.title") for part in ("watch", "warning", "tried", "earned")
    ]
    assert "mo-failure" not in found.html


def test_the_watch_list_is_that_of_the_estimates() -> None:
    found = drawn(page, lang="en")
    (told,) = re.findall(r"(\d+) customers? (?:is|are) newly at risk", found.html)
    workspace = bases.opened()
    rows = workspace.ask()(churn_watch_list, as_of=workspace.as_of, horizon_days=90)
    assert int(told) == len(rows)


def test_groups_are_a_choice_in_the_address() -> None:
    found = drawn(page, lang="en", by="acquisition_channel")
    assert 'data-label="Acquisition channel"' in found.html
    assert 'data-label="Segment"' not in found.html


def test_what_lists_would_have_earned_depends_on_the_offer() -> None:
    usual, dear = drawn(page, lang="en"), drawn(page, lang="en", contact="100000")
    contacted = r'data-label="Contacted"[^>]*>(\d+)<'
    assert any(int(one) for one in re.findall(contacted, usual.html))
    assert not any(int(one) for one in re.findall(contacted, dear.html))


@pytest.mark.parametrize("code", LANGUAGES)
def test_trials_are_told_once(code: str) -> None:
    found = drawn(page, lang=code)
    (context,) = found.texts("mo-context")
    paragraphs = re.findall(r"<p>([^<]{20,})</p>", found.html)
    assert paragraphs
    assert not [one for one in paragraphs if unescape(one) in context]
