"""What every room shares."""

from __future__ import annotations

import pytest

from crm_core.base import InputError, check_between


@pytest.mark.parametrize("number", [1, 7, 1_000])
def test_what_an_option_takes_passes(number: int) -> None:
    check_between("days", number, 1, 1_000)


@pytest.mark.parametrize("number", [0, -3, 1_001, float("nan")])
def test_what_it_does_not_take_is_refused_with_what_it_does(number: float) -> None:
    with pytest.raises(InputError) as refused:
        check_between("days", number, 1, 1_000)
    assert refused.value.key == "metric.bad_option"
    assert refused.value.values == {"option": "days", "value": number, "allowed": "1 … 1000"}
