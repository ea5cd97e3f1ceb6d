"""Whether somebody still waits for what is being worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

T = TypeVar("T")

_PATIENCE_SECONDS: Final = 0.2


class Unwanted(BaseException):
    """Nobody waits any more. No error of what was asked, and nobody's answer."""


_WANTED: Final[ContextVar[Callable[[], bool] | None]] = ContextVar("wanted", default=None)


@contextmanager
def as_long_as(wanted: Callable[[], bool]) -> Iterator[None]:
    """What this thread asks within ends with its next question once it is not wanted any more.

    What was answered by then is kept for whoever asks again.
    """
    token = _WANTED.set(wanted)
    try:
        yield
    finally:
        _WANTED.reset(token)


def check_wanted() -> None:
    """Go on where somebody waits.

    Raises:
        Unwanted: Nobody does.
    """
    wanted = _WANTED.get()
    if wanted is not None and not wanted():
        raise Unwanted


def awaited(answer: Future[T]) -> T:
    """What somebody else is working out, for as long as it is wanted.

    Raises:
        Unwanted: It is not any more.
    """
    if _WANTED.get() is None:
        return answer.result()
    while True:
        try:
            return answer.result(_PATIENCE_SECONDS)
        except TimeoutError:
            if answer.done():
                return answer.result()
            check_wanted()
