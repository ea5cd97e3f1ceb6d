"""How many customers it takes to speak of them as a group."""

from __future__ import annotations

from typing import Final

ENOUGH_CUSTOMERS: Final = 25
"""With fewer customers than this there is no speaking of shares of them, nor of changes in their number."""
