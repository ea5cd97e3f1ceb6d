"""Asked for fewer than none of those who gain and lose most, the same members were told twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm_core.base import InputError
from crm_core.loyalty.estimates import loyalty_gains
from crm_core.loyalty.rules import read_programme, template
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

ORDERS = [
    {"customer_id": name, "ordered_at": "2024-03-20 12:00:00", "amount": "80.00"} for name in ("a", "b", "c")
]


def test_there_are_no_fewer_than_none(engine: Engine) -> None:
    ask = put(engine, Files(ORDERS))
    one, other = (read_programme(template(name)) for name in ("points_club", "discount_ladder"))
    given: dict[str, Any] = {"as_of": dt.date(2024, 3, 20), "programme": one, "other": other}
    with pytest.raises(InputError, match="most"):
        ask(loyalty_gains, **given, most=-1)
    assert ask(loyalty_gains, **given, most=1)["customer_id"].tolist() == ["a", "c"]
