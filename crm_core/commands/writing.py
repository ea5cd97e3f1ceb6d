"""Where what a command finds is written, and how far it has come."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from crm_core.base import InputError
from crm_core.i18n import Language


@contextlib.contextmanager
def output(path: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that is there only once it is whole."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    # An empty path and the root have no name to write beside.
    aside = path.parent / f".{path.name}.{os.getpid()}"
    try:
        with aside.open("wb") as file:
            yield file
        aside.replace(path)
    except OSError as error:
        raise InputError("metric.cannot_write", file=str(path)) from error
    finally:
        aside.unlink(missing_ok=True)


@contextlib.contextmanager
def progress(spoken: Language) -> Iterator[Callable[[float], None]]:
    """A line on a terminal that is rewritten as work goes on; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda share: None
        return
    yield lambda share: print(f"\r{spoken.percent(share)} ", end="", file=sys.stderr, flush=True)
    print("\r", end="", file=sys.stderr)
