"""Templates in the size of a base's own purchases."""

from __future__ import annotations

import pytest

from crm_core.loyalty.rules import TEMPLATES, plain_of, read_programme, sized, template, template_size
from crm_core.loyalty.rules import write_programme as written


@pytest.mark.parametrize(
    ("purchase", "times"),
    [(34.79, 1), (155.0, 1), (1_250.0, 10), (4_000.0, 100), (20_100_000.0, 1e6), (0.4, 0.01), (0.0, 1)],
)
def test_amounts_are_multiplied_by_tenfolds(purchase: float, times: float) -> None:
    assert template_size(purchase) == pytest.approx(times)


@pytest.mark.parametrize("times", [1.0, 0.1, 1e6])
@pytest.mark.parametrize("name", TEMPLATES)
def test_only_money_is_sized(name: str, times: float) -> None:
    plain = read_programme(template(name))
    larger = sized(plain, times)
    assert read_programme(written(larger)) == larger, "it is still a programme"
    assert sized(larger, 1 / times) == plain
    assert (larger == plain) == (times == 1)
    assert [one.points for one in larger.rewards] == [one.points for one in plain.rewards]
    was, now = plain_of(written(plain)), plain_of(written(larger))
    amounts = {"unit", "cost", "member_year"}
    for rule, other in zip(was.get("earn", ()), now.get("earn", ()), strict=True):
        assert {key for key in rule if rule[key] != other[key]} <= amounts
    if plain.tiers is not None and larger.tiers is not None:
        grown = [step.at / was.at for step, was in zip(larger.tiers.steps, plain.tiers.steps, strict=True)]
        assert grown == pytest.approx([times if plain.tiers.by == "amount" else 1.0] * len(grown))
