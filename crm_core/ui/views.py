"""What pages have made and show again: as much of it as there is room for, the latest seen first."""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.ui import collector

T = TypeVar("T")

ROOM_BYTES: Final = 256 * 2**20
"""What is kept takes about so much; one view alone may take more."""


@dataclass
class _Making:
    """One view that is being made, and by how many it is asked for."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    asked_by: int = 0


@dataclass
class _Made:
    """One view, what it takes, and whether that was measured after it had been shown."""

    made: object
    size: int
    shown: bool = False


@dataclass
class Views:
    """Views by what they are of, each made once however many ask for it at a time.

    Args:
        room: Bytes that they may take.
    """

    room: int = ROOM_BYTES
    taken: int = 0
    _made: OrderedDict[Hashable, _Made] = field(default_factory=OrderedDict)
    _making: dict[Hashable, _Making] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, view: Hashable, make: Callable[[], T]) -> T:
        """The view, made where it is not kept; whoever asks while it is being made waits for it."""
        with self._lock:
            if view in self._made:
                return cast(T, self._seen(view))
            making = self._making.setdefault(view, _Making())
            making.asked_by += 1
        try:
            with making.lock:
                with self._lock:
                    if view in self._made:
                        return cast(T, self._seen(view))
                made = make()
                self._keep(view, made)
                return made
        finally:
            with self._lock:
                making.asked_by -= 1
                # Where it could not be made, those who wait are next, and nobody beside them.
                if not making.asked_by:
                    del self._making[view]

    def _seen(self, view: Hashable) -> object:
        self._made.move_to_end(view)
        kept = self._made[view]
        if not kept.shown:
            # What is worked out when it is first asked for stands in it only now.
            size = bytes_of(kept.made)
            self.taken += size - kept.size
            kept.size, kept.shown = size, True
        return kept.made

    def _keep(self, view: Hashable, made: object) -> None:
        size = bytes_of(made)
        with self._lock:
            self._made[view] = _Made(made, size)
            self.taken += size
            while self.taken > self.room and len(self._made) > 1:
                _, gone = self._made.popitem(last=False)
                self.taken -= gone.size
        collector.settle()


@st.cache_resource(show_spinner=False)
def views() -> Views:
    """The views that this process keeps."""
    return Views()


def bytes_of(made: object) -> int:
    """About how much memory something takes, with all that it holds."""
    return _bytes_of(made, {})


def _bytes_of(made: Any, seen: dict[int, Any]) -> int:
    """`seen` holds what was counted, so that nothing else can be found at its address."""
    if id(made) in seen:
        return 0
    seen[id(made)] = made
    if isinstance(made, pd.DataFrame):
        return int(made.memory_usage(deep=True).sum())
    if isinstance(made, pd.Series | pd.Index):
        return int(made.memory_usage(deep=True))
    if isinstance(made, np.ndarray):
        return int(made.nbytes)
    size = sys.getsizeof(made)
    if isinstance(made, Mapping):
        held = [*made.keys(), *made.values()]
    elif isinstance(made, list | tuple | set | frozenset):
        held = list(made)
    elif hasattr(made, "to_plotly_json"):
        held = [made.to_plotly_json()]
    elif dataclasses.is_dataclass(made) and not isinstance(made, type):
        # What is worked out once for all stands there too.
        held = list(vars(made).values())
    else:
        return size
    return size + sum(_bytes_of(one, seen) for one in held)
