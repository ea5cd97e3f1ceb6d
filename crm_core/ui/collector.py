"""Keeping what stays for long out of the way of the garbage collector, which Streamlit runs after every run.

A collection walks through all that is alive and not frozen: with the libraries and some hundred pictures in
its way it takes longer than drawing a page.
"""

from __future__ import annotations

import gc
import itertools
from typing import Final

_WHOLE_EVERY: Final = 128
"""Frozen garbage is never found, so that now and then everything is looked through again."""

_times: Final = itertools.count()


def settle() -> None:
    """Freeze all that is there; to be called when something was made or loaded that will stay."""
    if next(_times) % _WHOLE_EVERY == 0:
        gc.unfreeze()
        gc.collect()
    gc.freeze()
