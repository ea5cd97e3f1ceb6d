"""Where the comma is the decimal sign, 1.234 is a thousand and more.

A column of nothing but such numbers was read by the quick way, which took every point for a decimal sign: a
thousandth of each amount.
"""

from __future__ import annotations

from pathlib import Path

from tests.sources.files import ORDERS, staged, values, write


def test_a_column_of_parted_thousands(tmp_path: Path) -> None:
    path = write(tmp_path, "order;customer;date;amount\n1;a;2020-02-01;1.234\n2;a;2020-02-02;-12.500\n")
    result = staged(path, 'source: {decimal: ","}\n' + ORDERS)
    assert values(result, "amount") == [12_340_000, -125_000_000]
