"""What a reader types to find a customer."""

from __future__ import annotations

import pytest

from crm_core.ui.listed import beginnings


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ()),
        ("  ", ()),
        (" 12 ", ("12",)),
        ("C1", ("C1", "c1")),
        ("c1", ("c1", "C1")),
        ("۱۲", ("۱۲", "12")),
        ("๑๒", ("๑๒", "12")),
    ],
)
def test_an_id_is_found_in_any_digits_and_letters(typed: str, expected: tuple[str, ...]) -> None:
    assert beginnings(typed) == expected
