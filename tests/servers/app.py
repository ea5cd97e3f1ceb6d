"""The app as `python -m crm_core serve` starts it, and a reader of it without a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

REPOSITORY = Path(__file__).resolve().parents[2]

_SECONDS = 60


@dataclass(frozen=True)
class AppServer:
    """A running app.

    Args:
        port: Where it listens, on 127.0.0.1.
        log: What it writes.
        pid: Its process.
    """

    port: int
    log: Path
    pid: int

    @property
    def url(self) -> str:
        """Its address, with a slash at the end."""
        return f"http://127.0.0.1:{self.port}/"


@contextmanager
def app_server(base: Path, directory: Path) -> Iterator[AppServer]:
    """The app on a base, from a process of its own; it is listening when this enters and gone when it leaves.

    Args:
        base: The base; it need not exist.
        directory: For what it writes.
    """
    log = directory / "server.log"
    port = _free_port()
    command = [sys.executable, "-m", "crm_core", "serve", "--base", str(base), "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=dict(os.environ), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", process)
            yield AppServer(port, log, process.pid)
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own server on this machine
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@dataclass
class Drawn:
    """What one run of the app drew.

    Args:
        html: The HTML of the elements, one text each, in their order.
        labels: The words of buttons, popovers and fields.
        errors: Stack traces that were shown.
        missing: Whether the address led to no page.
        seconds: How long the run took.
    """

    html: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    missing: bool = False
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """All the HTML, without style sheets and scripts."""
        return "\n".join(part for part in self.html if not part.startswith(("<style", "<script")))

    @property
    def headline(self) -> str:
        """The HTML of the page's answer; empty where there is none."""
        return next((part for part in self.html if "<h1" in part), "")


class Session:
    """A browser's side of one session, as far as reading pages goes."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def read(self, page: str = "", **query: str | list[str]) -> Drawn:
        """Open an address and wait until the page is drawn."""
        asked = BackMsg()
        asked.rerun_script.query_string = urlencode(query, doseq=True)
        asked.rerun_script.page_name = page
        return self._run(asked)

    def _run(self, asked: BackMsg) -> Drawn:
        drawn, start = Drawn(), time.perf_counter()
        self._socket.send(asked.SerializeToString())
        while True:
            message = ForwardMsg.FromString(_bytes(self._socket.recv(_SECONDS)))
            kind = message.WhichOneof("type")
            if kind == "page_not_found":
                drawn.missing = True
            elif kind == "delta":
                _note(drawn, message)
            elif kind == "script_finished":
                drawn.seconds = time.perf_counter() - start
                return drawn


@contextmanager
def session(server: AppServer) -> Iterator[Session]:
    """A new session of an app."""
    with connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        origin=Origin(server.url.rstrip("/")),
        max_size=None,
    ) as socket:
        yield Session(socket)


def _bytes(received: str | bytes) -> bytes:
    return received.encode() if isinstance(received, str) else received


def _note(drawn: Drawn, message: ForwardMsg) -> None:
    if message.delta.WhichOneof("type") == "add_block":
        block = message.delta.add_block
        drawn.labels.append(block.popover.label)
        return
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "html":
        drawn.html.append(element.html.body)
    elif kind == "exception":
        drawn.errors.append(element.exception.message)
    elif kind is not None:
        drawn.labels.append(str(getattr(getattr(element, kind), "label", "")))


def headers_of(url: str) -> Mapping[str, str]:
    """The headers with which an address answers, by their names in small letters."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own server on this machine
        return {name.lower(): value for name, value in answer.headers.items()}
