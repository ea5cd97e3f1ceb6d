"""Where costs of goods were not known, a programme was said to pay at the growth at which revenue pays it.

Rewards are paid from margin, so it takes several times that; a club whose effect was beyond that growth was
said to earn its cost.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.i18n import language
from crm_core.loyalty.answers import club
from crm_core.loyalty.rules import read_programme, template
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.loyalty.phrases import headline
from crm_core.workspace import open_base
from tests.pages.test_loyalty_little_data import base_of


def test_the_growth_is_told_as_the_least(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base_of(tmp_path, monkeypatch, 60, 400)
    workspace = open_base(str(tmp_path / "base"))
    programme = read_programme(template("points_club"))
    found = club(workspace.ask(), as_of=workspace.as_of, programme=programme, months=12)
    assert found.pays
    assert not found.by_margin
    told = language("en").tell(headline(found, Chosen("points_club", "Points club", programme, 12)))
    assert "buy at least" in told
