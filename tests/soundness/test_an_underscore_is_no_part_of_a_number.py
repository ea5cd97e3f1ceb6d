"""`1_0.5` was ten and a half, though `1_0` was no number."""

from __future__ import annotations

import pytest

from crm_core.base import InputError
from crm_core.loyalty.rules import read_programme, template


@pytest.mark.parametrize("cost", ["1_0", "1_0.5", "1_000.0", "1_0e+1"])
def test_it_is_told(cost: str) -> None:
    with pytest.raises(InputError) as refused:
        read_programme(template("points_club").replace("cost: 2", f"cost: {cost}"))
    assert refused.value.key in ("loyalty.programme.unreadable", "loyalty.programme.wrong")
