"""Groups of customers in the reader's words."""

from __future__ import annotations

import pytest

from crm_core.i18n import language
from crm_core.ui.groups import group_name


@pytest.mark.parametrize(
    ("code", "grouping", "group", "name"),
    [
        ("en", "country", "DE", "Germany"),
        ("fa", "country", "DE", "آلمان"),
        ("th", "country", "DE", "เยอรมนี"),
        ("en", "country", "Deutschland", "Deutschland"),
        ("en", "country", "XX", "XX"),
        ("en", "city", "DE", "DE"),
        ("en", "segment", "champions", "Champions"),
        ("en", "kind", "person", None),
        ("en", "region", "", "Not known"),
        ("en", "region", None, "Not known"),
        ("en", "region", float("nan"), "Not known"),
    ],
)
def test_a_group_is_called_by_its_name(code: str, grouping: str, group: object, name: str | None) -> None:
    expected = language(code).say("kind.person") if name is None else name
    assert group_name(language(code), grouping, group) == expected
