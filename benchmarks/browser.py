"""A reader's browser without a screen: what it says to the server, and what it gets back."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

_PATIENCE_SECONDS: Final = 120.0
_NO_WORDS: Final = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_ANSWER: Final = 'class="mo-answer"'
_FAILURE: Final = "mo-failure"

Address = tuple[str, Mapping[str, str | Sequence[str]]]
"""A page's path and the parts of its address."""


@dataclass
class Painted:
    """What came of one run of a page.

    Args:
        seconds: Until the run had ended.
        first_text: Until the first words; NaN when there were none.
        answer: Until the sentence that answers the page's question; NaN when there was none.
        words: Everything that can be read.
        failures: What went wrong: exceptions, and sentences that say that something failed.
        received: Bytes.
    """

    seconds: float = float("nan")
    first_text: float = float("nan")
    answer: float = float("nan")
    words: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    received: int = 0


class Browser:
    """One open page; `async with Browser(port) as browser: await browser.go("overview", {"lang": "fa"})`."""

    def __init__(self, port: int, *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._port = port
        self._patience = patience_seconds
        self._pages: dict[str, str] = {}
        self._page = ""
        self._known: dict[str, ForwardMsg] = {}
        self._connection: ClientConnection | None = None

    async def __aenter__(self) -> Browser:
        self._connection = await connect(
            f"ws://127.0.0.1:{self._port}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(f"http://127.0.0.1:{self._port}"),
            max_size=None,
            compression=None,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def go(self, page: str, parts: Mapping[str, str | Sequence[str]]) -> Painted:
        """Follow a link of the app: another address in the same session."""
        if self._connection is None:
            raise RuntimeError("the browser is not open")
        message = self._request(page, parts)
        painted, begin = Painted(), time.perf_counter()
        await self._connection.send(message.SerializeToString())
        while True:
            raw = await asyncio.wait_for(self._connection.recv(), self._patience)
            if not isinstance(raw, bytes):
                continue
            painted.received += len(raw)
            if self._take(ForwardMsg.FromString(raw), painted, time.perf_counter() - begin):
                return painted

    def _request(self, page: str, parts: Mapping[str, str | Sequence[str]]) -> BackMsg:
        message = BackMsg()
        run = message.rerun_script
        run.query_string = urlencode(parts, doseq=True)
        if page in self._pages:
            run.page_script_hash = self._pages[page]
            run.is_history_navigation = True
        else:
            run.page_name = page
        run.cached_message_hashes.extend(self._known)
        run.context_info.locale = "en-US"
        run.context_info.timezone = "UTC"
        run.context_info.color_scheme = "light"
        run.context_info.url = f"http://127.0.0.1:{self._port}/{page}"
        return message

    def _take(self, message: ForwardMsg, painted: Painted, now: float) -> bool:
        """Take in a message; True when it is the last one of a run."""
        if message.WhichOneof("type") == "ref_hash":
            message = self._known[message.ref_hash]
        elif message.metadata.cacheable:
            self._known[message.hash] = message
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "page_not_found":
            painted.failures.append(f"no page {message.page_not_found.page_name}")
        elif kind == "delta":
            self._read(message, painted, now)
        elif kind == "script_finished":
            painted.seconds = now
            # A run that was ended by the next one is followed by that one's own messages.
            return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False

    def _read(self, message: ForwardMsg, painted: Painted, now: float) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type") or ""
        shown = getattr(element, kind, None)
        if kind == "exception":
            painted.failures.append(f"{element.exception.type}: {element.exception.message}")
        body = getattr(shown, "body", "")
        if not isinstance(body, str):
            return
        words = " ".join(_NO_WORDS.sub(" ", body).split())
        if not words:
            return
        painted.words.append(words)
        if painted.first_text != painted.first_text:
            painted.first_text = now
        if _ANSWER in body:
            painted.answer = now
        if _FAILURE in body:
            painted.failures.append(words)
