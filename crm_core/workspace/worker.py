"""What the process beside the server does: estimates of one version of a base, for as long as it is asked.

Started as `python -m crm_core.workspace.worker FILE`, FILE the number of an open connection. It ends by
itself when nobody has asked for a while, or when the process that started it is gone.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from multiprocessing.connection import Connection
from typing import Final

from crm_core.base import CrmError
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.child import Answered, Asked, Opening, Said, Unasked
from crm_core.workspace.wanted import Unwanted, as_long_as

_NICENESS: Final = 10
_AT_ONCE: Final = 2


class _Worker:
    """One base, and the questions about it that are being worked on."""

    def __init__(self, connection: Connection[Answered, Said], opening: Opening) -> None:
        self._connection = connection
        self._opening = opening
        # Three locks: whoever takes questions must never wait for an answer that is on its way.
        self._opening_once = threading.Lock()
        self._counting = threading.Lock()
        self._sending = threading.Lock()
        self._busy = 0
        self._wanted: set[int] = set()

    @cached_property
    def _workspace(self) -> Workspace:
        return open_base(self._opening.location, version=self._opening.version)

    def serve(self) -> None:
        """Answer until nobody has asked for a while."""
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            while True:
                try:
                    asked = self._next()
                except (EOFError, OSError):
                    # Nobody is left who could be told.
                    os._exit(0)
                if isinstance(asked, Opening):
                    self._opening = asked
                elif isinstance(asked, Unasked):
                    self._wanted.discard(asked.number)
                elif asked is not None:
                    with self._counting:
                        self._busy += 1
                    self._wanted.add(asked.number)
                    threads.submit(self._answer, asked)
                elif not self._busy:
                    return

    def _next(self) -> Said | None:
        """What is said next, None when nobody has asked for a while."""
        return self._connection.recv() if self._connection.poll(self._opening.idle_seconds) else None

    def _answer(self, asked: Asked) -> None:
        try:
            with as_long_as(lambda: asked.number in self._wanted):
                self._send(self._answered(asked))
        finally:
            self._wanted.discard(asked.number)
            with self._counting:
                self._busy -= 1

    def _send(self, answer: Answered) -> None:
        with self._sending:
            try:
                self._connection.send(answer)
            except MemoryError:
                # Nothing of it was sent: an answer is packed as a whole before its first byte leaves.
                self._connection.send(Answered(answer.number, None, CrmError("engine.out_of_memory")))
            except OSError:
                os._exit(0)

    def _answered(self, asked: Asked) -> Answered:
        try:
            with self._opening_once:
                workspace = self._workspace
            rows = workspace.ask(asked.selection).rows(asked.build, as_of=asked.as_of, **asked.options)
        except CrmError as error:
            return Answered(asked.number, None, error)
        except Unwanted:
            # Nobody reads it; it only says that there is no more to come.
            return Answered(asked.number, None, CrmError("error.estimate_ended"))
        except MemoryError:
            return Answered(asked.number, None, CrmError("engine.out_of_memory"))
        except Exception:  # noqa: BLE001 - whoever asked gets an answer, and the server's log the reason
            return Answered(asked.number, None, traceback.format_exc())
        return Answered(asked.number, rows, None)


def main(file: int) -> None:
    """Take the first message, which says what base it is, and answer the others."""
    os.nice(_NICENESS)
    connection: Connection[Answered, Said] = Connection(file)
    opening = connection.recv()
    if not isinstance(opening, Opening):
        raise TypeError(opening)
    _Worker(connection, opening).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
