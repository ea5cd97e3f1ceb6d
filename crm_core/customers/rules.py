"""How many customers it takes to speak of them as a group, and when two ways of contact are one."""

from __future__ import annotations

from typing import Final

ENOUGH_CUSTOMERS: Final = 25
"""With fewer customers than this there is no speaking of shares of them, nor of changes in their number."""


def way_of(name: str) -> str:
    """A way of contact as it is compared: tables of one base may write it differently."""
    return name.strip().casefold().replace("-", "")
